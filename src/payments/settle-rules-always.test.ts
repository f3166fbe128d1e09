import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  approved,
  declined,
  notFound,
  pending,
  retryable,
  unknown,
} from '../../test/support/scripted-bank.ts';
import type { BankOutcome } from '../bank/bank.ts';
import { newPaymentId } from '../ids.ts';
import { type ContactFacts, type ContactPolicy, decideSettlement } from './settle-rules.ts';
import type { LockedState } from './settle-store.ts';
import { isFinal } from './states.ts';

const now = new Date('2026-01-02T00:00:00.000Z');
const hourMs = 3_600_000;
const retryDelaysMs = [4_000, 16_000, 64_000];
const inquiryDelaysMs = [5_000, 30_000, 120_000, 600_000, hourMs];
const reviewInquiryDelayMs = 24 * hourMs;

const moment = fc
  .integer({ min: -100 * hourMs, max: hourMs })
  .map((ms) => new Date(now.getTime() + ms));

const anyState: fc.Arbitrary<LockedState> = fc.record({
  id: fc.constant(newPaymentId()),
  status: fc.constantFrom('PROCESSING', 'PROCESSING', 'PENDING_REVIEW', 'SUCCESS', 'FAILED'),
  fence: fc.integer({ min: 1, max: 3 }),
  version: fc.constant(2),
  submits: fc.integer({ min: 1, max: 5 }),
  inquiries: fc.integer({ min: 0, max: 20 }),
  claimsOpen: fc.integer({ min: 1, max: 6 }),
  unsure: fc.boolean(),
  deadlineAt: moment,
  firstSubmitAt: moment,
  lastSubmitAt: moment,
});

const anyContact = fc.oneof(
  fc.record({
    contact: fc.constant('submit' as const),
    outcome: fc.constantFrom<BankOutcome>(approved, declined, retryable, unknown),
  }),
  fc.record({
    contact: fc.constant('inquire' as const),
    outcome: fc.constantFrom<BankOutcome>(approved, declined, pending, notFound, unknown),
  }),
);

const anyFacts: fc.Arbitrary<ContactFacts> = fc
  .tuple(
    anyState,
    anyContact,
    fc.integer({ min: 1, max: 3 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  )
  .map(([state, { contact, outcome }, fence, random]) => {
    return { state, claim: { fence, contact }, outcome, now, askedAgoMs: 10, random };
  });

const anyPolicy = fc
  .constantFrom(0, hourMs, 24 * hourMs)
  .map((deduplicationWindowMs): ContactPolicy => {
    const bank = { deduplicationWindowMs, processingTimeMaxMs: 60_000, inquires: true };
    return { retryDelaysMs, inquiryDelaysMs, reviewInquiryDelayMs, bank };
  });

/** Something of this payment may have reached the bank and was never answered for. */
function isUnsure({ state, claim, outcome }: ContactFacts): boolean {
  return (
    state.unsure ||
    state.claimsOpen > 1 ||
    (claim.contact === 'submit' && outcome.kind === 'unknown')
  );
}

const isOvertaken = ({ state, claim }: ContactFacts): boolean =>
  state.status === 'SUCCESS' || state.status === 'FAILED' || state.fence !== claim.fence;

function always(rule: (facts: ContactFacts, policy: ContactPolicy) => void): void {
  fc.assert(fc.property(anyFacts, anyPolicy, rule), { numRuns: 2_000 });
}

test('an approval succeeds, unless somebody else was first', () =>
  always((facts, policy) => {
    if (facts.outcome.kind !== 'approved' || isOvertaken(facts)) return;
    assert.equal(decideSettlement(facts, policy).kind, 'succeed');
  }));

test('only an approval succeeds', () =>
  always((facts, policy) => {
    if (decideSettlement(facts, policy).kind !== 'succeed') return;
    assert.equal(facts.outcome.kind, 'approved');
  }));

test('whoever was overtaken changes nothing, and a contradiction is flagged', () =>
  always((facts, policy) => {
    const settlement = decideSettlement(facts, policy);
    assert.equal(settlement.kind === 'overtaken', isOvertaken(facts));
    if (settlement.kind !== 'overtaken') return;
    const { status } = facts.state;
    const { kind } = facts.outcome;
    const contradiction = settlement.contradiction;
    const isNoEnd = ['retryable', 'unknown', 'pending'].includes(kind);
    if (!isFinal(status) || isNoEnd) assert.equal(contradiction, null);
    else if (kind !== 'not_found') {
      const contradicts = (kind === 'approved') !== (status === 'SUCCESS');
      const expected = contradicts ? { ended: status, bankMoved: kind === 'approved' } : null;
      assert.deepEqual(contradiction, expected);
    }
  }));

test('an unsure payment is submitted again only where the bank still knows its reference', () =>
  always((facts, policy) => {
    const settlement = decideSettlement(facts, policy);
    if (settlement.kind !== 'contact_again' || settlement.contact !== 'submit') return;
    if (!isUnsure(facts)) return;
    assert.equal(settlement.unsure, true);
    assert.equal(facts.outcome.kind, 'not_found');
    const firstAt = facts.state.firstSubmitAt?.getTime() ?? Number.NaN;
    const arrivesAfter = now.getTime() + settlement.inMs - firstAt;
    assert.ok(arrivesAfter < policy.bank.deduplicationWindowMs);
  }));

test('never more than four submits, and none in review, past the deadline or after three lost claims', () =>
  always((facts, policy) => {
    const settlement = decideSettlement(facts, policy);
    if (settlement.kind !== 'contact_again' || settlement.contact !== 'submit') return;
    const { state } = facts;
    assert.ok(state.submits <= 3);
    assert.equal(state.status, 'PROCESSING');
    assert.ok(state.claimsOpen <= 3);
    assert.ok(state.deadlineAt !== null && state.deadlineAt > now);
  }));

test('an unsure payment fails by the word of the bank only', () =>
  always((facts, policy) => {
    const settlement = decideSettlement(facts, policy);
    if (settlement.kind !== 'fail' || !isUnsure(facts)) return;
    assert.equal(facts.claim.contact, 'inquire');
    assert.ok(facts.outcome.kind === 'declined' || facts.outcome.kind === 'not_found');
    if (facts.outcome.kind !== 'not_found') return;
    const lastAt = facts.state.lastSubmitAt?.getTime() ?? Number.NaN;
    assert.ok(now.getTime() - lastAt > policy.bank.processingTimeMaxMs);
    assert.ok(policy.bank.deduplicationWindowMs > 0);
  }));

test('what may have been executed stays unsure', () =>
  always((facts, policy) => {
    const settlement = decideSettlement(facts, policy);
    if (settlement.kind === 'contact_again' && isUnsure(facts)) assert.ok(settlement.unsure);
  }));

test('review begins at the deadline, once, and never ends by our own doing', () =>
  always((facts, policy) => {
    const settlement = decideSettlement(facts, policy);
    const isPast = facts.state.deadlineAt !== null && facts.state.deadlineAt <= now;
    if (settlement.kind === 'review') {
      assert.ok(isPast && facts.state.status === 'PROCESSING');
      assert.equal(settlement.task.reason, 'REVIEW');
    }
    // Past it nothing unfinished goes on unseen.
    if (settlement.kind === 'contact_again' && isPast)
      assert.equal(facts.state.status, 'PENDING_REVIEW');
  }));

test('every delay is its step of a table, 20 % up or down', () =>
  always((facts, policy) => {
    const settlement = decideSettlement(facts, policy);
    if (!('inMs' in settlement)) return;
    const { state } = facts;
    const step =
      settlement.kind === 'review' || state.status === 'PENDING_REVIEW'
        ? reviewInquiryDelayMs
        : settlement.contact === 'submit'
          ? retryDelaysMs[state.submits - 1]
          : inquiryDelaysMs[Math.min(state.inquiries, 4)];
    assert.ok(step !== undefined);
    assert.ok(settlement.inMs >= step * 0.8 - 1 && settlement.inMs <= step * 1.2 + 1);
  }));
