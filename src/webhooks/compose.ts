import { assert } from '../assert.ts';
import { type Currency, formatAmount } from '../money.ts';

/** What a message tells of; none of it ever changes once it is written. */
export interface Told {
  readonly type: string;
  readonly occurredAt: Date;
  readonly bodyVersion: number;
  readonly subject: PaymentChange | Notice;
}

/** The event's own row, and what was asked: written in the transaction that is told of. */
export interface PaymentChange {
  readonly kind: 'payment';
  readonly id: string;
  readonly version: number;
  /** JSON: the changed values only. */
  readonly changed: string;
  readonly accountId: string;
  readonly counterAccountId: string | null;
  readonly relatedPaymentId: string | null;
  readonly paymentKind: string;
  readonly amountMinor: bigint;
  readonly currency: Currency;
  readonly description: string | null;
  /** JSON. */
  readonly metadata: string | null;
  readonly createdAt: Date;
}

/** `endpoint.disabled`, `test.ping`: its JSON is stored with the delivery. */
export interface Notice {
  readonly kind: 'notice';
  readonly data: string;
}

/** What a receiver may count on; metadata is 4 kB at most, so nothing of ours comes near it. */
export const bodyBytesMax = 20_000;

/**
 * What `webhook_deliveries.body_version` names. A function here is frozen once a message was made
 * by it: a retry after an upgrade sends the same bytes. A new shape is a new version beside the old
 * one.
 */
const bodies: Readonly<Record<number, (told: Told) => string>> = { 1: bodyV1 };

export function composeBody(told: Told): string {
  const compose = bodies[told.bodyVersion];
  assert(compose !== undefined, `no body version ${told.bodyVersion}`);
  const body = compose(told);
  assert(Buffer.byteLength(body) < bodyBytesMax, `a message of ${body.length} characters`);
  return body;
}

function bodyV1({ type, occurredAt, subject }: Told): string {
  const data = subject.kind === 'notice' ? subject.data : paymentV1(subject);
  return `{"type":"${type}","timestamp":"${occurredAt.toISOString()}","data":${data}}`;
}

function paymentV1(payment: PaymentChange): string {
  // Proven by whoever writes events: an object with these members where they changed.
  const changed = JSON.parse(payment.changed) as Readonly<Record<string, unknown>>;
  return (
    `{"id":"${payment.id}","version":${payment.version}` +
    `,"transaction_type":"${payment.paymentKind}"` +
    `,"status":${JSON.stringify(changed['status'] ?? null)}` +
    `,"account_id":"${payment.accountId}"` +
    `,"counter_account_id":${JSON.stringify(payment.counterAccountId)}` +
    `,"related_transaction_id":${JSON.stringify(payment.relatedPaymentId)}` +
    `,"amount":"${formatAmount(payment.amountMinor, payment.currency)}"` +
    `,"currency":"${payment.currency}"` +
    `,"bank_transaction_id":${JSON.stringify(changed['bank_transaction_id'] ?? null)}` +
    `,"error_code":${JSON.stringify(changed['error_code'] ?? null)}` +
    `,"description":${JSON.stringify(payment.description)}` +
    `,"metadata":${payment.metadata ?? 'null'}` +
    `,"created_at":"${payment.createdAt.toISOString()}"}`
  );
}
