import { createSigner, createVerifier } from 'fast-jwt';
import type { Clock } from '../clock.ts';
import { parseId, type UserId } from '../ids.ts';
import { parseRole, type Role } from './roles.ts';

/** What a valid access token says (RFC 9068 shape, RFC 8725 checks). */
export interface Claims {
  readonly userId: UserId;
  readonly role: Role;
  /** `iat` has whole seconds: a token made right after `valid_after` would look older than it. */
  readonly issuedAtMs: number;
  /** No API key: a person signed in. */
  readonly key: null;
}

export type TokenVerdict =
  | { readonly kind: 'valid'; readonly claims: Claims }
  | { readonly kind: 'expired' }
  | { readonly kind: 'invalid' };

export interface Tokens {
  readonly issue: (user: TokenSubject) => string;
  readonly verify: (token: string) => TokenVerdict;
  readonly expiresInSeconds: number;
}

export interface TokenSubject {
  readonly id: UserId;
  readonly role: Role;
  /** The token counts from here on, also where our clock is behind the database's. */
  readonly valid_after_ms?: number;
  /** The database's moment at which its holder's right was looked at; none: it is now. */
  readonly judged_at_ms?: number;
}

export interface TokenOptions {
  readonly secret: string;
  readonly expireMinutes: number;
  readonly clock: Clock;
}

const issuer = 'tollgate';
const audience = 'tollgate-api';
const tokenType = 'at+jwt';

/** Tokens whose signature was checked once; 10,000 of about 400 bytes. */
const verifiedMax = 10_000;

export function openTokens(options: TokenOptions): Tokens {
  const expiresInSeconds = options.expireMinutes * 60;
  const sign = createSigner({
    key: options.secret,
    algorithm: 'HS256',
    header: { alg: 'HS256', typ: tokenType },
  });
  const check = createVerifier({
    key: options.secret,
    algorithms: ['HS256'],
    allowedIss: issuer,
    allowedAud: audience,
    checkTyp: tokenType,
    requiredClaims: ['iss', 'aud', 'sub', 'iat', 'iat_ms', 'exp', 'role'],
  });

  function issue(user: TokenSubject): string {
    const now = Math.floor(Math.max(options.clock.now(), user.valid_after_ms ?? 0));
    // Between the look at the user and this line somebody may have ended all tokens: also this one.
    const iat_ms = Math.max(user.judged_at_ms ?? now, user.valid_after_ms ?? 0);
    const iat = Math.floor(now / 1000);
    const exp = iat + expiresInSeconds;
    return sign({ iss: issuer, aud: audience, sub: user.id, role: user.role, iat, iat_ms, exp });
  }

  // By the token itself, so that a hit costs no hash: what was signed once stays signed until it
  // expires. Whether its user still counts is not remembered here.
  const verified = new Map<string, Verified>();

  function verify(token: string): TokenVerdict {
    const known = verified.get(token);
    if (known !== undefined && options.clock.now() < known.expiresAtMs) return known.verdict;
    return verifyAnew(token);
  }

  function verifyAnew(token: string): TokenVerdict {
    verified.delete(token);
    try {
      const payload: Payload = check(token);
      const verdict = readClaims(payload);
      if (verdict.kind === 'valid' && typeof payload.exp === 'number')
        remember(token, { verdict, expiresAtMs: payload.exp * 1000 });
      return verdict;
    } catch (error) {
      const isExpired =
        error instanceof Error && 'code' in error && error.code === 'FAST_JWT_EXPIRED';
      return { kind: isExpired ? 'expired' : 'invalid' };
    }
  }

  function remember(token: string, entry: Verified): void {
    verified.set(token, entry);
    const eldest = verified.keys().next();
    if (verified.size > verifiedMax && eldest.done !== true) verified.delete(eldest.value);
  }

  return { issue, verify, expiresInSeconds };
}

interface Verified {
  readonly verdict: TokenVerdict;
  readonly expiresAtMs: number;
}

interface Payload {
  readonly sub?: unknown;
  readonly role?: unknown;
  readonly iat_ms?: unknown;
  readonly exp?: unknown;
}

function readClaims(payload: Payload): TokenVerdict {
  const userId = typeof payload.sub === 'string' ? parseId<'user'>(payload.sub) : null;
  const role = parseRole(payload.role);
  const issuedAtMs = payload.iat_ms;
  if (userId === null || role === null || typeof issuedAtMs !== 'number')
    return { kind: 'invalid' };
  return { kind: 'valid', claims: { userId, role, issuedAtMs, key: null } };
}
