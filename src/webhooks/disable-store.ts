import { statement, type Tx } from '../db/database.ts';
import type { EndpointId, UserId } from '../ids.ts';

export interface DisabledRow {
  readonly userId: UserId;
  readonly url: string;
  readonly failingSince: Date | null;
  readonly disabledAt: Date;
}

const endpointDisable = statement<DisabledRow>(
  'webhook_endpoint_disable',
  `UPDATE webhook_endpoints
      SET state = 'disabled', disabled_why = $2,
          disabled_at = date_trunc('milliseconds', clock_timestamp()),
          matches_since = clock_timestamp(), updated_at = clock_timestamp()
    WHERE id = $1 AND state = 'enabled'
   RETURNING user_id AS "userId", url, failing_since AS "failingSince",
             disabled_at AS "disabledAt"`,
);

/** Null: somebody else was first. */
export async function disableRow(
  tx: Tx,
  id: EndpointId,
  why: 'gone' | 'failing',
): Promise<DisabledRow | null> {
  const [row] = await tx.query(endpointDisable, [id, why]);
  return row ?? null;
}

const endpointsListening = statement<{ readonly id: EndpointId }>(
  'webhook_endpoints_listening',
  `SELECT id FROM webhook_endpoints
    WHERE user_id = $1 AND state = 'enabled' AND (event_types IS NULL OR $2 = ANY (event_types))
    ORDER BY id`,
);

export async function selectListening(
  tx: Tx,
  userId: UserId,
  type: string,
): Promise<readonly EndpointId[]> {
  const rows = await tx.query(endpointsListening, [userId, type]);
  return rows.map((row) => row.id);
}
