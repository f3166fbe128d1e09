import { newBreakId } from '../ids.ts';
import { breakFingerprint, type NewBreak } from '../ledger/breaks.ts';
import { parseCurrency } from '../money.ts';
import type { Callback } from './read.ts';
import type { Decision } from './rules.ts';

/** Where the bank's word and our books differ, as a break. */
export function toBreak(bank: string, callback: Callback, decision: Decision): NewBreak[] {
  if (decision.verdict !== 'contradiction' && decision.verdict !== 'amount_differs') return [];
  const currency = parseCurrency(decision.difference?.currency ?? '');
  // Of a currency that nobody knows there is no amount: the inbox and the log have it.
  if (decision.difference === null || currency === null) return [];
  const { kind, isOfPayment, bankAmountMinor, bookedAmountMinor } = decision.difference;
  const { reference, bankTransactionId } = callback;
  const paymentId = isOfPayment ? callback.paymentId : null;
  return [
    {
      id: newBreakId(),
      kind,
      source: 'callback',
      fingerprint: breakFingerprint({ paymentId, bank, bankTransactionId, bankAmountMinor }),
      bank,
      paymentId,
      bankReference: reference,
      bankTransactionId,
      currency,
      bankAmountMinor,
      bookedAmountMinor,
      detail: decision.detail,
      runId: null,
    },
  ];
}
