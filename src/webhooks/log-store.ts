import { type Queryable, statement } from '../db/database.ts';
import type { DeliveryId, EndpointId, PaymentId, UserId } from '../ids.ts';

export type DeliveryState = 'pending' | 'delivered' | 'failed' | 'cancelled';

export interface DeliveryRow {
  readonly id: DeliveryId;
  readonly endpoint_id: EndpointId;
  readonly type: string;
  readonly payment_id: PaymentId | null;
  readonly version: number | null;
  readonly state: DeliveryState;
  readonly occurred_at: Date;
  readonly due_at: Date | null;
  readonly ended_at: Date | null;
  readonly attempts: bigint;
}

const columns = `d.id, d.endpoint_id, d.type, d.payment_id, d.version, d.state, d.occurred_at,
  d.due_at, d.ended_at,
  (SELECT count(*) FROM webhook_attempts a WHERE a.delivery_id = d.id) AS attempts`;

export interface DeliveriesWanted {
  readonly userId: UserId;
  readonly endpointId: EndpointId | null;
  readonly paymentId: PaymentId | null;
  readonly state: DeliveryState | null;
  /** Older than this one. */
  readonly before: DeliveryId | null;
  readonly limit: number;
}

const deliveriesPage = statement<DeliveryRow>(
  'webhook_deliveries_page',
  // A page of each endpoint, of which the newest are kept: a user has few endpoints, and so no
  // further index on the table that grows with every event.
  `SELECT ${columns}
     FROM webhook_endpoints w
     CROSS JOIN LATERAL (
       SELECT * FROM webhook_deliveries d
        WHERE d.endpoint_id = w.id AND ($4::text IS NULL OR d.state = $4)
          AND ($5::uuid IS NULL OR d.id < $5)
        ORDER BY d.id DESC LIMIT $6
     ) d
    WHERE w.user_id = $1 AND ($2::uuid IS NULL OR w.id = $2) AND $3::uuid IS NULL
    ORDER BY d.id DESC LIMIT $6`,
);

const deliveriesOfPayment = statement<DeliveryRow>(
  'webhook_deliveries_of_payment',
  // The id of a delivery is made of its event and its endpoint: no index is needed to find it.
  `SELECT ${columns}
     FROM events e
     CROSS JOIN webhook_endpoints w
     JOIN webhook_deliveries d
       ON d.id = webhook_delivery_id(e.payment_id, e.version, w.id, e.created_at)
    WHERE e.payment_id = $3 AND e.user_id = $1 AND w.user_id = $1
      AND ($2::uuid IS NULL OR w.id = $2) AND ($4::text IS NULL OR d.state = $4)
      AND ($5::uuid IS NULL OR d.id < $5)
    ORDER BY d.id DESC LIMIT $6`,
);

/** Newest first. */
export function selectDeliveries(
  database: Queryable,
  wanted: DeliveriesWanted,
): Promise<readonly DeliveryRow[]> {
  const { userId, endpointId, paymentId, state, before, limit } = wanted;
  const asked = paymentId === null ? deliveriesPage : deliveriesOfPayment;
  return database.query(asked, [userId, endpointId, paymentId, state, before, limit]);
}

export interface DeliveryOfUser {
  readonly id: DeliveryId;
  readonly userId: UserId;
}

const deliverySelect = statement<DeliveryRow>(
  'webhook_delivery_select',
  `SELECT ${columns} FROM webhook_deliveries d WHERE d.id = $1 AND d.user_id = $2`,
);

export async function selectDelivery(
  database: Queryable,
  { id, userId }: DeliveryOfUser,
): Promise<DeliveryRow | null> {
  const [row] = await database.query(deliverySelect, [id, userId]);
  return row ?? null;
}

export interface AttemptLogRow {
  readonly started_at: Date;
  readonly latency_ms: number;
  readonly status: number | null;
  readonly error: string | null;
  readonly answer: string | null;
}

const attemptsSelect = statement<AttemptLogRow>(
  'webhook_attempts_select',
  `SELECT started_at, latency_ms, status, error, answer
     FROM webhook_attempts WHERE delivery_id = $1 ORDER BY fence DESC LIMIT $2`,
);

/** Newest first. */
export function selectAttemptsOf(
  database: Queryable,
  id: DeliveryId,
  limit: number,
): Promise<readonly AttemptLogRow[]> {
  return database.query(attemptsSelect, [id, limit]);
}
