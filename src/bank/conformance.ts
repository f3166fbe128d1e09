import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { systemClock } from '../clock.ts';
import type { Bank, BankCall, BankOrder } from './bank.ts';

/**
 * What a bank is asked to do in the suite. How a bank is brought to do it (an amount, a test
 * account) is its harness' business.
 */
export type Scenario =
  | 'approved'
  /** Approved, unless the bank misbehaves. */
  | 'ordinary'
  | 'declined'
  /** Refused with the certainty that nothing was done, however often it is submitted. */
  | 'unavailable'
  /** The answer is "I do not know", and the money moved. */
  | 'lost_and_moved'
  /** The same for the first submit, and nothing moved; the second is approved. */
  | 'lost_and_not_moved';

export interface BankHarness {
  /** Answers at once. */
  readonly bank: Bank;
  /** Works on every submit for longer than any test lasts. */
  readonly slowBank: Bank;
  /** Nobody listens at its address. */
  readonly absentBank: Bank;
  readonly amountMinor: (scenario: Scenario) => bigint;
  /** From now on, until told otherwise: so on every call; null is well. */
  readonly behave: (misbehaviour: Misbehaviour | null) => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * How a bank may misbehave, whatever it is asked. For each: what a submit may then be called, and
 * what an inquiry says once the bank behaves again. The rest is a connector that guesses.
 */
export const misbehaviours = {
  'timeout-moved': { submit: ['unknown'], truth: 'approved' },
  'timeout-not-moved': { submit: ['unknown'], truth: 'not_found' },
  'silent-moved': { submit: ['unknown'], truth: 'approved' },
  'silent-not-moved': { submit: ['unknown'], truth: 'not_found' },
  'server-error': { submit: ['unknown'], truth: 'not_found' },
  'server-error-moved': { submit: ['unknown'], truth: 'approved' },
  drip: { submit: ['unknown'], truth: 'approved' },
  cut: { submit: ['unknown'], truth: 'approved' },
  'hang-up': { submit: ['unknown'], truth: 'approved' },
  garbled: { submit: ['unknown'], truth: 'approved' },
  huge: { submit: ['unknown'], truth: 'approved' },
  surplus: { submit: ['approved', 'unknown'], truth: 'approved' },
  'wrong-amount': { submit: ['unknown'], truth: 'approved' },
  'wrong-currency': { submit: ['unknown'], truth: 'approved' },
  'wrong-reference': { submit: ['unknown'], truth: 'approved' },
  slow: { submit: ['unknown'], truth: 'approved' },
  late: { submit: ['unknown'], truth: 'approved' },
  'outage-refused': { submit: ['retryable', 'unknown'], truth: 'not_found' },
  'outage-503': { submit: ['retryable', 'unknown'], truth: 'not_found' },
  'outage-hang-up': { submit: ['unknown'], truth: 'not_found' },
} as const satisfies Readonly<
  Record<string, { readonly submit: readonly string[]; readonly truth: 'approved' | 'not_found' }>
>;

export type Misbehaviour = keyof typeof misbehaviours;

/** Shorter than a misbehaving bank takes, longer than any other does. */
const shortMs = 400;

/** Every connector runs this against the bank it connects to (or that bank's test system). */
export function exerciseBank(name: string, open: () => Promise<BankHarness>): void {
  let harness: BankHarness;
  const order = (scenario: Scenario, kind: BankOrder['kind'] = 'deposit'): BankOrder => ({
    reference: newReference(),
    kind,
    amountMinor: harness.amountMinor(scenario),
    currency: 'USD',
  });
  before(async () => {
    harness = await open();
  });
  after(() => harness.close());

  test(`${name}: an executed submit is approved, and an inquiry names the same transaction`, async () => {
    for (const kind of ['deposit', 'withdrawal', 'refund'] as const) {
      const related = kind === 'refund' ? { relatedReference: newReference() } : {};
      const asked: BankOrder = { ...order('approved', kind), ...related };
      const submitted = await harness.bank.submit(asked, call());
      assert.equal(submitted.kind, 'approved', submitted.evidence);
      const found = await harness.bank.inquire(asked, call());
      assert.deepEqual(transactionOf(found), transactionOf(submitted));
    }
  });

  test(`${name}: a repeated reference is one transaction within the deduplication window`, async () => {
    if (harness.bank.capabilities.deduplicationWindowMs === 0) return;
    const asked = order('approved');
    const answers = await Promise.all([1, 2, 3].map(() => harness.bank.submit(asked, call())));
    const later = await harness.bank.submit(asked, call());
    assert.equal(later.kind, 'approved', later.evidence);
    for (const answer of answers) assert.deepEqual(transactionOf(answer), transactionOf(later));
  });

  test(`${name}: a decline names its code and stays a decline`, async () => {
    const asked = order('declined');
    const submitted = await harness.bank.submit(asked, call());
    assert.equal(submitted.kind, 'declined', submitted.evidence);
    const found = await harness.bank.inquire(asked, call());
    assert.equal(found.kind, 'declined', found.evidence);
    assert.ok(submitted.kind === 'declined' && found.kind === 'declined');
    assert.match(submitted.errorCode, /^[A-Z_]+$/);
    assert.equal(found.errorCode, submitted.errorCode);
  });

  test(`${name}: a documented refusal is retryable and leaves nothing behind`, async () => {
    const asked = order('unavailable');
    const submitted = await harness.bank.submit(asked, call());
    assert.equal(submitted.kind, 'retryable', submitted.evidence);
    const found = await harness.bank.inquire(asked, call());
    assert.equal(found.kind, 'not_found', found.evidence);
  });

  test(`${name}: a lost answer is unknown, and the inquiry tells that the money moved`, async () => {
    const asked = order('lost_and_moved');
    const submitted = await harness.bank.submit(asked, call());
    assert.equal(submitted.kind, 'unknown', submitted.evidence);
    const found = await harness.bank.inquire(asked, call());
    assert.equal(found.kind, 'approved', found.evidence);
  });

  test(`${name}: a lost answer without a movement is unknown, and may be submitted again`, async () => {
    const asked = order('lost_and_not_moved');
    const submitted = await harness.bank.submit(asked, call());
    assert.equal(submitted.kind, 'unknown', submitted.evidence);
    const found = await harness.bank.inquire(asked, call());
    assert.equal(found.kind, 'not_found', found.evidence);
    const again = await harness.bank.submit(asked, call());
    assert.equal(again.kind, 'approved', again.evidence);
  });

  test(`${name}: what the bank did for another amount, currency or kind settles nothing`, async () => {
    const asked = order('approved');
    await harness.bank.submit(asked, call());
    const others: BankOrder[] = [
      { ...asked, amountMinor: asked.amountMinor + 1n },
      { ...asked, currency: 'EUR' },
      { ...asked, kind: 'withdrawal' },
    ];
    for (const other of others) {
      assert.equal((await harness.bank.submit(other, call())).kind, 'unknown');
      assert.equal((await harness.bank.inquire(other, call())).kind, 'unknown');
    }
  });

  test(`${name}: a reference that was never submitted is not found`, async () => {
    const found = await harness.bank.inquire(order('approved'), call());
    assert.equal(found.kind, 'not_found', found.evidence);
  });

  test(`${name}: a call ends by its deadline as unknown, and the bank still works on it`, async () => {
    const asked = order('approved');
    const startedMs = systemClock.monotonic();
    const submitted = await harness.slowBank.submit(asked, call(300));
    const tookMs = systemClock.monotonic() - startedMs;
    assert.equal(submitted.kind, 'unknown', submitted.evidence);
    assert.ok(tookMs >= 290 && tookMs < 5000, `took ${tookMs} ms`);
    const found = await harness.slowBank.inquire(asked, call());
    assert.equal(found.kind, 'pending', found.evidence);
  });

  test(`${name}: aborting ends every call in flight as unknown`, async () => {
    const controller = new AbortController();
    const signal = controller.signal;
    const calls = [1, 2, 3].map(() =>
      harness.slowBank.submit(order('approved'), { ...call(60_000), signal }),
    );
    setImmediate(() => controller.abort());
    for (const outcome of await Promise.all(calls)) assert.equal(outcome.kind, 'unknown');
    const late = await harness.slowBank.submit(order('approved'), { ...call(60_000), signal });
    assert.equal(late.kind, 'unknown');
  });

  test(`${name}: nobody there is retryable for a submit, unknown for an inquiry, and never an exception`, async () => {
    const asked = order('approved');
    const submitted = await harness.absentBank.submit(asked, call());
    assert.equal(submitted.kind, 'retryable', submitted.evidence);
    assert.ok(submitted.kind === 'retryable' && submitted.errorCode === 'BANK_UNREACHABLE');
    assert.equal((await harness.absentBank.inquire(asked, call())).kind, 'unknown');
    assert.equal(await harness.absentBank.ping(1000), false);
  });

  test(`${name}: of many calls at once each gets its own answer`, async () => {
    const orders = Array.from({ length: 300 }, () => order('approved'));
    const outcomes = await Promise.all(orders.map((one) => harness.bank.submit(one, call(30_000))));
    const ids = outcomes.map((outcome) => transactionOf(outcome));
    assert.equal(new Set(ids).size, orders.length);
    const found = await Promise.all(orders.map((one) => harness.bank.inquire(one, call(30_000))));
    assert.deepEqual(
      found.map((outcome) => transactionOf(outcome)),
      ids,
    );
  });

  for (const [misbehaviour, { submit, truth }] of Object.entries(misbehaviours))
    test(`${name}: ${misbehaviour} is ${submit.join(' or ')}, and ${truth} in the end`, async (t) => {
      t.after(() => harness.behave(null));
      // Proven by Object.entries of that very object.
      await harness.behave(misbehaviour as Misbehaviour);
      const asked = order('ordinary');
      const startedMs = systemClock.monotonic();
      const submitted = await harness.bank.submit(asked, call(shortMs));
      // Proven by `satisfies`: the union of the lists is a list of words.
      const allowed: readonly string[] = submit;
      assert.ok(allowed.includes(submitted.kind), `${submitted.kind}: ${submitted.evidence}`);
      // While it misbehaves an inquiry guesses as little, and ends by its deadline too.
      const meanwhile = await harness.bank.inquire(asked, call(shortMs));
      assert.notEqual(meanwhile.kind, 'declined', meanwhile.evidence);
      assert.ok(systemClock.monotonic() - startedMs < 2 * shortMs + 3_000);
      await harness.behave(null);
      await untilSaid(harness.bank, asked, truth);
    });

  test(`${name}: a bank that answers answers a ping`, async () => {
    assert.equal(await harness.bank.ping(5000), true);
  });
}

/** A late bank says "not found" first, a slow one "pending": asked until it says otherwise. */
async function untilSaid(
  bank: Bank,
  asked: BankOrder,
  truth: 'approved' | 'not_found',
): Promise<void> {
  const endsAt = systemClock.monotonic() + 10_000;
  for (;;) {
    const found = await bank.inquire(asked, call());
    if (found.kind === truth) return;
    assert.ok(systemClock.monotonic() < endsAt, `still ${found.kind}: ${found.evidence}`);
    assert.notEqual(found.kind, 'declined');
  }
}

function newReference(): string {
  return randomUUID().replaceAll('-', '');
}

function call(deadlineMs = 10_000): BankCall {
  return { deadlineMs, requestId: 'conformance' };
}

function transactionOf(outcome: Awaited<ReturnType<Bank['submit' | 'inquire']>>): string {
  assert.equal(outcome.kind, 'approved', outcome.evidence);
  assert.ok(outcome.kind === 'approved');
  return outcome.bankTransactionId;
}
