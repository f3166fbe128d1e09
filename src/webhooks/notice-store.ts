import { type Queryable, statement } from '../db/database.ts';
import type { DeliveryId, EndpointId, UserId } from '../ids.ts';

/** A message of our own, to endpoints of one user. */
export interface NoticeRow {
  readonly id: DeliveryId;
  readonly endpointId: EndpointId;
  readonly userId: UserId;
  readonly type: string;
  /** JSON. */
  readonly data: string;
}

const noticesInsert = statement<Record<never, never>>(
  'webhook_notices_insert',
  `INSERT INTO webhook_deliveries (id, endpoint_id, user_id, type, data, occurred_at, due_at)
   SELECT id, endpoint_id, user_id, type, data, date_trunc('milliseconds', clock_timestamp()),
          clock_timestamp()
     FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[])
       AS n (id, endpoint_id, user_id, type, data)
    ORDER BY id`,
);

export function insertNotices(tx: Queryable, notices: readonly NoticeRow[]): Promise<unknown> {
  return tx.query(noticesInsert, [
    notices.map((one) => one.id),
    notices.map((one) => one.endpointId),
    notices.map((one) => one.userId),
    notices.map((one) => one.type),
    notices.map((one) => one.data),
  ]);
}
