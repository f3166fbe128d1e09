import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { present } from '../../src/assert.ts';
import { newAccountId, newBreakId, newPaymentId, type PaymentId } from '../../src/ids.ts';
import { type Books, commandFor, openBooks } from './books.ts';
import { openJourney } from './journey.ts';
import { approved, declined, unknown } from './scripted-bank.ts';

/**
 * Books with a payment of each kind and in each standing: what the audit must find nothing wrong
 * with, and what a seeded violation breaks.
 */
export async function openLivedInBooks(t: TestContext): Promise<Books> {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const person = await books.openAccount(1_000n);
  const start = async (amountMinor: bigint): Promise<PaymentId> => {
    const command = commandFor(person, { amountMinor });
    await journey.accept(command);
    return command.id;
  };
  for (const outcome of [approved, declined, unknown]) {
    const [claim] = await journey.claim(await start(100n));
    assert.ok(claim !== undefined);
    await journey.end(claim, outcome);
  }
  await start(100_000n);
  await start(100n);
  await giveBackMoveAndCorrect(books);
  return books;
}

/** One customer's deposit of 5.00: partly refunded, partly passed on, and booked 0.20 too high. */
async function giveBackMoveAndCorrect(books: Books): Promise<void> {
  const giver = await books.openAccount(500n);
  const receiver = await books.openAccount();
  const [row] = await books.sql<{ deposit: PaymentId; clearing: string }>(
    `SELECT (SELECT id FROM payments WHERE account_id = $1) AS deposit,
            (SELECT id FROM accounts WHERE kind = 'clearing') AS clearing`,
    [giver.accountId],
  );
  const { deposit, clearing } = present(row, 'a deposit was booked against the bank');
  const { userId, accountId } = giver;
  const book = (id: PaymentId, toId: string, amount: number, seq: number, after: number) =>
    books.sql(booked, [id, accountId, toId, amount, seq, after, toId === clearing ? null : amount]);

  const transfer = newPaymentId();
  const own = [userId, accountId];
  await books.sql(asked, [transfer, ...own, 'transfer', 120, null, receiver.accountId, null]);
  await books.sql(bornFinal, [transfer]);
  await book(transfer, receiver.accountId, 120, 2, 380);
  await books.sql(`UPDATE accounts SET balance = 120, last_seq = 1 WHERE id = $1`, [
    receiver.accountId,
  ]);

  const refunded = newPaymentId();
  await books.sql(asked, [refunded, ...own, 'refund', 30, 'scripted', null, deposit]);
  await books.sql(carriedOut, [refunded]);
  await book(refunded, clearing, 30, 3, 350);

  const refunding = newPaymentId();
  await books.sql(asked, [refunding, ...own, 'refund', 50, 'scripted', null, deposit]);
  await books.sql(underWay, [refunding]);

  const correction = newPaymentId();
  await books.sql(asked, [correction, ...own, 'correction', 20, null, clearing, deposit]);
  await books.sql(bornFinal, [correction]);
  await book(correction, clearing, 20, 4, 330);
  await books.sql(corrected, [newBreakId(), deposit, correction]);
  await books.sql(
    `UPDATE accounts SET balance = 330, held = 50, last_seq = 4, last_posted_at = now()
      WHERE id = $1`,
    [accountId],
  );
  await books.sql(`INSERT INTO accounts (id, kind, currency) VALUES ($1, 'suspense', 'USD')`, [
    newAccountId(),
  ]);
}

const asked = `
  WITH payment AS (
    INSERT INTO payments (id, user_id, account_id, kind, currency, amount, bank, answer_version,
                          counter_account_id, related_payment_id, idempotency_key, request_id,
                          created_at)
    VALUES ($1::uuid, $2, $3, $4::text, 'USD', $5, $6, 1, $7, $8,
            CASE WHEN $4::text = 'correction' THEN NULL ELSE $1::text END, 'seeded', now()))
  INSERT INTO events (payment_id, version, user_id, type, data, created_at, epoch)
  SELECT $1::uuid, 1, $2, $4::text || CASE WHEN $6::text IS NULL THEN '.succeeded' ELSE '.created' END,
         '{}', now(), 1`;

const bornFinal = `
  INSERT INTO payment_state (payment_id, status, updated_at) VALUES ($1, 'SUCCESS', now())`;

const carriedOut = `
  WITH stands AS (
    INSERT INTO payment_state (payment_id, status, fence, version, submits, bank_transaction_id,
                               updated_at)
    VALUES ($1, 'SUCCESS', 2, 3, 1, 'refunded', now())
  ), contacted AS (
    INSERT INTO attempts (payment_id, fence, contact, worker, started_at, ended_at, outcome, evidence)
    VALUES ($1, 1, 'submit', $1, now(), now(), 'approved', 'refunded')
  )
  INSERT INTO events (payment_id, version, user_id, type, data, created_at, epoch)
  SELECT $1, v, (SELECT user_id FROM payments WHERE id = $1),
         (ARRAY['', 'refund.processing', 'refund.succeeded'])[v], '{}', now(), 1
    FROM generate_series(2, 3) v`;

const underWay = `
  INSERT INTO payment_state (payment_id, status, next_contact, contact_at, due_at, updated_at)
  VALUES ($1, 'PENDING', 'submit', now(), now() + interval '1 h', now())`;

const booked = `
  INSERT INTO postings (account_id, seq, payment_id, amount, currency, balance_after, posted_at)
  VALUES ($2, $5, $1, -$4::bigint, 'USD', $6, now()),
         ($3, CASE WHEN $7::bigint IS NULL THEN nextval('system_posting_seq') ELSE 1 END, $1,
          $4::bigint, 'USD', $7::bigint, now())`;

const corrected = `
  INSERT INTO breaks (id, kind, source, fingerprint, bank, payment_id, currency, bank_amount,
                      booked_amount, detail, found_at, state, resolution, resolution_reason,
                      resolved_by, resolved_at, correction_id)
  VALUES ($1, 'amount_differs', 'statement', 'payment:' || $2::text || ':480', 'scripted', $2::uuid,
          'USD', 480, 500, 'seeded', now(), 'resolved', 'corrected', 'seeded', 'system', now(), $3)`;
