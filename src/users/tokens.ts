import { createSigner, createVerifier } from 'fast-jwt';
import type { Clock } from '../clock.ts';
import { parseId, type UserId } from '../ids.ts';
import { parseRole, type Role } from './roles.ts';

/** What a valid access token says (RFC 9068 shape, RFC 8725 checks). */
export interface Claims {
  readonly userId: UserId;
  readonly role: Role;
  /** Milliseconds: `iat` carries a fraction, so that a token made just after `valid_after` lives. */
  readonly issuedAtMs: number;
}

export type TokenVerdict =
  | { readonly kind: 'valid'; readonly claims: Claims }
  | { readonly kind: 'expired' }
  | { readonly kind: 'invalid' };

export interface Tokens {
  readonly issue: (user: { readonly id: UserId; readonly role: Role }) => string;
  readonly verify: (token: string) => TokenVerdict;
  readonly expiresInSeconds: number;
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
    noTimestamp: true,
    header: { alg: 'HS256', typ: tokenType },
  });
  const check = createVerifier({
    key: options.secret,
    algorithms: ['HS256'],
    allowedIss: issuer,
    allowedAud: audience,
    checkTyp: tokenType,
    requiredClaims: ['iss', 'aud', 'sub', 'iat', 'exp', 'role'],
    cache: verifiedMax,
  });

  function issue(user: { readonly id: UserId; readonly role: Role }): string {
    const iat = options.clock.now() / 1000;
    const exp = Math.floor(iat) + expiresInSeconds;
    return sign({ iss: issuer, aud: audience, sub: user.id, role: user.role, iat, exp });
  }

  function verify(token: string): TokenVerdict {
    try {
      return readClaims(check(token));
    } catch (error) {
      const isExpired =
        error instanceof Error && 'code' in error && error.code === 'FAST_JWT_EXPIRED';
      return { kind: isExpired ? 'expired' : 'invalid' };
    }
  }

  return { issue, verify, expiresInSeconds };
}

function readClaims(payload: { sub?: unknown; role?: unknown; iat?: unknown }): TokenVerdict {
  const userId = typeof payload.sub === 'string' ? parseId<'user'>(payload.sub) : null;
  const role = parseRole(payload.role);
  if (userId === null || role === null || typeof payload.iat !== 'number')
    return { kind: 'invalid' };
  return { kind: 'valid', claims: { userId, role, issuedAtMs: Math.round(payload.iat * 1000) } };
}
