/** Where Redis is, as REDIS_URL says it. */
export type RedisAddress =
  | (Access & { readonly kind: 'single'; readonly host: RedisHost })
  | (Access & { readonly kind: 'cluster'; readonly hosts: readonly RedisHost[] })
  | (Access & {
      readonly kind: 'sentinel';
      readonly hosts: readonly RedisHost[];
      readonly masterName: string;
    });

export interface RedisHost {
  readonly host: string;
  readonly port: number;
}

interface Access {
  readonly username: string;
  readonly password: string;
  readonly isTls: boolean;
  /** Number of the database; a Cluster has only 0. */
  readonly database: number;
}

const forms =
  'redis[s]://host:port/0, redis[s]+cluster://a:port,b:port or ' +
  'redis[s]+sentinel://a:port,b:port/mastername';

/**
 * @returns what is wrong with it, in a sentence that does not repeat a password, or the address.
 */
export function parseRedisUrl(url: string): RedisAddress | { readonly fault: string } {
  const match = pattern.exec(url);
  if (match?.groups === undefined) return { fault: `must look like ${forms}` };
  const { scheme = '', kind, access = '', hosts = '', path = '' } = match.groups;
  const defaultPort = kind === 'sentinel' ? 26_379 : 6379;
  const parsed = hosts.split(',').map((host) => parseHost(host, defaultPort));
  const [first] = parsed;
  if (first === undefined || first === null || !parsed.every((host) => host !== null))
    return { fault: 'names a host that is not host:port' };
  const rights = parseAccess(access);
  if (rights === null) return { fault: 'has a user or password with a broken %-escape' };
  const [name, number] = kind === 'sentinel' ? splitPath(path) : ['', path];
  if (!/^\d{0,5}$/.test(number)) return { fault: `names database "${number}", not a number` };
  const shared = { ...rights, isTls: scheme === 'rediss', database: Number(number) };
  if (kind === 'sentinel') {
    if (name === '') return { fault: 'names no master behind its sentinels: …/mastername' };
    return { kind, hosts: parsed, masterName: name, ...shared };
  }
  if (kind === 'cluster') {
    if (shared.database !== 0) return { fault: 'names a database; a Cluster has only 0' };
    return { kind, hosts: parsed, ...shared };
  }
  if (parsed.length > 1) return { fault: 'names several hosts: say redis+cluster:// or +sentinel' };
  return { kind: 'single', host: first, ...shared };
}

const pattern =
  /^(?<scheme>rediss?)(?:\+(?<kind>cluster|sentinel))?:\/\/(?:(?<access>[^@/]*)@)?(?<hosts>[^/@?#]+)(?:\/(?<path>[^?#]*))?$/;

function parseHost(text: string, defaultPort: number): RedisHost | null {
  const match = /^(?:\[(?<six>[0-9a-fA-F:.]+)\]|(?<name>[^:[\]\s]+))(?::(?<port>\d{1,5}))?$/.exec(
    text.trim(),
  );
  const host = match?.groups?.['six'] ?? match?.groups?.['name'];
  const port = Number(match?.groups?.['port'] ?? defaultPort);
  return host === undefined || port < 1 || port > 65_535 ? null : { host, port };
}

/** `user:password`, `:password` or nothing, %-escaped. */
function parseAccess(text: string): Pick<Access, 'username' | 'password'> | null {
  const colon = text.indexOf(':');
  const [user, password] =
    colon === -1 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
  try {
    return { username: decodeURIComponent(user), password: decodeURIComponent(password) };
  } catch {
    return null;
  }
}

/** `mastername` or `mastername/0`. */
function splitPath(path: string): readonly [string, string] {
  const slash = path.indexOf('/');
  return slash === -1 ? [path, ''] : [path.slice(0, slash), path.slice(slash + 1)];
}
