import { isIP } from 'node:net';
import { kindOfAddress } from './addresses.ts';

/**
 * Where our messages may go. Whoever gives us an address decides where we connect to, so it is
 * never trusted: neither what it says nor what its name resolves to, and not a moment longer than
 * the connection that it was checked for.
 */
export interface Guard {
  /** When an endpoint is made: the address as written, and what its name stands for now. */
  readonly judge: (url: string) => Promise<UrlJudgement>;
  /** At every connect: what may be dialled for this host, and nothing else may. */
  readonly vet: (host: string) => Promise<Vetted>;
  /** At every attempt: the settings may have changed since the endpoint was made. */
  readonly read: (url: string) => UrlJudgement;
}

export type UrlJudgement =
  | { readonly kind: 'fine'; readonly url: URL }
  /** `detail` continues "The URL …" and tells nothing of what a name resolves to. */
  | { readonly kind: 'refused'; readonly detail: string };

export type Vetted =
  | { readonly kind: 'fine'; readonly addresses: readonly string[] }
  /** One of its addresses is not for us: then none is. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'unresolved' };

export interface GuardRules {
  readonly allowHttp: boolean;
  /** For development: this machine's own addresses, at any port, with or without TLS. */
  readonly allowLoopback: boolean;
  readonly ports: readonly number[];
}

/** IPv4 and IPv6 addresses; none where nobody knows the name. */
export type ResolveName = (name: string) => Promise<readonly string[]>;

export function openGuard(rules: GuardRules, resolveName: ResolveName): Guard {
  const isAllowed = (address: string): boolean => {
    const kind = kindOfAddress(address);
    return kind === 'public' || (kind === 'loopback' && rules.allowLoopback);
  };
  const vet = async (host: string): Promise<Vetted> => {
    const literal = literalOf(host);
    const known = literal === null && isLocalName(host) ? ['127.0.0.1', '::1'] : null;
    const addresses = literal === null ? (known ?? (await resolveName(host))) : [literal];
    if (addresses.length === 0) return { kind: 'unresolved' };
    return addresses.every(isAllowed) ? { kind: 'fine', addresses } : { kind: 'refused' };
  };
  const read = (text: string): UrlJudgement => readUrl(text, rules, isAllowed);
  return {
    vet,
    read,
    judge: async (text) => {
      const judgement = read(text);
      if (judgement.kind === 'refused') return judgement;
      // A name that nobody knows yet may be known when it matters.
      const vetted = await vet(judgement.url.hostname);
      return vetted.kind === 'refused' ? refused(notPublic) : judgement;
    },
  };
}

const urlLengthMax = 2000;
const notPublic = 'must lead to a public address';

/** WHATWG parsing comes first: it folds 2130706433, 0x7f.1 and ①②⑦.0.0.1 into 127.0.0.1. */
function readUrl(
  text: string,
  rules: GuardRules,
  isAllowed: (address: string) => boolean,
): UrlJudgement {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol) || text.length > urlLengthMax)
    return refused('must be an http or https URL of at most 2000 characters');
  if (url.username !== '' || url.password !== '')
    return refused('must not hold a user name or a password');
  const literal = literalOf(url.hostname);
  const isLocal = literal === null ? isLocalName(url.hostname) : isLoopback(literal);
  if (isLocal) return rules.allowLoopback ? { kind: 'fine', url } : refused(notPublic);
  if (literal !== null && !isAllowed(literal)) return refused(notPublic);
  if (url.protocol === 'http:' && !rules.allowHttp) return refused('must begin with https://');
  if (!rules.ports.includes(portOf(url)))
    return refused(`must have one of these ports: ${rules.ports.join(', ')}`);
  return { kind: 'fine', url };
}

function refused(detail: string): { readonly kind: 'refused'; readonly detail: string } {
  return { kind: 'refused', detail };
}

function isLoopback(address: string): boolean {
  return kindOfAddress(address) === 'loopback';
}

/** RFC 6761: never asked of anybody. */
function isLocalName(host: string): boolean {
  return /(^|\.)localhost\.?$/.test(host);
}

function literalOf(host: string): string | null {
  const bare = host.startsWith('[') ? host.slice(1, -1) : host;
  return isIP(bare) === 0 ? null : bare;
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}
