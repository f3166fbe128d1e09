import { assert } from '../assert.ts';
import { formatAmount } from '../money.ts';
import type { AcceptedPayment } from '../payments/command.ts';
import { requestUrn } from './problem.ts';

/** The first answer to a payment request, and every repetition of it. */
export interface Answer {
  readonly status: 201 | 202 | 400;
  readonly mediaType: string;
  /** The exact text: a replay is compared to the byte. */
  readonly body: string;
}

/**
 * What `payments.answer_version` names. A function here is frozen once a payment was answered by
 * it: it may use only what was fixed at accept, and its words are its own, not the catalogue's,
 * which may be improved. A new wording is a new version beside the old one.
 */
export const answers: Readonly<Record<number, (payment: AcceptedPayment) => Answer>> = {
  1: (payment) => {
    if (payment.refusal !== null) return refusedV1(payment);
    return payment.kind === 'transfer' ? transferredV1(payment) : acceptedV1(payment);
  },
};

export function answerTo(payment: AcceptedPayment): Answer {
  const answer = answers[payment.answerVersion];
  assert(answer !== undefined, `no answer version ${payment.answerVersion}`);
  return answer(payment);
}

/**
 * Written as text: no serialiser of a later version can move a comma, and it is the fastest too.
 */
function acceptedV1(payment: AcceptedPayment): Answer {
  const createdAt = payment.createdAt.toISOString();
  const name = names[payment.kind];
  const deposit =
    payment.relatedPaymentId === null ? '' : `,"deposit_id":"${payment.relatedPaymentId}"`;
  const body =
    `{"id":"${payment.id}","account_id":"${payment.accountId}"${deposit}` +
    `,"transaction_type":"${payment.kind}"` +
    `,"amount":"${formatAmount(payment.amountMinor, payment.currency)}"` +
    `,"currency":"${payment.currency}","status":"PENDING","bank_transaction_id":null` +
    `,"error_code":null,"error_message":null` +
    `,"created_at":"${createdAt}","updated_at":"${createdAt}"` +
    `,"description":${JSON.stringify(payment.description)}` +
    `,"metadata":${payment.metadata ?? 'null'}` +
    `,"message":"${name} accepted; the bank is being asked."}`;
  return { status: 202, mediaType: 'application/json; charset=utf-8', body };
}

const names = {
  deposit: 'Deposit',
  withdrawal: 'Withdrawal',
  refund: 'Refund',
  transfer: 'Transfer',
} as const;

function transferredV1(payment: AcceptedPayment): Answer {
  const createdAt = payment.createdAt.toISOString();
  const body =
    `{"id":"${payment.id}","account_id":"${payment.accountId}"` +
    `,"to_account_id":"${payment.counterAccountId}","transaction_type":"transfer"` +
    `,"amount":"${formatAmount(payment.amountMinor, payment.currency)}"` +
    `,"currency":"${payment.currency}","status":"SUCCESS","bank_transaction_id":null` +
    `,"error_code":null,"error_message":null` +
    `,"created_at":"${createdAt}","updated_at":"${createdAt}"` +
    `,"description":${JSON.stringify(payment.description)}` +
    `,"metadata":${payment.metadata ?? 'null'}` +
    `,"message":"Transferred."}`;
  return { status: 201, mediaType: 'application/json; charset=utf-8', body };
}

function refusedV1(payment: AcceptedPayment): Answer {
  const amount = formatAmount(payment.amountMinor, payment.currency);
  const available = formatAmount(payment.refusalAvailable ?? 0n, payment.currency);
  const { currency } = payment;
  const [asked, left] = [`${amount} ${currency}`, `${available} ${currency}`];
  if (payment.refusal === 'REFUND_EXCEEDS_DEPOSIT') {
    const what = `The refund of ${asked} exceeds the ${left} that the deposit has left.`;
    return problemV1(payment, 'refund_exceeds_deposit', 'The refund exceeds its deposit', what);
  }
  const detail = `The ${payment.kind} of ${asked} exceeds the available ${left}.`;
  return problemV1(payment, 'insufficient_funds', 'Insufficient funds', detail);
}

function problemV1(payment: AcceptedPayment, code: string, title: string, detail: string): Answer {
  const { currency } = payment;
  const body = JSON.stringify({
    type: `https://tollgate.dev/errors#${code}`,
    title,
    status: 400,
    detail,
    instance: requestUrn(payment.requestId),
    code,
    request_id: payment.requestId,
    error: code,
    message: detail,
    payment_id: payment.id,
    amount: formatAmount(payment.amountMinor, currency),
    available: formatAmount(payment.refusalAvailable ?? 0n, currency),
    currency,
  });
  return { status: 400, mediaType: 'application/problem+json; charset=utf-8', body };
}
