import { type Queryable, statement, type Tx } from '../db/database.ts';
import type { PaymentId, UserId } from '../ids.ts';
import { validAfterMs } from '../users/store.ts';
import type { ExistingPayment, UserStanding } from './accept-rules.ts';

const usersStanding = statement<UserStanding>(
  'payments_users_standing',
  `SELECT id, is_active AS "isActive", ${validAfterMs('users')} AS "validAfter"
     FROM users WHERE id = ANY($1::uuid[])`,
);

export function readStanding(
  tx: Queryable,
  ids: readonly UserId[],
): Promise<readonly UserStanding[]> {
  return tx.query(usersStanding, [ids]);
}

const existingColumns = `p.id, p.user_id AS "userId", p.account_id AS "accountId", p.kind,
  p.amount AS "amountMinor", p.currency, p.idempotency_key AS "idempotencyKey",
  p.request_id AS "requestId", p.description, p.metadata, p.answer_version AS "answerVersion",
  p.counter_account_id AS "counterAccountId", p.related_payment_id AS "relatedPaymentId", p.refusal,
  p.refusal_available AS "refusalAvailable", p.created_at AS "createdAt"`;

const paymentsByKey = statement<ExistingPayment>(
  'payments_by_key',
  `SELECT ${existingColumns} FROM unnest($1::uuid[], $2::text[]) AS k (user_id, key)
     JOIN payments p ON p.user_id = k.user_id AND p.idempotency_key = k.key`,
);

export function findByKeys(
  tx: Queryable,
  keys: readonly { readonly userId: UserId; readonly idempotencyKey: string }[],
): Promise<readonly ExistingPayment[]> {
  return tx.query(paymentsByKey, [
    keys.map((key) => key.userId),
    keys.map((key) => key.idempotencyKey),
  ]);
}

const paymentById = statement<ExistingPayment>(
  'payments_by_id',
  `SELECT ${existingColumns} FROM payments p WHERE p.id = $1`,
);

export async function findById(
  database: Queryable,
  id: PaymentId,
): Promise<ExistingPayment | null> {
  const [row] = await database.query(paymentById, [id]);
  return row ?? null;
}

const depositsRefunded = statement<{ readonly id: PaymentId; readonly amountMinor: bigint }>(
  'payments_refunded',
  `SELECT r.related_payment_id AS id, sum(r.amount)::bigint AS "amountMinor"
     FROM payments r JOIN payment_state s ON s.payment_id = r.id
    WHERE r.related_payment_id = ANY($1::uuid[]) AND r.kind = 'refund' AND s.status <> 'FAILED'
    GROUP BY r.related_payment_id`,
);

/**
 * What is, or may be, given back of each deposit. Read after its account is locked: nothing can be
 * added then that this does not see.
 */
export async function readRefunded(
  tx: Tx,
  depositIds: readonly PaymentId[],
): Promise<ReadonlyMap<PaymentId, bigint>> {
  if (depositIds.length === 0) return new Map();
  const rows = await tx.query(depositsRefunded, [depositIds]);
  return new Map(rows.map((row) => [row.id, row.amountMinor]));
}

const paymentsInsert = statement<Record<never, never>>(
  'payments_insert',
  // What no bank carries ends here. A refused withdrawal is stored as FAILED, so that its key
  // replays the refusal and the trail is whole. A plain INSERT: an equal key that another group has
  // just committed refuses this one (23505), and the group runs again and finds it. In key order:
  // two groups that share keys wait for each other in one direction only.
  `WITH input AS MATERIALIZED (
     SELECT *, CASE WHEN refusal IS NOT NULL THEN 'FAILED'
                    WHEN kind = 'transfer' THEN 'SUCCESS' ELSE 'PENDING' END AS status
       FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::bigint[],
                   $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bigint[],
                   $13::uuid[], $14::uuid[])
         AS t (id, user_id, account_id, kind, currency, amount, key, request_id, description,
               metadata, refusal, refusal_available, counter_account_id, related_payment_id)
   ), asked AS (
     INSERT INTO payments (id, user_id, account_id, kind, currency, amount, idempotency_key,
                           request_id, description, metadata, refusal, refusal_available,
                           counter_account_id, related_payment_id, bank, answer_version, created_at)
     SELECT id, user_id, account_id, kind, currency, amount, key, request_id, description, metadata,
            refusal, refusal_available, counter_account_id, related_payment_id,
            CASE WHEN kind <> 'transfer' THEN $15 END, $16, $17::timestamptz
       FROM input
      ORDER BY user_id, key
   ), stands AS (
     INSERT INTO payment_state (payment_id, status, next_contact, contact_at, due_at, error_code,
                                updated_at)
     SELECT id, status,
            CASE WHEN status = 'PENDING' THEN 'submit' END,
            CASE WHEN status = 'PENDING' THEN $17::timestamptz END,
            CASE WHEN status = 'PENDING' THEN $17::timestamptz + $18 * interval '1 ms' END,
            refusal, $17::timestamptz
       FROM input
   )
   INSERT INTO events (payment_id, version, user_id, type, data, created_at, epoch)
   SELECT id, 1, user_id,
          kind || CASE status WHEN 'PENDING' THEN '.created' WHEN 'FAILED' THEN '.failed'
                              ELSE '.succeeded' END,
          CASE WHEN refusal IS NULL THEN '{"status":"' || status || '"}'
               ELSE '{"status":"FAILED","error_code":"' || refusal || '"}' END,
          $17::timestamptz, (SELECT epoch FROM feed_epoch)
     FROM input`,
);

export interface InsertOptions {
  readonly bank: string;
  readonly now: Date;
  readonly answerVersion: number;
  /** Milliseconds after which the sweeper sends the hint again. */
  readonly hintAgainMs: number;
}

export function insertPayments(
  tx: Tx,
  payments: readonly ExistingPayment[],
  options: InsertOptions,
): Promise<unknown> {
  return tx.query(paymentsInsert, [
    payments.map((one) => one.id),
    payments.map((one) => one.userId),
    payments.map((one) => one.accountId),
    payments.map((one) => one.kind),
    payments.map((one) => one.currency),
    payments.map((one) => one.amountMinor),
    payments.map((one) => one.idempotencyKey),
    payments.map((one) => one.requestId),
    payments.map((one) => one.description),
    payments.map((one) => one.metadata),
    payments.map((one) => one.refusal),
    payments.map((one) => one.refusalAvailable),
    payments.map((one) => one.counterAccountId),
    payments.map((one) => one.relatedPaymentId),
    options.bank,
    options.answerVersion,
    options.now,
    options.hintAgainMs,
  ]);
}
