import { formatAmount } from '../money.ts';
import type { PaymentRow } from '../payments/history.ts';
import type { PaymentStatus } from '../payments/states.ts';
import { errorSentence } from './error-sentences.ts';
import type { PaymentBody } from './schemas.ts';

const messages: Readonly<Record<PaymentStatus, string>> = {
  PENDING: 'Accepted; the bank is about to be asked.',
  PROCESSING: 'The bank is working on it.',
  SUCCESS: 'Done; the balance has changed.',
  FAILED: 'Failed; the balance has not changed.',
  PENDING_REVIEW: 'The bank has not given a clear answer; a person is looking into it.',
};

/** A payment as it stands now. What the first answer said is `payment-answer.ts`. */
export function paymentBody(payment: PaymentRow): PaymentBody {
  return {
    id: payment.id,
    account_id: payment.account_id,
    ...(payment.kind === 'transfer' && payment.counter_account_id !== null
      ? { to_account_id: payment.counter_account_id }
      : {}),
    transaction_type: payment.kind,
    amount: formatAmount(payment.amount, payment.currency),
    currency: payment.currency,
    status: payment.status,
    bank_transaction_id: payment.bank_transaction_id,
    error_code: payment.error_code,
    error_message: errorSentence(payment.error_code),
    created_at: payment.created_at.toISOString(),
    updated_at: payment.updated_at.toISOString(),
    description: payment.description,
    metadata: payment.metadata === null ? null : JSON.parse(payment.metadata),
    ...(payment.kind === 'refund' && payment.related_payment_id !== null
      ? { deposit_id: payment.related_payment_id }
      : {}),
    message: messages[payment.status],
  };
}
