import { unreachable } from '../assert.ts';
import type { DoneBy } from '../audit-log/append.ts';
import type { BankCapabilities, BankOutcome } from '../bank/bank.ts';
import type { Claim } from './execute-store.ts';
import type { LockedState } from './settle-store.ts';
import { type Contact, isFinal, lostClaimsMax, type WordSource } from './states.ts';

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
  readonly claim: Pick<SettledClaim, 'fence' | 'contact'>;
  readonly outcome: BankOutcome;
  /** The database's clock. */
  readonly now: Date;
  /**
   * Milliseconds since the bank was asked: what it did not know then, it may know by now. A worker
   * that was frozen brings very old answers.
   */
  readonly askedAgoMs: number;
  /** 0 to 1: spreads the next contact by ± 20 %. */
  readonly random: number;
}

/** Whoever brings a word holds the payment: a worker that asked, or `resolve` for others' words. */
export interface SettledClaim extends Omit<Claim, 'contact'> {
  readonly contact: WordSource;
}

/** One ended contact with the bank. Times are the worker's monotonic clock, in milliseconds. */
export interface Contacted {
  readonly claim: SettledClaim;
  readonly outcome: BankOutcome;
  readonly startedAt: number;
  readonly endedAt: number;
  /** From then on the payment may be another worker's. */
  readonly leaseEndsAt: number;
  /** Where a human decided: written to the audit log with the end. */
  readonly decision?: DoneBy;
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
  /**
   * Overtaken: a newer claim, or the end, is on the row. Only the attempt is recorded, and the
   * break where the bank's word is not the end that the payment had.
   */
  | { readonly kind: 'overtaken'; readonly contradiction: Contradiction | null };

/** The bank's word against a final status. */
export interface Contradiction {
  readonly ended: 'SUCCESS' | 'FAILED';
  /** Whether money moved, by the bank's word; by ours it is the opposite. */
  readonly bankMoved: boolean;
}

/** A contact, its locked row, and what was decided. */
export interface Settled {
  readonly contacted: Contacted;
  readonly state: LockedState;
  readonly settlement: Settlement;
}

/** Why a payment needs a human's eye: a row of `failed_tasks`. */
export interface FailedTask {
  readonly reason: 'BANK_UNAVAILABLE' | 'REVIEW' | 'WORKER_LOST';
  readonly detail: string;
}

/**
 * What a contact with the bank means for its payment. Pure. What is not the bank's own word ends
 * nothing: a payment that may have been executed is asked about until the bank answers or a human
 * does.
 */
export function decideSettlement(facts: ContactFacts, policy: ContactPolicy): Settlement {
  const { state, claim, outcome } = facts;
  if (isFinal(state.status) || (state.fence !== claim.fence && !isBanksOwn(claim.contact)))
    return { kind: 'overtaken', contradiction: contradictionOf(facts, policy) };
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

/**
 * What the bank told without being asked is true whoever has claimed the payment meanwhile: two
 * tellers of one word would else overtake each other for ever.
 */
function isBanksOwn(source: WordSource): boolean {
  return source === 'callback' || source === 'statement';
}

/**
 * The bank has paid what our books cannot hold: past the largest balance there is. Its word is on
 * record, the payment waits for a human, and is booked by a later inquiry once there is room.
 */
export function putAside(facts: ContactFacts, policy: ContactPolicy): Settlement {
  const { state, random, outcome } = facts;
  const detail = `paid, and its account has no room for it: ${outcome.evidence}`;
  const task = { reason: 'REVIEW', detail } as const;
  const inMs = delayMs([policy.reviewInquiryDelayMs], 0, random);
  return state.status === 'PENDING_REVIEW'
    ? { kind: 'contact_again', contact: 'inquire', inMs, unsure: true, task }
    : { kind: 'review', inMs, task };
}

/** The bank certainly did nothing this time. */
function afterRefusal(facts: ContactFacts, policy: ContactPolicy): Settlement {
  if (isUnsure(facts) || facts.state.status === 'PENDING_REVIEW') return inquireNext(facts, policy);
  if (maySubmitAgain(facts, policy) && !isPastDeadline(facts)) return submitNext(facts, policy);
  return unavailable(facts);
}

/** The bank does not know the reference now; before its longest processing time it still may. */
function afterNotFound(facts: ContactFacts, policy: ContactPolicy): Settlement {
  if (maySubmitAgain(facts, policy) && !isPastDeadline(facts)) return submitNext(facts, policy);
  return isNeverExecuted(facts, policy)
    ? { kind: 'fail', errorCode: 'NOT_FOUND', task: null }
    : inquireNext(facts, policy);
}

/** When it was asked, the bank's longest processing time had passed since the last submit. */
function isNeverExecuted(facts: ContactFacts, policy: ContactPolicy): boolean {
  const { state, now, askedAgoMs } = facts;
  const { deduplicationWindowMs, processingTimeMaxMs } = policy.bank;
  const askedAt = now.getTime() - askedAgoMs;
  const sinceSubmitMs = askedAt - (state.lastSubmitAt?.getTime() ?? askedAt);
  return sinceSubmitMs > processingTimeMaxMs && deduplicationWindowMs > 0;
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
  // A bank that recognises no reference gets one submit, whatever came of it.
  if (policy.bank.deduplicationWindowMs === 0) return false;
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

/** Recorded for a human, never applied over the end that the payment had. */
function contradictionOf(facts: ContactFacts, policy: ContactPolicy): Contradiction | null {
  const { state, outcome } = facts;
  const saysMoved = outcome.kind === 'approved';
  const saysNotMoved =
    outcome.kind === 'declined' || (outcome.kind === 'not_found' && isNeverExecuted(facts, policy));
  if (state.status === 'FAILED' && saysMoved) return { ended: 'FAILED', bankMoved: true };
  if (state.status === 'SUCCESS' && saysNotMoved) return { ended: 'SUCCESS', bankMoved: false };
  return null;
}

/** The step of a table (its last repeats), ± 20 %. */
function delayMs(table: readonly number[], step: number, random: number): number {
  const base = table[Math.max(0, Math.min(step, table.length - 1))] ?? 0;
  return Math.round(base * (0.8 + 0.4 * random));
}
