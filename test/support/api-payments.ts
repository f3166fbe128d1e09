import { present } from '../../src/assert.ts';
import { systemClock } from '../../src/clock.ts';
import { type Database, statement } from '../../src/db/database.ts';
import { newPaymentId, newWorkerId, type PaymentId } from '../../src/ids.ts';
import { openClearing } from '../../src/ledger/clearing.ts';
import { parseCurrency } from '../../src/money.ts';
import type { PaymentKind, PaymentStatus } from '../../src/payments/states.ts';
import type { Person } from './api.ts';

export interface TestPayment {
  readonly kind?: PaymentKind;
  readonly status?: PaymentStatus;
  readonly errorCode?: string;
  readonly key?: string;
}

const insertPayment = statement<never>(
  'test_payment',
  `WITH p AS (
     INSERT INTO payments (id, user_id, account_id, kind, currency, amount, bank, answer_version,
                           idempotency_key, request_id, created_at)
     VALUES ($1, $2, $3, $4, 'USD', 1000, 'test', 1, $5, 'test', '2026-01-02T03:04:05Z')
     RETURNING id)
   INSERT INTO payment_state (payment_id, status, next_contact, contact_at, due_at, error_code,
                              updated_at)
   SELECT id, $6, CASE WHEN $7 THEN NULL ELSE 'submit' END, CASE WHEN $7 THEN NULL ELSE now() END,
          CASE WHEN $7 THEN NULL ELSE now() END, $8, now() FROM p`,
);

/** A payment of 10.00 USD as accept and settle would have left it, without its books. */
export async function insertTestPayment(
  database: Database,
  person: Person,
  payment: TestPayment,
): Promise<PaymentId> {
  const id = newPaymentId();
  const { kind = 'deposit', status = 'PENDING', key = id } = payment;
  const isFinal = status === 'SUCCESS' || status === 'FAILED';
  const errorCode = payment.errorCode ?? (status === 'FAILED' ? 'INVALID_REQUEST' : null);
  const values = [id, person.id, person.accountId, kind, key, status, isFinal, errorCode];
  await database.query(insertPayment, values);
  return id;
}

const insertEvent = statement<never>(
  'test_event',
  `INSERT INTO events (payment_id, version, user_id, type, data, created_at, epoch)
   VALUES ($1, $2::int, $3, $4, $5,
           '2026-01-02T03:04:05Z'::timestamptz + $2::int * interval '2 s', 1)`,
);

const insertAttempt = statement<never>(
  'test_attempt',
  `INSERT INTO attempts (payment_id, fence, contact, worker, started_at, ended_at, outcome, evidence)
   VALUES ($1, 1, 'submit', $2, '2026-01-02T03:04:07.5Z', '2026-01-02T03:04:08Z', 'approved',
           '200 APPROVED')`,
);

const insertPostings = statement<never>(
  'test_postings',
  `INSERT INTO postings (account_id, seq, payment_id, amount, currency, balance_after, posted_at)
   VALUES ($1, 1, $3, 1000, 'USD', 1000, now()), ($2, nextval('system_posting_seq'), $3, -1000,
           'USD', NULL, now())`,
);

/** Two events, one attempt and two postings for a deposit that went well. */
export async function insertTestTrail(
  database: Database,
  person: Person,
  id: PaymentId,
): Promise<void> {
  const succeeded = JSON.stringify({ status: 'SUCCESS' });
  await database.query(insertEvent, [id, 1, person.id, 'deposit.accepted', '{}']);
  await database.query(insertEvent, [id, 2, person.id, 'deposit.succeeded', succeeded]);
  await database.query(insertAttempt, [id, newWorkerId()]);
  const usd = present(parseCurrency('USD'), 'USD is a currency');
  const clearing = await openClearing(database, systemClock.monotonic)(usd);
  await database.query(insertPostings, [person.accountId, clearing, id]);
}
