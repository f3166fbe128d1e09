import { type Queryable, statement, type Tx } from '../db/database.ts';
import type { EndpointId, UserId } from '../ids.ts';

export interface EndpointRow {
  readonly id: EndpointId;
  readonly url: string;
  readonly description: string | null;
  readonly event_types: readonly string[] | null;
  readonly state: 'enabled' | 'disabled';
  readonly disabled_why: 'owner' | 'gone' | 'failing' | null;
  readonly disabled_at: Date | null;
  readonly failing_since: Date | null;
  /** Until when the secret before this one signs too. */
  readonly previous_secret_until: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

const columns = `id, url, description, event_types, state, disabled_why, disabled_at, failing_since,
  CASE WHEN previous_secret_until > clock_timestamp() THEN previous_secret_until END
    AS previous_secret_until, created_at, updated_at`;

/** In the milliseconds that answers show. */
const now = `date_trunc('milliseconds', clock_timestamp())`;

const ownerLock = statement<Record<never, never>>(
  'webhook_endpoints_owner_lock',
  'SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE',
);

const endpointsCount = statement<{ readonly endpoints: bigint }>(
  'webhook_endpoints_count',
  `SELECT count(*) AS endpoints FROM webhook_endpoints WHERE user_id = $1 AND state <> 'deleted'`,
);

/** Under the lock of its owner, so that many at once cannot pass the limit together. */
export async function countEndpoints(tx: Tx, userId: UserId): Promise<number> {
  await tx.query(ownerLock, [userId]);
  const [row] = await tx.query(endpointsCount, [userId]);
  return Number(row?.endpoints ?? 0n);
}

export interface NewEndpoint {
  readonly id: EndpointId;
  readonly userId: UserId;
  readonly url: string;
  readonly description: string | null;
  readonly eventTypes: readonly string[] | null;
  /** Sealed, hex. */
  readonly secret: string;
}

const endpointInsert = statement<EndpointRow>(
  'webhook_endpoint_insert',
  `INSERT INTO webhook_endpoints (id, user_id, url, description, event_types, secret, matches_since,
                                  created_at, updated_at)
   VALUES ($1, $2, $3, $4, $5::text[], decode($6, 'hex'), clock_timestamp(), ${now}, ${now})
   RETURNING ${columns}`,
);

export function insertEndpoint(tx: Tx, endpoint: NewEndpoint): Promise<readonly EndpointRow[]> {
  const { id, userId, url, description, eventTypes, secret } = endpoint;
  return tx.query(endpointInsert, [id, userId, url, description, eventTypes, secret]);
}

export interface EndpointOfUser {
  readonly id: EndpointId;
  readonly userId: UserId;
}

const endpointSelect = statement<EndpointRow>(
  'webhook_endpoint_select',
  `SELECT ${columns} FROM webhook_endpoints
    WHERE id = $1 AND user_id = $2 AND state <> 'deleted'`,
);

export async function selectEndpoint(
  database: Queryable,
  { id, userId }: EndpointOfUser,
): Promise<EndpointRow | null> {
  const [row] = await database.query(endpointSelect, [id, userId]);
  return row ?? null;
}

const endpointLock = statement<EndpointRow>(
  'webhook_endpoint_lock',
  `SELECT ${columns} FROM webhook_endpoints
    WHERE id = $1 AND user_id = $2 AND state <> 'deleted' FOR NO KEY UPDATE`,
);

export async function lockEndpoint(
  tx: Tx,
  { id, userId }: EndpointOfUser,
): Promise<EndpointRow | null> {
  const [row] = await tx.query(endpointLock, [id, userId]);
  return row ?? null;
}

const endpointsSelect = statement<EndpointRow>(
  'webhook_endpoints_select',
  `SELECT ${columns} FROM webhook_endpoints
    WHERE user_id = $1 AND state <> 'deleted' ORDER BY id DESC`,
);

/** All: a user has few. */
export function selectEndpoints(
  database: Queryable,
  userId: UserId,
): Promise<readonly EndpointRow[]> {
  return database.query(endpointsSelect, [userId]);
}

export interface EndpointChange {
  readonly url: string;
  readonly description: string | null;
  readonly eventTypes: readonly string[] | null;
  readonly enabled: boolean;
}

const endpointUpdate = statement<EndpointRow>(
  'webhook_endpoint_update',
  // Switched on again it begins anew: five days, and no rest. From the moment at which it asks for
  // other events on, the audit expects those.
  `UPDATE webhook_endpoints
      SET url = $2, description = $3, event_types = $4::text[],
          state = CASE WHEN $5 THEN 'enabled' ELSE 'disabled' END,
          disabled_why = CASE WHEN NOT $5 THEN coalesce(disabled_why, 'owner') END,
          disabled_at = CASE WHEN NOT $5 THEN coalesce(disabled_at, ${now}) END,
          failing_since = CASE WHEN state = 'enabled' OR NOT $5 THEN failing_since END,
          slow_until = CASE WHEN state = 'enabled' OR NOT $5 THEN slow_until END,
          matches_since = CASE WHEN (state = 'enabled') = $5
                                AND event_types IS NOT DISTINCT FROM $4::text[]
                               THEN matches_since ELSE clock_timestamp() END,
          updated_at = ${now}
    WHERE id = $1
   RETURNING ${columns}`,
);

/** Of a row that is locked. */
export function updateEndpoint(
  tx: Tx,
  id: EndpointId,
  { url, description, eventTypes, enabled }: EndpointChange,
): Promise<readonly EndpointRow[]> {
  return tx.query(endpointUpdate, [id, url, description, eventTypes, enabled]);
}

const secretRotate = statement<EndpointRow>(
  'webhook_endpoint_rotate',
  `UPDATE webhook_endpoints
      SET previous_secret = secret,
          previous_secret_until = ${now} + $3 * interval '1 second',
          secret = decode($2, 'hex'), updated_at = ${now}
    WHERE id = $1
   RETURNING ${columns}`,
);

/** Of a row that is locked. */
export function rotateSecretOf(
  tx: Tx,
  id: EndpointId,
  next: { readonly secret: string; readonly overlapSeconds: number },
): Promise<readonly EndpointRow[]> {
  return tx.query(secretRotate, [id, next.secret, next.overlapSeconds]);
}

const endpointDelete = statement<Record<never, never>>(
  'webhook_endpoint_delete',
  `UPDATE webhook_endpoints
      SET state = 'deleted', disabled_why = NULL, disabled_at = NULL, secret = NULL,
          previous_secret = NULL, previous_secret_until = NULL, matches_since = clock_timestamp(),
          updated_at = ${now}
    WHERE id = $1`,
);

/** Of a row that is locked. */
export function deleteEndpointRow(tx: Tx, id: EndpointId): Promise<unknown> {
  return tx.query(endpointDelete, [id]);
}
