/**
 * What a client asks the bank to do. Amounts are minor units, as digits: the bank does no
 * arithmetic.
 */
export interface Order {
  readonly reference: string;
  readonly kind: Kind;
  readonly amount: string;
  readonly currency: string;
  /** What a refund gives back; null on every other kind, and where it is not said. */
  readonly original_reference: string | null;
}

/** To the bank's customer a deposit comes in; a withdrawal and a refund go out. */
export type Kind = 'deposit' | 'withdrawal' | 'refund';

export type ParsedOrder = { readonly order: Order } | { readonly fault: string };

/** ISO 20022 allows an end-to-end reference 35 characters. */
const referenceForm = /^[A-Za-z0-9._-]{1,35}$/;
/** 18 digits fit every signed 64-bit integer. */
const amountForm = /^[1-9]\d{0,17}$/;
const currencyForm = /^[A-Z]{3}$/;

export function isReference(text: string): boolean {
  return referenceForm.test(text);
}

export function isKind(value: unknown): value is Kind {
  return value === 'deposit' || value === 'withdrawal' || value === 'refund';
}

export function parseOrder(body: string): ParsedOrder {
  const fields = parseObject(body);
  if (fields === null) return { fault: 'the body is not a JSON object' };
  const { reference, kind, amount, currency, original_reference: original = null } = fields;
  if (typeof reference !== 'string' || !referenceForm.test(reference))
    return { fault: 'reference must be 1 to 35 of A-Z a-z 0-9 . _ -' };
  if (!isKind(kind)) return { fault: 'kind must be deposit, withdrawal or refund' };
  if (typeof amount !== 'string' || !amountForm.test(amount))
    return { fault: 'amount must be a string of 1 to 18 digits, minor units, above zero' };
  if (typeof currency !== 'string' || !currencyForm.test(currency))
    return { fault: 'currency must be three capital letters' };
  if (original !== null && (kind !== 'refund' || !isText(original) || !isReference(original)))
    return { fault: 'original_reference goes with a refund, and is a reference' };
  return { order: { reference, kind, amount, currency, original_reference: original } };
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

export function isSameOrder(one: Order, other: Order): boolean {
  return (
    one.kind === other.kind &&
    one.amount === other.amount &&
    one.currency === other.currency &&
    one.original_reference === other.original_reference
  );
}

interface Fields {
  readonly reference?: unknown;
  readonly kind?: unknown;
  readonly amount?: unknown;
  readonly currency?: unknown;
  readonly original_reference?: unknown;
}

function parseObject(body: string): Fields | null {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? parsed : null;
  } catch {
    return null;
  }
}
