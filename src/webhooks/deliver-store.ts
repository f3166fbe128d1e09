import { type Queryable, statement } from '../db/database.ts';
import type { DeliveryId, EndpointId, UserId, WorkerId } from '../ids.ts';
import type { Currency } from '../money.ts';

/** A delivery that is ours until its lease ends, with all that its message is made of. */
export interface ClaimedRow {
  readonly id: DeliveryId;
  readonly endpointId: EndpointId;
  readonly userId: UserId;
  readonly type: string;
  readonly fence: number;
  readonly failures: number;
  readonly occurredAt: Date;
  readonly bodyVersion: number;
  readonly data: string | null;
  readonly paymentId: string | null;
  readonly version: number | null;
  readonly changed: string | null;
  readonly accountId: string | null;
  readonly counterAccountId: string | null;
  readonly relatedPaymentId: string | null;
  readonly paymentKind: string | null;
  readonly amountMinor: bigint | null;
  readonly currency: Currency | null;
  readonly description: string | null;
  readonly metadata: string | null;
  readonly createdAt: Date | null;
  readonly url: string;
  /** Sealed, hex. */
  readonly secret: string;
  /** Null: there is none, or its time is over. */
  readonly previousSecret: string | null;
  /** How long the endpoint still rests. */
  readonly restMs: number;
}

const deliveriesClaim = statement<ClaimedRow>(
  'webhook_deliveries_claim',
  // Moved first, and committed before anything is sent: whoever dies now leaves a row that is due
  // again. What is due for an endpoint that was switched off meanwhile ends here.
  `WITH due AS MATERIALIZED (
     SELECT id FROM webhook_deliveries
      WHERE due_at <= clock_timestamp()
      ORDER BY due_at LIMIT $1
        FOR NO KEY UPDATE SKIP LOCKED
   ), claimed AS (
     UPDATE webhook_deliveries d
        SET fence = d.fence + 1,
            state = CASE WHEN w.state = 'enabled' THEN 'pending' ELSE 'cancelled' END,
            due_at = CASE WHEN w.state = 'enabled'
                          THEN clock_timestamp() + $2 * interval '1 ms' END,
            ended_at = CASE WHEN w.state <> 'enabled' THEN clock_timestamp() END
       FROM due, webhook_endpoints w
      WHERE d.id = due.id AND w.id = d.endpoint_id
     RETURNING d.*, w.url, encode(w.secret, 'hex') AS secret,
               CASE WHEN w.previous_secret_until > clock_timestamp()
                    THEN encode(w.previous_secret, 'hex') END AS previous_secret,
               greatest(0, extract(epoch FROM w.slow_until - clock_timestamp()) * 1000)::float8
                 AS rest_ms
   )
   SELECT c.id, c.endpoint_id AS "endpointId", c.user_id AS "userId", c.type, c.fence, c.failures,
          c.occurred_at AS "occurredAt", c.body_version AS "bodyVersion", c.data,
          c.payment_id AS "paymentId", c.version, e.data AS changed, p.account_id AS "accountId",
          p.counter_account_id AS "counterAccountId", p.related_payment_id AS "relatedPaymentId",
          p.kind AS "paymentKind", p.amount AS "amountMinor", p.currency, p.description, p.metadata,
          p.created_at AS "createdAt", c.url, c.secret, c.previous_secret AS "previousSecret",
          coalesce(c.rest_ms, 0) AS "restMs"
     FROM claimed c
     LEFT JOIN events e ON e.payment_id = c.payment_id AND e.version = c.version
     LEFT JOIN payments p ON p.id = c.payment_id
    WHERE c.state = 'pending'`,
);

/** How many were looked at is told too: those of switched off endpoints are no work. */
export function claimDeliveries(
  database: Queryable,
  { rowsMax, leaseMs }: { readonly rowsMax: number; readonly leaseMs: number },
): Promise<readonly ClaimedRow[]> {
  return database.query(deliveriesClaim, [rowsMax, leaseMs]);
}

export interface Postponed {
  readonly id: DeliveryId;
  readonly fence: number;
  readonly waitMs: number;
}

const deliveriesPostpone = statement<Record<never, never>>(
  'webhook_deliveries_postpone',
  `UPDATE webhook_deliveries d SET due_at = clock_timestamp() + p.wait_ms * interval '1 ms'
     FROM unnest($1::uuid[], $2::int[], $3::float8[]) AS p (id, fence, wait_ms)
    WHERE d.id = p.id AND d.fence = p.fence AND d.state = 'pending'`,
);

/** What was claimed and not sent: no attempt, and nothing is on record. */
export function postponeDeliveries(
  database: Queryable,
  rows: readonly Postponed[],
): Promise<unknown> {
  return database.query(deliveriesPostpone, [
    rows.map((one) => one.id),
    rows.map((one) => one.fence),
    rows.map((one) => one.waitMs),
  ]);
}

/** An attempt, and what follows from it. */
export interface AttemptRow {
  readonly id: DeliveryId;
  readonly endpointId: EndpointId;
  readonly fence: number;
  readonly worker: WorkerId;
  /** Milliseconds before now: the row's times are the database's. */
  readonly startedAgoMs: number;
  readonly latencyMs: number;
  readonly status: number | null;
  readonly error: string | null;
  readonly answer: string | null;
  readonly state: 'pending' | 'delivered' | 'failed' | 'cancelled';
  /** Until the next attempt, where it is pending. */
  readonly waitMs: number | null;
  /** How long the endpoint rests; null: no longer than before. */
  readonly restMs: number | null;
}

const attemptsRecord = statement<{ readonly endpoint_id: EndpointId }>(
  'webhook_attempts_record',
  // One that was overtaken (its lease had ended, or it was replayed) is still on record. The
  // endpoint's row is written only where something about it changes: not once a delivery.
  `WITH tried AS MATERIALIZED (
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[], $5::float8[], $6::float8[],
                          $7::smallint[], $8::text[], $9::text[], $10::text[], $11::float8[],
                          $12::float8[])
       AS t (id, endpoint_id, fence, worker, started_ago, latency, status, error, answer, state,
             wait_ms, rest_ms)
   ), logged AS (
     INSERT INTO webhook_attempts (delivery_id, fence, worker, started_at, latency_ms, status, error,
                                   answer)
     SELECT id, fence, worker, clock_timestamp() - started_ago * interval '1 ms', round(latency),
            status, error, answer
       FROM tried ORDER BY id
     ON CONFLICT DO NOTHING
   ), moved AS (
     UPDATE webhook_deliveries d
        SET state = t.state,
            due_at = clock_timestamp() + t.wait_ms * interval '1 ms',
            failures = d.failures + (t.state <> 'delivered')::int,
            ended_at = CASE WHEN t.state <> 'pending' THEN clock_timestamp() END
       FROM tried t
      WHERE d.id = t.id AND d.fence = t.fence AND d.state = 'pending'
   ), judged AS MATERIALIZED (
     SELECT endpoint_id, bool_or(state = 'delivered') AS delivered, max(rest_ms) AS rest_ms
       FROM tried GROUP BY endpoint_id
   ), locked AS MATERIALIZED (
     SELECT w.id, j.delivered, j.rest_ms
       FROM webhook_endpoints w JOIN judged j ON j.endpoint_id = w.id
      WHERE (w.failing_since IS NULL) <> j.delivered OR j.rest_ms IS NOT NULL
      ORDER BY w.id FOR NO KEY UPDATE OF w
   ), told AS (
     UPDATE webhook_endpoints w
        SET failing_since = CASE WHEN l.delivered THEN NULL
                                 ELSE coalesce(w.failing_since, clock_timestamp()) END,
            slow_until = coalesce(clock_timestamp() + l.rest_ms * interval '1 ms', w.slow_until)
       FROM locked l WHERE w.id = l.id
   )
   SELECT w.id AS endpoint_id FROM webhook_endpoints w JOIN judged j ON j.endpoint_id = w.id
    WHERE NOT j.delivered AND w.state = 'enabled'
      AND w.failing_since <= clock_timestamp() - $13 * interval '1 ms'`,
);

/** @returns endpoints that have failed for so long that they are to be switched off */
export async function recordAttempts(
  database: Queryable,
  attempts: readonly AttemptRow[],
  disableAfterMs: number,
): Promise<readonly EndpointId[]> {
  const rows = await database.query(attemptsRecord, [
    attempts.map((one) => one.id),
    attempts.map((one) => one.endpointId),
    attempts.map((one) => one.fence),
    attempts.map((one) => one.worker),
    attempts.map((one) => one.startedAgoMs),
    attempts.map((one) => one.latencyMs),
    attempts.map((one) => one.status),
    attempts.map((one) => one.error),
    attempts.map((one) => one.answer),
    attempts.map((one) => one.state),
    attempts.map((one) => one.waitMs),
    attempts.map((one) => one.restMs),
    disableAfterMs,
  ]);
  return rows.map((row) => row.endpoint_id);
}
