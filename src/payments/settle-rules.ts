import { unreachable } from '../assert.ts';
import type { BankCapabilities, BankOutcome } from '../bank/bank.ts';
import type { Claim } from './execute-store.ts';
import type { LockedState } from './settle-store.ts';
import { type Contact, isFinal } from './states.ts';

/** What the schedule of contacts depends on, all in milliseconds. */
export interface ContactPolicy {
  /** Before submit 2, 3, 4; its length + 1 is the number of submits. */
  readonly retryDelaysMs: readonly number[];
  /** Before inquiry 1, 2, …; the last one repeats. */
  readonly inquiryDelaysMs: readonly number[];
  readonly reviewInquiryDelayMs: number;
  readonly bank: BankCapabilities;
}

export interface ContactFacts {
  readonly state: LockedState;
  readonly claim: Pick<Claim, 'fence' | 'contact'>;
  readonly outcome: BankOutcome;
  /** The database's clock. */
  readonly now: Date;
  /** 0 to 1: spreads the next contact by ± 20 %. */
  readonly random: number;
}

/** One ended contact with the bank. Times are the worker's monotonic clock, in milliseconds. */
export interface Contacted {
  readonly claim: Claim;
  readonly outcome: BankOutcome;
  readonly startedAt: number;
  readonly endedAt: number;
  /** From then on the payment may be another worker's. */
  readonly leaseEndsAt: number;
}

export type Settlement =
  | { readonly kind: 'succeed'; readonly bankTransactionId: string }
  | { readonly kind: 'fail'; readonly errorCode: string; readonly task: FailedTask | null }
  | {
      readonly kind: 'contact_again';
      readonly contact: Contact;
      readonly inMs: number;
      readonly unsure: boolean;
      readonly task: FailedTask | null;
    }
  | { readonly kind: 'review'; readonly inMs: number; readonly task: FailedTask }
  /** Overtaken: a newer claim, or the end, is on the row. Only the attempt is recorded. */
  | { readonly kind: 'overtaken'; readonly task: FailedTask | null };

/** A contact, its locked row, and what was decided. */
export interface Settled {
  readonly contacted: Contacted;
  readonly state: LockedState;
  readonly settlement: Settlement;
}

/** Why a payment needs a human's eye: a row of `failed_tasks`. */
export interface FailedTask {
  readonly reason: 'BANK_UNAVAILABLE' | 'REVIEW' | 'WORKER_LOST' | 'CONTRADICTION';
  readonly detail: string;
}

/**
 * Claims that never brought an outcome, after which the payment itself is suspected of killing us.
 */
const lostClaimsMax = 3;

/**
 * What a contact with the bank means for its payment. Pure. What is not the bank's own word ends
 * nothing: a payment that may have been executed is asked about until the bank answers or a human
 * does.
 */
export function decideSettlement(facts: ContactFacts, policy: ContactPolicy): Settlement {
  const { state, claim, outcome } = facts;
  if (isFinal(state.status) || state.fence !== claim.fence)
    return { kind: 'overtaken', task: contradiction(state, outcome) };
  switch (outcome.kind) {
    case 'approved':
      return { kind: 'succeed', bankTransactionId: outcome.bankTransactionId };
    case 'declined':
      // The refusal may be of the second copy while the first is still under way: ask.
      return claim.contact === 'submit' && isUnsure(facts)
        ? inquireNext(facts, policy)
        : { kind: 'fail', errorCode: outcome.errorCode, task: null };
    case 'retryable':
      return afterRefusal(facts, policy);
    case 'not_found':
      return afterNotFound(facts, policy);
    case 'unknown':
    case 'pending':
      return inquireNext(facts, policy);
    default:
      return unreachable(outcome);
  }
}

/** The bank certainly did nothing this time. */
function afterRefusal(facts: ContactFacts, policy: ContactPolicy): Settlement {
  if (isUnsure(facts) || facts.state.status === 'PENDING_REVIEW') return inquireNext(facts, policy);
  if (maySubmitAgain(facts, policy) && !isPastDeadline(facts)) return submitNext(facts, policy);
  return unavailable(facts);
}

/** The bank does not know the reference now; before its longest processing time it still may. */
function afterNotFound(facts: ContactFacts, policy: ContactPolicy): Settlement {
  const { state, now } = facts;
  if (maySubmitAgain(facts, policy) && !isPastDeadline(facts)) return submitNext(facts, policy);
  const { deduplicationWindowMs, processingTimeMaxMs } = policy.bank;
  const sinceSubmitMs = now.getTime() - (state.lastSubmitAt?.getTime() ?? now.getTime());
  const isFinalWord = sinceSubmitMs > processingTimeMaxMs && deduplicationWindowMs > 0;
  return isFinalWord
    ? { kind: 'fail', errorCode: 'NOT_FOUND', task: null }
    : inquireNext(facts, policy);
}

function unavailable(facts: ContactFacts): Settlement {
  const detail = `${facts.state.submits} submits, the last: ${facts.outcome.evidence}`;
  const task = { reason: 'BANK_UNAVAILABLE', detail } as const;
  return { kind: 'fail', errorCode: 'BANK_UNAVAILABLE', task };
}

/**
 * The same reference again is safe while the bank still recognises it, or where it certainly did
 * nothing with it so far.
 */
function maySubmitAgain(facts: ContactFacts, policy: ContactPolicy): boolean {
  const { state, now } = facts;
  if (state.status === 'PENDING_REVIEW') return false;
  if (state.submits > policy.retryDelaysMs.length || lostClaims(state) >= lostClaimsMax)
    return false;
  if (!isUnsure(facts)) return true;
  const sinceFirstMs = now.getTime() - (state.firstSubmitAt?.getTime() ?? now.getTime());
  // The next submit must arrive inside the window, so its own delay counts too.
  const arrivesMs = sinceFirstMs + delayMs(policy.retryDelaysMs, state.submits - 1, 1);
  return arrivesMs < policy.bank.deduplicationWindowMs;
}

function submitNext(facts: ContactFacts, policy: ContactPolicy): Settlement {
  const { state, random } = facts;
  const inMs = delayMs(policy.retryDelaysMs, state.submits - 1, random);
  return { kind: 'contact_again', contact: 'submit', inMs, unsure: isUnsure(facts), task: null };
}

function inquireNext(facts: ContactFacts, policy: ContactPolicy): Settlement {
  const { state, random, outcome } = facts;
  if (state.status !== 'PENDING_REVIEW' && isPastDeadline(facts)) {
    const task = { reason: 'REVIEW', detail: outcome.evidence } as const;
    return { kind: 'review', inMs: delayMs([policy.reviewInquiryDelayMs], 0, random), task };
  }
  const inMs =
    state.status === 'PENDING_REVIEW'
      ? delayMs([policy.reviewInquiryDelayMs], 0, random)
      : delayMs(policy.inquiryDelaysMs, state.inquiries, random);
  return { kind: 'contact_again', contact: 'inquire', inMs, unsure: true, task: lostTask(state) };
}

/** A submit was once unknown, or a claim died without telling us whether it submitted. */
function isUnsure(facts: ContactFacts): boolean {
  const { state, claim, outcome } = facts;
  const isUnknownSubmit = claim.contact === 'submit' && outcome.kind === 'unknown';
  return state.unsure || lostClaims(state) > 0 || isUnknownSubmit;
}

/** The claim whose outcome is being settled is open too. */
function lostClaims(state: LockedState): number {
  return state.claimsOpen - 1;
}

function lostTask(state: LockedState): FailedTask | null {
  if (lostClaims(state) < lostClaimsMax) return null;
  const detail = `${lostClaims(state)} claims without an outcome: no more submits, inquiries only`;
  return { reason: 'WORKER_LOST', detail };
}

function isPastDeadline(facts: ContactFacts): boolean {
  return facts.state.deadlineAt !== null && facts.now >= facts.state.deadlineAt;
}

/** The bank's word against a final status: recorded for a human, never applied over it. */
function contradiction(state: LockedState, outcome: BankOutcome): FailedTask | null {
  const contradicts =
    (state.status === 'FAILED' && outcome.kind === 'approved') ||
    (state.status === 'SUCCESS' && outcome.kind === 'declined');
  if (!contradicts) return null;
  const detail = `${state.status} on our side, the bank: ${outcome.evidence}`;
  return { reason: 'CONTRADICTION', detail };
}

/** The step of a table (its last repeats), ± 20 %. */
function delayMs(table: readonly number[], step: number, random: number): number {
  const base = table[Math.max(0, Math.min(step, table.length - 1))] ?? 0;
  return Math.round(base * (0.8 + 0.4 * random));
}
