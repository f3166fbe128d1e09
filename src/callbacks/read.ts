import { createHash } from 'node:crypto';
import { type PaymentId, parseId } from '../ids.ts';

/** What a callback of ours can say; whatever is not one of these cannot be read. */
export type CallbackStatus =
  | 'SUCCESS'
  | 'FAILED'
  | 'TIMEOUT'
  | 'UNAVAILABLE'
  | 'INSUFFICIENT_FUNDS';

/** The bank's words, each of a form that may be stored and shown. */
export interface Callback {
  /** Null where the reference has not the form of ours: it is nobody's. */
  readonly paymentId: PaymentId | null;
  readonly reference: string;
  readonly bankTransactionId: string | null;
  readonly status: CallbackStatus;
  readonly errorCode: string | null;
  /** Unix seconds. */
  readonly saidAt: number;
  /** Null: the bank sends none. */
  readonly amountMinor: bigint | null;
  readonly currency: string | null;
}

export interface Received {
  /** SHA-256 of the body, in hex. */
  readonly digest: string;
  /** Once per event, however often it is sent. */
  readonly eventKey: string;
  readonly content: Callback | { readonly fault: string };
}

/** Reads what is known to be signed. A prototype sent along changes nothing. */
export function readCallback(body: Uint8Array): Received {
  const digest = createHash('sha256').update(body).digest('hex');
  const fields = readFields(body);
  const eventId = fields?.get('event_id');
  const eventKey =
    typeof eventId === 'string' && eventIdForm.test(eventId) ? eventId : `sha256:${digest}`;
  if (fields === null)
    return { digest, eventKey, content: { fault: 'the body is not a JSON object in UTF-8' } };
  return { digest, eventKey, content: readContent(fields) };
}

/** Null where it names none of ours, or cannot be read. */
export function paymentOf({ content }: Received): PaymentId | null {
  return 'fault' in content ? null : content.paymentId;
}

const statuses: ReadonlySet<unknown> = new Set<CallbackStatus>([
  'SUCCESS',
  'FAILED',
  'TIMEOUT',
  'UNAVAILABLE',
  'INSUFFICIENT_FUNDS',
]);
/** No colon: a key made of a digest has one. */
const eventIdForm = /^[\w.-]{1,128}$/;
const referenceForm = /^[\w.-]{1,64}$/;
const transactionIdForm = /^[\x21-\x7e]{1,64}$/;
const errorCodeForm = /^[A-Z][A-Z0-9_]{0,63}$/;
const amountForm = /^[1-9]\d{0,17}$/;
const currencyForm = /^[A-Z]{3}$/;

type Fields = ReadonlyMap<string, unknown>;

function readFields(body: Uint8Array): Fields | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null;
    return new Map<string, unknown>(Object.entries(parsed));
  } catch {
    return null;
  }
}

function readContent(fields: Fields): Callback | { readonly fault: string } {
  const misformed: string[] = [];
  /** Absent and null are the same: the bank does not say. */
  const text = (name: string, form: RegExp): string | null => {
    const value = fields.get(name) ?? null;
    if (value === null || (typeof value === 'string' && form.test(value))) return value;
    misformed.push(name);
    return null;
  };
  const reference = text('transaction_id', referenceForm);
  const amount = text('amount', amountForm);
  const words = {
    bankTransactionId: text('bank_transaction_id', transactionIdForm),
    errorCode: text('error_code', errorCodeForm),
    currency: text('currency', currencyForm),
  };
  if (misformed.length > 0)
    return { fault: `not of the form that we know: ${misformed.join(', ')}` };
  if (reference === null) return { fault: 'transaction_id is missing' };
  const status = fields.get('status');
  if (!isStatus(status)) return { fault: 'status is not one that we know' };
  const saidAt = fields.get('timestamp');
  if (typeof saidAt !== 'number' || !Number.isSafeInteger(saidAt))
    return { fault: 'timestamp is not a whole number of unix seconds' };
  const amountMinor = amount === null ? null : BigInt(amount);
  return { ...words, paymentId: paymentIdOf(reference), reference, status, saidAt, amountMinor };
}

function isStatus(value: unknown): value is CallbackStatus {
  return statuses.has(value);
}

/** The other way round than `bankReference`. */
function paymentIdOf(reference: string): PaymentId | null {
  const groups = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/;
  const parts = groups.exec(reference);
  return parts === null ? null : parseId<'payment'>(parts.slice(1).join('-'));
}
