import type { OutsideOutcome } from '../payments/resolve.ts';
import {
  isFinal,
  isOfBank,
  movesOut,
  type PaymentKind,
  type PaymentStatus,
} from '../payments/states.ts';
import type { Callback } from './read.ts';

/** What the callback was taken for; as in `bank_callbacks.verdict`. */
export type Verdict =
  | 'inquiry_due'
  | 'settling'
  | 'settled'
  | 'agrees'
  | 'no_news'
  | 'contradiction'
  | 'amount_differs'
  | 'unproven'
  | 'unknown_payment'
  | 'unreadable'
  | 'stale';

/** The payment that a callback names, its row locked. */
export interface NamedPayment {
  readonly kind: PaymentKind;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly status: PaymentStatus;
  readonly bankTransactionId: string | null;
  /**
   * `asked`: somebody waits for the bank's answer just now. `asked_again`: and before his claim
   * another's ended without an outcome.
   */
  readonly contact: 'none' | 'asked' | 'asked_again';
}

export type Decision =
  | { readonly verdict: 'inquiry_due'; readonly detail: string; readonly ask: Ask }
  /** Of a bank that cannot be asked: its callback is its whole word. */
  | { readonly verdict: 'settling'; readonly detail: string; readonly outcome: OutsideOutcome }
  | { readonly verdict: 'agrees' | 'no_news' | 'unproven'; readonly detail: string }
  | { readonly verdict: 'unknown_payment'; readonly detail: string }
  | {
      readonly verdict: 'contradiction' | 'amount_differs';
      readonly detail: string;
      readonly difference: Difference | null;
    };

/**
 * `soon`: an answer that is on its way comes first; if it does not come, the inquiry takes its
 * place. `on_answer`: whoever asks the bank just now brings its word, or the schedule goes on.
 */
export type Ask = 'now' | 'soon' | 'on_answer';

/** Minor units into our books (negative: out of them). */
export interface Difference {
  readonly kind: 'contradiction' | 'amount_differs' | 'duplicate';
  /**
   * False: it is of another currency, and so it is money for nobody, whatever it names. The
   * payment's own account could not bear it.
   */
  readonly isOfPayment: boolean;
  readonly currency: string;
  readonly bankAmountMinor: bigint;
  readonly bookedAmountMinor: bigint;
}

/**
 * What a signed callback means for the payment that it names. Pure. It is a hint: the inquiry that
 * it triggers settles. Nothing that it says is applied over a final status, and one that speaks of
 * other money than the payment's says nothing about the payment.
 */
export function decideCallback(
  callback: Callback,
  payment: NamedPayment | null,
  bank: { readonly inquires: boolean },
): Decision {
  if (payment === null)
    return { verdict: 'unknown_payment', detail: 'no payment at this bank has this reference' };
  const other = otherMoney(callback, payment);
  if (other !== null) return amountDiffers(callback, payment, other);
  if (isFinal(payment.status)) return afterTheEnd(callback, payment);
  if (!bank.inquires) return settleAlone(callback);
  return inquire(callback, payment);
}

function inquire(callback: Callback, payment: NamedPayment): Decision {
  const detail = `${callback.status}: the bank is asked`;
  return { verdict: 'inquiry_due', detail, ask: whenToAsk(callback, payment) };
}

/**
 * The place of a call that is under way is taken only for news, and only once: claims without an
 * outcome are what a payment that kills its workers leaves, and a bank that repeats itself must not
 * make one look like that.
 */
function whenToAsk(callback: Callback, { contact }: NamedPayment): Ask {
  if (contact === 'none') return 'now';
  return contact === 'asked' && saysMoved(callback) !== null ? 'soon' : 'on_answer';
}

/** Whether money moved, by the bank's word; null where it does not say. */
function saysMoved({ status }: Callback): boolean | null {
  if (status === 'SUCCESS') return true;
  return status === 'FAILED' || status === 'INSUFFICIENT_FUNDS' ? false : null;
}

function otherMoney(callback: Callback, payment: NamedPayment): string | null {
  const { amountMinor, currency } = callback;
  if (currency !== null && currency !== payment.currency)
    return `its currency is ${currency}, asked was ${payment.currency}`;
  if (amountMinor !== null && amountMinor !== payment.amountMinor)
    return `its amount is ${amountMinor}, asked was ${payment.amountMinor}`;
  return null;
}

function amountDiffers(callback: Callback, payment: NamedPayment, detail: string): Decision {
  const currency = callback.currency ?? payment.currency;
  const isOfPayment = currency === payment.currency;
  const difference = {
    kind: 'amount_differs',
    isOfPayment,
    currency,
    bankAmountMinor: moved(callback, payment),
    bookedAmountMinor: isOfPayment ? booked(payment) : 0n,
  } as const;
  return { verdict: 'amount_differs', detail, difference: unlessEqual(difference) };
}

function afterTheEnd(callback: Callback, payment: NamedPayment): Decision {
  const { status, currency } = payment;
  const detail = `${status} on our side, the bank: ${callback.status}`;
  const said = saysMoved(callback);
  if (said === null) return { verdict: 'no_news', detail };
  const bookedAmountMinor = booked(payment);
  if (said !== (status === 'SUCCESS')) {
    const bankAmountMinor = moved(callback, payment);
    const amounts = { currency, bankAmountMinor, bookedAmountMinor } as const;
    const difference = { kind: 'contradiction', isOfPayment: true, ...amounts } as const;
    return { verdict: 'contradiction', detail, difference };
  }
  if (!isOtherTransaction(callback, payment)) return { verdict: 'agrees', detail };
  const difference = {
    kind: 'duplicate',
    isOfPayment: true,
    currency,
    bankAmountMinor: bookedAmountMinor * 2n,
    bookedAmountMinor,
  } as const;
  const twice = `${detail} by ${callback.bankTransactionId}, ours is ${payment.bankTransactionId}`;
  return { verdict: 'contradiction', detail: twice, difference };
}

/** The bank moved it a second time; an operator who knew no transaction named none of its. */
function isOtherTransaction(callback: Callback, payment: NamedPayment): boolean {
  return (
    payment.status === 'SUCCESS' &&
    callback.bankTransactionId !== null &&
    payment.bankTransactionId !== null &&
    isOfBank(payment.bankTransactionId) &&
    callback.bankTransactionId !== payment.bankTransactionId
  );
}

function settleAlone(callback: Callback): Decision {
  const said = saysMoved(callback);
  const detail = `${callback.status}: the bank cannot be asked`;
  if (said === null) return { verdict: 'no_news', detail };
  const { bankTransactionId, amountMinor, currency } = callback;
  const evidence = `callback ${callback.status}`;
  const isWhole = amountMinor !== null && currency !== null;
  if (!isWhole) return { verdict: 'unproven', detail: `${detail}, and it names no amount` };
  if (!said) {
    const errorCode = callback.errorCode ?? declineCode(callback);
    return { verdict: 'settling', detail, outcome: { kind: 'declined', errorCode, evidence } };
  }
  if (bankTransactionId === null)
    return { verdict: 'unproven', detail: `${detail}, and it names no transaction` };
  const outcome = { kind: 'approved', bankTransactionId, evidence } as const;
  return { verdict: 'settling', detail, outcome };
}

function declineCode({ status }: Callback): string {
  return status === 'INSUFFICIENT_FUNDS' ? 'INSUFFICIENT_FUNDS' : 'DECLINED';
}

function moved(callback: Callback, payment: NamedPayment): bigint {
  if (saysMoved(callback) !== true) return 0n;
  const amount = callback.amountMinor ?? payment.amountMinor;
  return movesOut(payment.kind) ? -amount : amount;
}

function booked({ status, kind, amountMinor }: NamedPayment): bigint {
  if (status !== 'SUCCESS') return 0n;
  return movesOut(kind) ? -amountMinor : amountMinor;
}

function unlessEqual(difference: Difference): Difference | null {
  return difference.bankAmountMinor === difference.bookedAmountMinor ? null : difference;
}
