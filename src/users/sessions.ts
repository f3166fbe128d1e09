import { actors, appendAuditLog } from '../audit-log/append.ts';
import type { Database, Queryable, Tx } from '../db/database.ts';
import { newSessionId, type SessionId, type UserId } from '../ids.ts';
import { digestOf, isSecret, newSecret } from './secrets.ts';
import {
  endSession,
  endSessions,
  type FoundToken,
  insertSession,
  lockToken,
  rotateToken,
  type SessionEnd,
  selectSession,
} from './sessions-store.ts';
import { type JudgedUserRow, moveValidAfter } from './store.ts';

/**
 * A session begins when somebody signs in. It holds a chain of refresh tokens: each is exchanged
 * for the next, and counts once.
 */
export interface Sessions {
  readonly lifetimeSeconds: number;
  /** @returns the first refresh token of a new session */
  readonly open: (database: Queryable, userId: UserId) => Promise<string>;
  readonly refresh: (token: string, requestId: string) => Promise<RefreshResult>;
  /** What is no token of ours is as good as ended. */
  readonly end: (token: string, options: EndOptions) => Promise<UserId | null>;
}

export interface EndOptions {
  /** All sessions of the user, and the access tokens too. */
  readonly everywhere: boolean;
  readonly requestId: string;
}

export type RefreshResult =
  | { readonly kind: 'refreshed'; readonly user: JudgedUserRow; readonly refreshToken: string }
  /** Unknown, expired, ended, or its user is not active: one answer for all of them. */
  | { readonly kind: 'refused' };

const prefix = 'tgr_';

/** Of one user. Whoever signs in once more loses the eldest. */
const sessionsMax = 20;

/**
 * Two tabs, or an answer that was lost on the way: the same token comes twice within moments. Later
 * it is somebody else who has it, or had it.
 */
const reuseGraceMs = 10_000;

export function openSessions(database: Database, options: { readonly days: number }): Sessions {
  const lifetimeMs = options.days * 86_400_000;
  return {
    lifetimeSeconds: lifetimeMs / 1000,
    open: async (where, userId) => {
      const token = newSecret(prefix);
      const hash = digestOf(token);
      await insertSession(where, { id: newSessionId(), userId, hash, lifetimeMs, sessionsMax });
      return token;
    },
    refresh: async (token, requestId) => {
      if (!isSecret(token, prefix)) return { kind: 'refused' };
      const oldHash = digestOf(token);
      return database.transaction((tx) => exchange(tx, { oldHash, lifetimeMs, requestId }));
    },
    end: async (token, ending) => {
      if (!isSecret(token, prefix)) return null;
      return database.transaction(async (tx) => {
        const session = await selectSession(tx, digestOf(token));
        if (session === null) return null;
        if (ending.everywhere) await endEverything(tx, session.user_id, 'logout');
        else await endSession(tx, session.id, 'logout');
        const action = ending.everywhere ? 'session.end_all' : 'session.end';
        await recordEnd(tx, { session, action, requestId: ending.requestId });
        return session.user_id;
      });
    },
  };
}

async function exchange(
  tx: Tx,
  options: { readonly oldHash: string; readonly lifetimeMs: number; readonly requestId: string },
): Promise<RefreshResult> {
  const { oldHash, lifetimeMs, requestId } = options;
  const found = await lockToken(tx, oldHash);
  const verdict = found === null ? 'refuse' : judge(found);
  if (found === null || verdict === 'refuse') return { kind: 'refused' };
  if (verdict === 'end') {
    await endStolen(tx, found, requestId);
    return { kind: 'refused' };
  }
  const refreshToken = newSecret(prefix);
  const newHash = digestOf(refreshToken);
  await rotateToken(tx, { oldHash, newHash, sessionId: found.session_id, lifetimeMs });
  return { kind: 'refreshed', user: found, refreshToken };
}

/** Pure. */
export function judge(
  found: Pick<
    FoundToken,
    'session_ended' | 'expired' | 'outdated' | 'is_active' | 'rotated_ms_ago'
  >,
): 'exchange' | 'refuse' | 'end' {
  if (found.session_ended || found.expired || found.outdated || !found.is_active) return 'refuse';
  if (found.rotated_ms_ago === null || found.rotated_ms_ago <= reuseGraceMs) return 'exchange';
  return 'end';
}

/**
 * Nothing that was issued before now counts any more, neither access tokens nor sessions. API keys
 * live on: each is revoked by itself.
 *
 * @returns the moment, milliseconds: tokens issued from it on count
 */
export async function endEverything(tx: Tx, userId: UserId, by: SessionEnd): Promise<number> {
  // The user's row first: whoever else ends everything waits here, not among the sessions.
  const validAfterMs = await moveValidAfter(tx, userId);
  await endSessions(tx, userId, by);
  return validAfterMs;
}

/** Which of the two is the thief cannot be told, so neither goes on. */
async function endStolen(tx: Tx, found: FoundToken, requestId: string): Promise<void> {
  const session = { id: found.session_id, user_id: found.id };
  await endSession(tx, session.id, 'reuse');
  await recordEnd(tx, { session, action: 'session.reuse_detected', requestId });
}

function recordEnd(
  tx: Tx,
  end: {
    readonly session: { readonly id: SessionId; readonly user_id: UserId };
    readonly action: string;
    readonly requestId: string;
  },
): Promise<void> {
  const { session, action, requestId } = end;
  const isReuse = action === 'session.reuse_detected';
  return appendAuditLog(tx, [
    {
      actor: isReuse ? actors.system : actors.user(session.user_id),
      action,
      subject: `user:${session.user_id}`,
      before: null,
      after: { session: session.id },
      reason: null,
      requestId,
    },
  ]);
}
