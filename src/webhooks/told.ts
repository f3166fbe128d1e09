import { assert } from '../assert.ts';
import type { Told } from './compose.ts';
import type { ClaimedRow } from './deliver-store.ts';

/** What a claimed row tells of: a payment's event, or a notice of our own. */
export function toldBy(row: ClaimedRow): Told {
  const { type, occurredAt, bodyVersion, data } = row;
  const common = { type, occurredAt, bodyVersion };
  if (data !== null) return { ...common, subject: { kind: 'notice', data } };
  const { paymentId, version, changed, accountId, paymentKind, amountMinor, currency } = row;
  assert(paymentId !== null && version !== null, 'a delivery without data is of a payment');
  assert(changed !== null, 'the event of a delivery stands beside it');
  assert(accountId !== null && paymentKind !== null, 'an event has its payment');
  assert(amountMinor !== null && currency !== null, 'a payment has an amount');
  assert(row.createdAt !== null, 'a payment has a beginning');
  const { counterAccountId, relatedPaymentId, description, metadata, createdAt } = row;
  return {
    ...common,
    subject: {
      kind: 'payment',
      id: paymentId,
      version,
      changed,
      accountId,
      counterAccountId,
      relatedPaymentId,
      paymentKind,
      amountMinor,
      currency,
      description,
      metadata,
      createdAt,
    },
  };
}
