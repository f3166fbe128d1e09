import { type Queryable, statement, type Tx } from '../db/database.ts';
import type { ApiKeyId, UserId } from '../ids.ts';
import type { Role } from './roles.ts';
import type { Scope } from './scopes.ts';

export interface ApiKeyRow {
  readonly id: ApiKeyId;
  readonly user_id: UserId;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: readonly Scope[];
  readonly created_at: Date;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
  readonly last_used_at: Date | null;
  readonly rotated_to: ApiKeyId | null;
  readonly status: 'active' | 'expired' | 'revoked';
}

/** By the database's clock; whether its owner may still come in is not asked here. */
const status = `CASE WHEN k.revoked_at IS NOT NULL THEN 'revoked'
                     WHEN k.expires_at <= clock_timestamp() THEN 'expired' ELSE 'active' END`;

const columns = `k.id, k.user_id, k.name, k.prefix, k.scopes, k.created_at, k.expires_at,
  k.revoked_at, k.last_used_at, k.rotated_to, ${status} AS status`;

export interface NewApiKey {
  readonly id: ApiKeyId;
  readonly userId: UserId;
  readonly name: string;
  readonly prefix: string;
  /** 64 hex digits. */
  readonly hash: string;
  readonly scopes: readonly Scope[];
  /** Null: never. */
  readonly expiresAt: Date | null;
}

const keyInsert = statement<ApiKeyRow>(
  'api_keys_insert',
  `INSERT INTO api_keys AS k (id, user_id, name, prefix, hash, scopes, created_at, expires_at)
   VALUES ($1, $2, $3, $4, decode($5, 'hex'), $6::text[], clock_timestamp(), $7)
   RETURNING ${columns}`,
);

export function insertKey(tx: Tx, key: NewApiKey): Promise<readonly ApiKeyRow[]> {
  const { id, userId, name, prefix, hash, scopes, expiresAt } = key;
  return tx.query(keyInsert, [id, userId, name, prefix, hash, scopes, expiresAt]);
}

const ownerLock = statement<{ active: bigint }>(
  'api_keys_owner_lock',
  'SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE',
);

const keysCount = statement<{ active: bigint }>(
  'api_keys_count',
  `SELECT count(*) AS active FROM api_keys k WHERE user_id = $1 AND ${status} = 'active'`,
);

/** Under the lock of its owner, so that many at once cannot pass the limit together. */
export async function countKeys(tx: Tx, userId: UserId): Promise<number> {
  await tx.query(ownerLock, [userId]);
  const [row] = await tx.query(keysCount, [userId]);
  return Number(row?.active ?? 0n);
}

const keysPage = statement<ApiKeyRow>(
  'api_keys_page',
  `SELECT ${columns} FROM api_keys k
    WHERE user_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
);

export function selectKeys(
  database: Queryable,
  page: { readonly userId: UserId; readonly before: ApiKeyId | null; readonly limit: number },
): Promise<readonly ApiKeyRow[]> {
  return database.query(keysPage, [page.userId, page.before, page.limit]);
}

const keyLock = statement<ApiKeyRow>(
  'api_keys_lock',
  `SELECT ${columns} FROM api_keys k WHERE id = $1 AND user_id = $2 FOR NO KEY UPDATE`,
);

export interface KeyOfUser {
  readonly id: ApiKeyId;
  readonly userId: UserId;
}

export async function lockKey(tx: Tx, { id, userId }: KeyOfUser): Promise<ApiKeyRow | null> {
  const [row] = await tx.query(keyLock, [id, userId]);
  return row ?? null;
}

const keyRevoke = statement<ApiKeyRow>(
  'api_keys_revoke',
  `UPDATE api_keys AS k SET revoked_at = clock_timestamp()
    WHERE id = $1 AND revoked_at IS NULL RETURNING ${columns}`,
);

export function revokeKey(tx: Tx, id: ApiKeyId): Promise<unknown> {
  return tx.query(keyRevoke, [id]);
}

const keyRetire = statement<ApiKeyRow>(
  'api_keys_retire',
  `UPDATE api_keys AS k
      SET rotated_to = $2,
          expires_at = least(expires_at, clock_timestamp() + $3 * interval '1 second')
    WHERE id = $1 RETURNING ${columns}`,
);

export async function retireKey(
  tx: Tx,
  retirement: {
    readonly id: ApiKeyId;
    readonly successor: ApiKeyId;
    readonly overlapSeconds: number;
  },
): Promise<ApiKeyRow | null> {
  const { id, successor, overlapSeconds } = retirement;
  const [row] = await tx.query(keyRetire, [id, successor, overlapSeconds]);
  return row ?? null;
}

/** What decides whether a key counts. */
export interface KeyStandingRow {
  readonly id: ApiKeyId;
  readonly user_id: UserId;
  readonly scopes: readonly Scope[];
  readonly role: Role;
  readonly status: 'active' | 'expired' | 'revoked';
  readonly owner_active: boolean;
  /** When it was last used should be written down again. */
  readonly use_is_news: boolean;
}

const keyByHash = statement<KeyStandingRow>(
  'api_keys_by_hash',
  `SELECT k.id, k.user_id, k.scopes, u.role, ${status} AS status, u.is_active AS owner_active,
          coalesce(k.last_used_at < clock_timestamp() - interval '1 minute', true) AS use_is_news
     FROM api_keys k JOIN users u ON u.id = k.user_id
    WHERE k.hash = decode($1, 'hex')`,
);

export async function selectKeyStanding(
  database: Queryable,
  hash: string,
): Promise<KeyStandingRow | null> {
  const [row] = await database.query(keyByHash, [hash]);
  return row ?? null;
}

const keyTouch = statement<Record<never, never>>(
  'api_keys_touch',
  // Of many processes that had the same news, one writes.
  `UPDATE api_keys SET last_used_at = clock_timestamp()
    WHERE id = $1 AND coalesce(last_used_at < clock_timestamp() - interval '1 minute', true)`,
);

export function touchKey(database: Queryable, id: ApiKeyId): Promise<unknown> {
  return database.query(keyTouch, [id]);
}
