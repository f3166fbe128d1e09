import type {
  FastifyReply,
  FastifyRequest,
  onRequestAsyncHookHandler,
  onRequestHookHandler,
} from 'fastify';
import { assert, present, unreachable } from '../assert.ts';
import { actors } from '../audit-log/append.ts';
import type { ApiKeyId, UserId } from '../ids.ts';
import { isKey, type KeyStandings, type KeyVerdict } from '../users/key-standing.ts';
import { covers, type Role } from '../users/roles.ts';
import { allows, type Scope } from '../users/scopes.ts';
import type { Standings } from '../users/standing.ts';
import type { Tokens, TokenVerdict } from '../users/tokens.ts';
import type { Access } from './access.ts';
import { type ErrorCode, errorEntry } from './errors.ts';
import { sendProblem } from './problem.ts';

/** Who is asking. */
export interface Caller {
  readonly userId: UserId;
  /** As in the token; as in the database where the route reads the standing. */
  readonly role: Role;
  readonly issuedAtMs: number;
  /** The API key that was sent; null: a token. */
  readonly key: ApiKeyId | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null on routes that ask for no token. */
    caller: Caller | null;
  }
}

/** What a route that is not public asks for. */
type Needed = Exclude<Access, { readonly role: 'public' }>;

export interface Auth {
  /** The hooks that stand before a route. */
  readonly guards: (
    access: Needed,
  ) => readonly (onRequestHookHandler | onRequestAsyncHookHandler)[];
  /**
   * For an answer that goes on after its guards have let it in: whether the same token or key would
   * be let in now, as the same. Rejects where nobody can tell, which is a no.
   */
  readonly stillCounts: (request: FastifyRequest, access: Needed) => Promise<boolean>;
  /** What was changed here counts here at once; elsewhere within seconds. */
  readonly forget: (userId: UserId) => void;
}

export interface AuthParts {
  readonly tokens: Tokens;
  readonly standings: Standings;
  readonly keys: KeyStandings;
}

export function openAuth({ tokens, standings, keys }: AuthParts): Auth {
  /** Who it is: by a token's own word, or by a key that the database knew seconds ago. */
  const identify =
    (scope: Scope | null): onRequestHookHandler =>
    (request, reply, done) => {
      const bearer = readBearer(request.headers.authorization);
      if (bearer === null) return void refuse(reply, 'token_missing');
      if (!isKey(bearer)) return byToken(tokens.verify(bearer), request, reply, done);
      // An unreadable key is an error, and so a no.
      keys.verify(bearer).then((verdict) => byKey(verdict, scope, { request, reply, done }), done);
    };

  /** The user behind the token, as the database knew it seconds ago. */
  const standing: onRequestAsyncHookHandler = async (request, reply) => {
    const caller = callerOf(request);
    // The owner of a key was read with the key.
    if (caller.key !== null) return undefined;
    // An unreadable standing is an error, and so a no.
    const known = await standings.get(caller.userId);
    const counts = known?.isActive === true && caller.issuedAtMs >= known.validAfterMs;
    if (!counts) return refuse(reply, 'token_revoked');
    request.caller = { ...caller, role: known.role };
    return undefined;
  };

  const stillCounts: Auth['stillCounts'] = async (request, { scope }) => {
    const { role } = callerOf(request);
    const bearer = readBearer(request.headers.authorization);
    if (bearer === null) return false;
    if (isKey(bearer)) {
      const verdict = await keys.verify(bearer);
      if (verdict.kind !== 'valid' || scope === null) return false;
      return verdict.key.role === role && allows(verdict.key.scopes, scope, role);
    }
    const verdict = tokens.verify(bearer);
    if (verdict.kind !== 'valid') return false;
    const known = await standings.get(verdict.claims.userId);
    const counts = known?.isActive === true && verdict.claims.issuedAtMs >= known.validAfterMs;
    return counts && known.role === role;
  };

  return {
    stillCounts,
    guards: ({ role, scope, standing: where }) => {
      if (where === 'accept') {
        assert(role === 'user', 'accept checks that the user counts, not the role');
        return [identify(scope)];
      }
      const guards = [identify(scope), standing];
      return role === 'user' ? guards : [...guards, needRole(role)];
    },
    forget: (userId) => {
      standings.forget(userId);
      keys.forgetAll();
    },
  };
}

function byToken(
  verdict: TokenVerdict,
  request: FastifyRequest,
  reply: FastifyReply,
  done: () => void,
): void {
  switch (verdict.kind) {
    case 'valid':
      request.caller = verdict.claims;
      return done();
    case 'expired':
      return void refuse(reply, 'token_expired');
    case 'invalid':
      return void refuse(reply, 'token_invalid');
    default:
      return unreachable(verdict);
  }
}

interface Passage {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly done: () => void;
}

function byKey(verdict: KeyVerdict, scope: Scope | null, { request, reply, done }: Passage): void {
  switch (verdict.kind) {
    case 'valid': {
      const { id, userId, role, scopes } = verdict.key;
      // A key is revoked by itself: what ends tokens does not end it, so it is never too old.
      const issuedAtMs = Number.POSITIVE_INFINITY;
      request.caller = { userId, role, issuedAtMs, key: id };
      if (scope !== null && allows(scopes, scope, role)) return done();
      return void refuseKey(reply, scope);
    }
    case 'expired':
      return void refuse(reply, 'token_expired');
    case 'revoked':
      return void refuse(reply, 'token_revoked');
    case 'unknown':
      return void refuse(reply, 'token_invalid');
    default:
      return unreachable(verdict);
  }
}

function refuseKey(reply: FastifyReply, scope: Scope | null): FastifyReply {
  const needed = scope === null ? 'somebody who signed in, not an API key' : `the scope ${scope}`;
  const lacking = scope === null ? '' : `, scope="${scope}"`;
  return sendProblem(reply, 'forbidden', {
    values: { needed },
    headers: {
      'www-authenticate': `Bearer realm="tollgate", error="insufficient_scope"${lacking}`,
    },
  });
}

function needRole(role: Role): onRequestHookHandler {
  return (request, reply, done) => {
    if (covers(callerOf(request).role, role)) return done();
    return void sendProblem(reply, 'forbidden', { values: { needed: `the role ${role}` } });
  };
}

/** For the audit log: the person, or the key that acted for them. */
export function actorOf({ userId, key }: Caller): string {
  return key === null ? actors.user(userId) : actors.apiKey(key);
}

/** On a route that asks for a token there is a caller. */
export function callerOf(request: FastifyRequest): Caller {
  return present(request.caller, 'the token hook runs before this');
}

/** A token of ours has some 300 characters; nothing much longer is worth a signature check. */
const bearerLengthMax = 4096;

function readBearer(header: string | undefined): string | null {
  if (header === undefined || header.length > bearerLengthMax) return null;
  // The scheme's case does not matter (RFC 9110 section 11.1); ours is the usual one.
  const isBearer = header.startsWith('Bearer ') || /^bearer /i.test(header);
  const token = isBearer ? header.slice(7).trim() : '';
  return token === '' ? null : token;
}

function refuse(reply: FastifyReply, code: ErrorCode): FastifyReply {
  const { title } = errorEntry(code);
  const challenge =
    code === 'token_missing'
      ? 'Bearer realm="tollgate"'
      : `Bearer realm="tollgate", error="invalid_token", error_description="${title}"`;
  return sendProblem(reply, code, { headers: { 'www-authenticate': challenge } });
}
