import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandFor } from '../../test/support/books.ts';
import {
  type CallbackDesk,
  openCallbackDesk,
  verdictsOf,
} from '../../test/support/callback-desk.ts';
import { claimTerms } from '../../test/support/journey.ts';
import { approved, declined, pending, unknown } from '../../test/support/scripted-bank.ts';
import { until } from '../../test/support/wait.ts';
import { present } from '../assert.ts';
import { systemClock } from '../clock.ts';
import type { PaymentId } from '../ids.ts';

interface State {
  readonly status: string;
  readonly fence: number;
  readonly claims_open: number;
  readonly in_seconds: number;
  readonly bank_transaction_id: string | null;
}

async function stateOf({ books }: CallbackDesk, id: PaymentId): Promise<State> {
  const [row] = await books.sql<State>(
    `SELECT status, fence, claims_open, bank_transaction_id,
            extract(epoch FROM contact_at - clock_timestamp())::float8 AS in_seconds
       FROM payment_state WHERE payment_id = $1`,
    [id],
  );
  return present(row, 'a payment has its state');
}

test('W14 the answer that is on its way when the callback comes still counts', async (t) => {
  const desk = await openCallbackDesk(t);
  const claim = await desk.submitted();
  await desk.call(claim.id, { bank_transaction_id: approved.bankTransactionId });
  const { fence, in_seconds } = await stateOf(desk, claim.id);
  assert.equal(fence, claim.fence);
  assert.ok(in_seconds > 0 && in_seconds <= 1, `the inquiry is due in ${in_seconds} s`);
  assert.equal((await desk.journey.end(claim, approved)).kind, 'succeed');
  await desk.review();
  assert.deepEqual(await verdictsOf(desk, claim.id), ['agrees']);
  await desk.books.assertAudited();
});

test('a second transaction of the bank for one payment is a break', async (t) => {
  const desk = await openCallbackDesk(t);
  const claim = await desk.submitted();
  await desk.journey.end(claim, approved);
  await desk.call(claim.id, { bank_transaction_id: 'another' });
  const breaks = await desk.books.sql(
    'SELECT kind, bank_amount::int, booked_amount::int FROM breaks WHERE payment_id = $1',
    [claim.id],
  );
  assert.deepEqual(breaks, [{ kind: 'duplicate', bank_amount: -200, booked_amount: -100 }]);
});

test('W14 an answer after the inquiry of a callback changes nothing', async (t) => {
  const desk = await openCallbackDesk(t);
  const claim = await desk.submitted();
  await desk.call(claim.id, { bank_transaction_id: approved.bankTransactionId });
  const [inquiry] = await until(
    async () => {
      const claims = await desk.journey.claim(claim.id);
      return claims.length > 0 ? claims : null;
    },
    { what: 'the inquiry to be due' },
  );
  const later = present(inquiry, 'one payment is one claim');
  assert.deepEqual([later.contact, later.fence], ['inquire', claim.fence + 1]);
  assert.equal((await desk.journey.end(later, approved)).kind, 'succeed');
  assert.equal((await desk.journey.end(claim, approved)).kind, 'overtaken');
  const booked = 'SELECT count(*)::int AS count FROM postings WHERE payment_id = $1';
  const [{ count } = { count: 0 }] = await desk.books.sql<{ count: number }>(booked, [claim.id]);
  assert.equal(count, 2, 'one entry, two sides');
  await desk.review();
  assert.deepEqual(await verdictsOf(desk, claim.id), ['agrees']);
  await desk.books.assertAudited();
});

test('a bank that repeats itself makes no payment look as if it killed workers', async (t) => {
  const desk = await openCallbackDesk(t);
  const claim = await desk.submitted();
  await desk.call(claim.id);
  await desk.books.makeDue([claim.id]);
  const [second] = await desk.journey.claim(claim.id);
  assert.equal(second?.fence, claim.fence + 1);
  for (let more = 1; more <= 4; more += 1) await desk.call(claim.id);
  assert.deepEqual(await desk.journey.claim(claim.id), [], 'its place is taken once');
  const { claims_open, in_seconds } = await stateOf(desk, claim.id);
  assert.equal(claims_open, 2);
  assert.ok(in_seconds > 20, 'the lease runs');
});

test('W13 a repeat waits for nobody who has the payment, and keeps it from nobody', async (t) => {
  const desk = await openCallbackDesk(t);
  const claim = await desk.submitted();
  const first = await desk.call(claim.id, { event_id: 'event-1' });
  const worker = await desk.books.connect();
  await worker.query('BEGIN');
  await worker.query('SELECT FROM payment_state WHERE payment_id = $1 FOR NO KEY UPDATE', [
    claim.id,
  ]);
  assert.deepEqual(await desk.call(claim.id, { event_id: 'event-1' }), {
    ...first,
    isDuplicate: true,
  });
  await worker.query('ROLLBACK');
});

test('a call that brings no news leaves whoever asks the bank alone', async (t) => {
  const desk = await openCallbackDesk(t);
  const claim = await desk.submitted();
  await desk.call(claim.id, { status: 'TIMEOUT', bank_transaction_id: null });
  assert.ok((await stateOf(desk, claim.id)).in_seconds > 20, 'the lease runs');
  assert.deepEqual(desk.announced, []);
});

test('an answer that puts the next inquiry off does so only until the next look', async (t) => {
  const desk = await openCallbackDesk(t);
  const claim = await desk.submitted();
  const startedAt = systemClock.monotonic();
  await desk.call(claim.id);
  // Asked before the bank had decided, and settled after its callback.
  const endedAt = systemClock.monotonic();
  const leaseEndsAt = endedAt + claimTerms.leaseMs;
  const asked = { claim, outcome: unknown, startedAt, endedAt, leaseEndsAt };
  assert.equal((await desk.journey.settle(asked)).kind, 'contact_again');
  assert.ok((await stateOf(desk, claim.id)).in_seconds > 3);
  await desk.review();
  assert.ok((await stateOf(desk, claim.id)).in_seconds <= 0, 'due now');
  assert.deepEqual(desk.announced, [claim.id]);
  const [inquiry] = await desk.journey.claim(claim.id);
  await desk.journey.end(present(inquiry, 'it is due'), pending);
  await desk.review();
  const { in_seconds } = await stateOf(desk, claim.id);
  assert.ok(in_seconds > 3, 'the bank was asked since: its schedule holds');
});

test('W17 a callback between an answer and its settling is held against the end', async (t) => {
  const desk = await openCallbackDesk(t);
  const claim = await desk.submitted();
  await desk.call(claim.id);
  assert.equal((await desk.journey.end(claim, declined)).kind, 'fail');
  for (let look = 1; look <= 2; look += 1) await desk.review();
  assert.deepEqual(await verdictsOf(desk, claim.id), ['contradiction']);
  const breaks = await desk.books.sql(
    `SELECT kind, source, bank_amount::int, booked_amount::int FROM breaks WHERE payment_id = $1`,
    [claim.id],
  );
  assert.deepEqual(breaks, [
    { kind: 'contradiction', source: 'callback', bank_amount: -100, booked_amount: 0 },
  ]);
  assert.equal((await stateOf(desk, claim.id)).status, 'FAILED');
  await desk.books.assertAudited();
});

test('a payment that was never submitted is asked about first', async (t) => {
  const desk = await openCallbackDesk(t);
  const command = commandFor(await desk.books.openAccount(1_000n));
  await desk.journey.accept(command);
  await desk.call(command.id);
  const [claim] = await desk.journey.claim(command.id);
  assert.equal(claim?.contact, 'inquire');
  const notFound = { kind: 'not_found', evidence: 'never seen' } as const;
  const settlement = await desk.journey.end(present(claim, 'it is due'), notFound);
  assert.deepEqual(
    settlement.kind === 'contact_again' ? settlement.contact : settlement,
    'submit',
    'then it is submitted as ever',
  );
});

const whole = { amount: '100', currency: 'USD' } as const;

test('a bank that cannot be asked settles by its callback, once', async (t) => {
  const desk = await openCallbackDesk(t, false);
  for (const [words, status] of [
    [{ status: 'SUCCESS', bank_transaction_id: 'BT7' }, 'SUCCESS'],
    [{ status: 'FAILED', error_code: 'INVALID_REQUEST' }, 'FAILED'],
    [{ status: 'INSUFFICIENT_FUNDS' }, 'FAILED'],
  ] as const) {
    const claim = await desk.submitted();
    await desk.journey.end(claim, unknown);
    const event = { ...whole, ...words, event_id: `event-${claim.id}` };
    const answers = await Promise.all([desk.call(claim.id, event), desk.call(claim.id, event)]);
    const verdicts = answers.map((one) => (one.kind === 'received' ? one.verdict : one.kind));
    assert.ok(verdicts.includes('settled'), verdicts.join());
    assert.equal((await stateOf(desk, claim.id)).status, status);
  }
  await desk.books.assertAudited();
});

test('a bank that cannot be asked settles nothing without amount, currency and number', async (t) => {
  const desk = await openCallbackDesk(t, false);
  for (const [words, verdict] of [
    [{ currency: 'USD' }, 'unproven'],
    [{ amount: '100' }, 'unproven'],
    [{ ...whole, bank_transaction_id: null }, 'unproven'],
    [{ ...whole, amount: '101' }, 'amount_differs'],
    [{ ...whole, status: 'TIMEOUT' }, 'no_news'],
  ] as const) {
    const claim = await desk.submitted();
    await desk.journey.end(claim, unknown);
    await desk.call(claim.id, words);
    assert.deepEqual(await verdictsOf(desk, claim.id), [verdict]);
    assert.equal((await stateOf(desk, claim.id)).status, 'PROCESSING');
  }
  await desk.books.assertAudited();
});
