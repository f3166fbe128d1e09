import type {
  FastifyReply,
  FastifyRequest,
  onRequestAsyncHookHandler,
  onRequestHookHandler,
} from 'fastify';
import { assert, present, unreachable } from '../assert.ts';
import type { UserId } from '../ids.ts';
import { covers, type Role } from '../users/roles.ts';
import type { Standings } from '../users/standing.ts';
import type { Tokens } from '../users/tokens.ts';
import type { Access } from './access.ts';
import { type ErrorCode, errorEntry } from './errors.ts';
import { sendProblem } from './problem.ts';

/** Who is asking. */
export interface Caller {
  readonly userId: UserId;
  /** As in the token; as in the database where the route reads the standing. */
  readonly role: Role;
  readonly issuedAtMs: number;
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
}

export function openAuth(tokens: Tokens, standings: Standings): Auth {
  /** The token alone. */
  const token: onRequestHookHandler = (request, reply, done) => {
    const bearer = readBearer(request.headers.authorization);
    if (bearer === null) return void refuse(reply, 'token_missing');
    const verdict = tokens.verify(bearer);
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
  };

  /** The user behind the token, as the database knew it seconds ago. */
  const standing: onRequestAsyncHookHandler = async (request, reply) => {
    const caller = callerOf(request);
    // An unreadable standing is an error, and so a no.
    const known = await standings.get(caller.userId);
    const counts = known?.isActive === true && caller.issuedAtMs >= known.validAfterMs;
    if (!counts) return refuse(reply, 'token_revoked');
    request.caller = { ...caller, role: known.role };
    return undefined;
  };

  return {
    guards: (access) => {
      if (access.standing === 'accept') {
        assert(access.role === 'user', 'accept checks that the user counts, not the role');
        return [token];
      }
      return access.role === 'user' ? [token, standing] : [token, standing, needRole(access.role)];
    },
  };
}

function needRole(role: Role): onRequestHookHandler {
  return (request, reply, done) => {
    if (covers(callerOf(request).role, role)) return done();
    return void sendProblem(reply, 'forbidden', { values: { needed: `the role ${role}` } });
  };
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
