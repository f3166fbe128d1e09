import { type Queryable, statement, type Tx } from '../db/database.ts';
import type { SessionId, UserId } from '../ids.ts';
import { type JudgedUserRow, judgedAtMs, userColumns } from './store.ts';

export interface NewSession {
  readonly id: SessionId;
  readonly userId: UserId;
  /** 64 hex digits. */
  readonly hash: string;
  readonly lifetimeMs: number;
  /** With this one. */
  readonly sessionsMax: number;
}

const sessionInsert = statement<Record<never, never>>(
  'sessions_insert',
  // The eldest beyond the limit make room, and what ended long ago is swept out: no other statement
  // would ever look at it. A day is kept, for whoever asks what happened.
  `WITH now AS MATERIALIZED (SELECT clock_timestamp() AS at),
   opened AS (
     INSERT INTO sessions (id, user_id, created_at, expires_at)
     SELECT $1, $2, at, at + $4 * interval '1 ms' FROM now
   ), token AS (
     INSERT INTO refresh_tokens (hash, session_id, issued_at, expires_at)
     SELECT decode($3, 'hex'), $1, at, at + $4 * interval '1 ms' FROM now
   ), surplus AS (
     UPDATE sessions SET ended_at = at, ended_by = 'too_many' FROM now
      WHERE id IN (SELECT id FROM sessions WHERE user_id = $2 AND ended_at IS NULL
                    ORDER BY id DESC OFFSET $5)
   )
   DELETE FROM sessions
    WHERE user_id = $2
      AND least(ended_at, expires_at) < clock_timestamp() - interval '1 day'`,
);

export function insertSession(database: Queryable, session: NewSession): Promise<unknown> {
  const { id, userId, hash, lifetimeMs, sessionsMax } = session;
  return database.query(sessionInsert, [id, userId, hash, lifetimeMs, sessionsMax - 1]);
}

/** What a refresh token stands for, by the database's clock. */
export interface FoundToken extends JudgedUserRow {
  readonly session_id: SessionId;
  readonly session_ended: boolean;
  readonly expired: boolean;
  /** The user's tokens of before some moment were revoked, and this is one of them. */
  readonly outdated: boolean;
  /** Null: never yet. */
  readonly rotated_ms_ago: number | null;
}

const tokenLock = statement<Record<never, never>>(
  'refresh_tokens_lock',
  "SELECT FROM refresh_tokens WHERE hash = decode($1, 'hex') FOR NO KEY UPDATE",
);

const ownerLock = statement<Record<never, never>>(
  'refresh_tokens_owner_lock',
  `SELECT FROM users WHERE id = (SELECT s.user_id FROM refresh_tokens t
                                   JOIN sessions s ON s.id = t.session_id
                                  WHERE t.hash = decode($1, 'hex'))
      FOR SHARE`,
);

const tokenFound = statement<FoundToken>(
  'refresh_tokens_found',
  `SELECT ${userColumns('u')}, ${judgedAtMs} AS judged_at_ms, s.id AS session_id, s.ended_at IS NOT NULL AS session_ended,
          t.expires_at <= clock_timestamp() AS expired, t.issued_at < u.valid_after AS outdated,
          (extract(epoch FROM clock_timestamp() - t.rotated_at) * 1000)::float8 AS rotated_ms_ago
     FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id JOIN users u ON u.id = s.user_id
    WHERE t.hash = decode($1, 'hex')`,
);

/**
 * Two tabs with one token take turns, and nobody ends everything of the user meanwhile: a pair of
 * tokens that is made while he does would outlive it. Statements of their own: one that waited for
 * a lock would still see what stood there before.
 */
export async function lockToken(tx: Tx, hash: string): Promise<FoundToken | null> {
  await tx.query(tokenLock, [hash]);
  await tx.query(ownerLock, [hash]);
  const [row] = await tx.query(tokenFound, [hash]);
  return row ?? null;
}

const tokenRotation = statement<Record<never, never>>(
  'refresh_tokens_rotate',
  // The first exchange is the one that counts: a second tab does not win a second ten seconds.
  `WITH now AS MATERIALIZED (SELECT clock_timestamp() AS at),
   old AS (
     UPDATE refresh_tokens SET rotated_at = at FROM now
      WHERE hash = decode($1, 'hex') AND rotated_at IS NULL
   ), fresh AS (
     INSERT INTO refresh_tokens (hash, session_id, issued_at, expires_at)
     SELECT decode($2, 'hex'), $3, at, at + $4 * interval '1 ms' FROM now
   ), session AS (
     UPDATE sessions SET expires_at = at + $4 * interval '1 ms' FROM now WHERE id = $3
   )
   DELETE FROM refresh_tokens WHERE session_id = $3 AND expires_at <= clock_timestamp()`,
);

export function rotateToken(
  tx: Tx,
  rotation: {
    readonly oldHash: string;
    readonly newHash: string;
    readonly sessionId: SessionId;
    readonly lifetimeMs: number;
  },
): Promise<unknown> {
  const { oldHash, newHash, sessionId, lifetimeMs } = rotation;
  return tx.query(tokenRotation, [oldHash, newHash, sessionId, lifetimeMs]);
}

export type SessionEnd = 'logout' | 'reuse' | 'too_many' | 'password' | 'administrator';

const sessionEnd = statement<Record<never, never>>(
  'sessions_end',
  `UPDATE sessions SET ended_at = clock_timestamp(), ended_by = $2
    WHERE id = $1 AND ended_at IS NULL`,
);

export function endSession(tx: Queryable, id: SessionId, by: SessionEnd): Promise<unknown> {
  return tx.query(sessionEnd, [id, by]);
}

const sessionsEnd = statement<Record<never, never>>(
  'sessions_end_all',
  `UPDATE sessions SET ended_at = clock_timestamp(), ended_by = $2
    WHERE user_id = $1 AND ended_at IS NULL`,
);

export function endSessions(tx: Tx, userId: UserId, by: SessionEnd): Promise<unknown> {
  return tx.query(sessionsEnd, [userId, by]);
}

const sessionByToken = statement<{ id: SessionId; user_id: UserId }>(
  'sessions_by_token',
  `SELECT s.id, s.user_id FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id
    WHERE t.hash = decode($1, 'hex')
      AND s.ended_at IS NULL AND t.expires_at > clock_timestamp()`,
);

export async function selectSession(
  database: Queryable,
  hash: string,
): Promise<{ readonly id: SessionId; readonly user_id: UserId } | null> {
  const [row] = await database.query(sessionByToken, [hash]);
  return row ?? null;
}
