/**
 * In:   an operator's decision about a payment whose outcome nobody knows, with its reason and
 *       evidence.
 * Out:  the payment has ended by it, with the decision as its attempt; its failed tasks are closed,
 *       and the deed is in the audit log, all in one transaction.
 * If we die here: before the commit the bank is asked again when the claim's lease ends; after it
 *       the same decision finds the payment final.
 */
import { present, unreachable } from '../assert.ts';
import type { DoneBy } from '../audit-log/append.ts';
import type { Queryable } from '../db/database.ts';
import { bankReference, type PaymentId } from '../ids.ts';
import type { OutsideOutcome, Resolve } from '../payments/resolve.ts';
import { isFinal, operatorTransactionId } from '../payments/states.ts';
import { selectResolvable } from './store.ts';

export interface ResolveOptions {
  readonly database: Queryable;
  readonly resolve: Resolve['resolve'];
}

export type Decision =
  /** Money moved. At least one of the two says so. */
  | {
      readonly as: 'succeeded';
      readonly bankTransactionId: string | null;
      readonly evidence: string | null;
    }
  | { readonly as: 'failed'; readonly evidence: string | null };

export type ResolvePaymentResult =
  | { readonly kind: 'resolved'; readonly status: 'SUCCESS' | 'FAILED' }
  | { readonly kind: 'final'; readonly status: 'SUCCESS' | 'FAILED' }
  | { readonly kind: 'not_found' }
  /** "Succeeded" needs something that shows it. */
  | { readonly kind: 'no_evidence' }
  /**
   * Nothing is unknown: it was not submitted, or certainly did nothing and is to be tried again.
   */
  | { readonly kind: 'not_unknown' }
  /** The bank is being asked just now: its answer may be better than a human's. */
  | { readonly kind: 'in_contact' };

/** What a payment bears that an operator called failed. */
export const resolvedErrorCode = 'RESOLVED_AS_FAILED';

export async function resolvePayment(
  options: ResolveOptions,
  paymentId: PaymentId,
  decision: Decision,
  done: DoneBy & { readonly reason: string },
): Promise<ResolvePaymentResult> {
  const hasEvidence =
    decision.evidence !== null ||
    (decision.as === 'succeeded' && decision.bankTransactionId !== null);
  if (decision.as === 'succeeded' && !hasEvidence) return { kind: 'no_evidence' };
  const state = await selectResolvable(options.database, paymentId);
  if (state === null) return { kind: 'not_found' };
  if (isFinal(state.status)) return { kind: 'final', status: state.status };
  // A review waits for a human even where the bank was only asked, and never told to pay.
  if (state.status !== 'PENDING_REVIEW' && (state.submits === 0 || !state.isUnknown))
    return { kind: 'not_unknown' };
  const outcome = outcomeOf(paymentId, decision, done);
  const word = { paymentId, source: 'operator', outcome, decision: done } as const;
  const [answer] = await options.resolve([word]);
  const result = present(answer, 'each word has its answer');
  switch (result.kind) {
    case 'settled':
      return { kind: 'resolved', status: result.status };
    case 'already_final':
      return { kind: 'final', status: result.status };
    case 'not_found':
      return { kind: 'not_found' };
    case 'not_yet':
      return { kind: result.reason === 'never_submitted' ? 'not_unknown' : 'in_contact' };
    default:
      return unreachable(result);
  }
}

/** The evidence stays with the payment's attempts; who it was and why is there too. */
function outcomeOf(
  paymentId: PaymentId,
  decision: Decision,
  { actor, reason }: DoneBy & { readonly reason: string },
): OutsideOutcome {
  const said = decision.evidence === null ? '' : ` · ${decision.evidence}`;
  const evidence = `${actor}: ${reason}${said}`;
  if (decision.as === 'failed') return { kind: 'declined', errorCode: resolvedErrorCode, evidence };
  const bankTransactionId =
    decision.bankTransactionId ?? operatorTransactionId(bankReference(paymentId));
  return { kind: 'approved', bankTransactionId, evidence };
}
