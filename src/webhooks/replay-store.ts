import { type Queryable, statement } from '../db/database.ts';
import type { DeliveryId, EndpointId, UserId } from '../ids.ts';
import type { DeliveryOfUser } from './log-store.ts';

const deliveryReplay = statement<{ readonly is_enabled: boolean }>(
  'webhook_delivery_replay',
  // One that still waits for its next attempt is only hurried; one that is under way (its lease is
  // shorter than the wait) is left to those who have it.
  `WITH wanted AS MATERIALIZED (
     SELECT d.id, w.state = 'enabled' AS is_enabled
       FROM webhook_deliveries d JOIN webhook_endpoints w ON w.id = d.endpoint_id
      WHERE d.id = $1 AND d.user_id = $2
        FOR NO KEY UPDATE OF d
   ), replayed AS (
     UPDATE webhook_deliveries d
        SET state = 'pending', due_at = clock_timestamp(), ended_at = NULL,
            failures = CASE WHEN d.state = 'pending' THEN d.failures ELSE 0 END
       FROM wanted
      WHERE d.id = wanted.id AND wanted.is_enabled
        AND (d.state <> 'pending' OR d.due_at > clock_timestamp() + $3 * interval '1 ms')
   )
   SELECT is_enabled FROM wanted`,
);

/** Null: there is none. The same message again, with the same id. */
export async function replayRow(
  database: Queryable,
  { id, userId }: DeliveryOfUser,
  leaseMs: number,
): Promise<{ readonly isEnabled: boolean } | null> {
  const [row] = await database.query(deliveryReplay, [id, userId, leaseMs]);
  return row === undefined ? null : { isEnabled: row.is_enabled };
}

export interface ReplayRange {
  readonly userId: UserId;
  readonly endpointId: EndpointId;
  readonly since: Date;
  readonly until: Date;
  /** Delivered ones too; else only what failed or was cancelled. */
  readonly withDelivered: boolean;
  /** Only what is older than this one, which the step before has reached. */
  readonly after: DeliveryId | null;
  readonly limit: number;
}

const rangeReplay = statement<{ readonly id: DeliveryId }>(
  'webhook_deliveries_replay_range',
  // Ids begin with the moment of their event, so a range of time is a range of the index.
  `WITH wanted AS MATERIALIZED (
     SELECT d.id FROM webhook_deliveries d
      WHERE d.endpoint_id = $1 AND d.user_id = $2
        AND d.id >= webhook_id_from($3) AND d.id < webhook_id_from($4)
        AND ($6::uuid IS NULL OR d.id > $6)
        AND (d.state IN ('failed', 'cancelled') OR ($5 AND d.state = 'delivered'))
      ORDER BY d.id LIMIT $7
        FOR NO KEY UPDATE
   )
   UPDATE webhook_deliveries d
      SET state = 'pending', due_at = clock_timestamp(), ended_at = NULL, failures = 0
     FROM wanted WHERE d.id = wanted.id
   RETURNING d.id`,
);

/** A step of it: what is replayed now is pending, so the same range again finds only the rest. */
export function replayStep(
  database: Queryable,
  range: ReplayRange,
): Promise<readonly { readonly id: DeliveryId }[]> {
  const { userId, endpointId, since, until, withDelivered, after, limit } = range;
  const values = [endpointId, userId, since, until, withDelivered, after, limit];
  return database.query(rangeReplay, values);
}
