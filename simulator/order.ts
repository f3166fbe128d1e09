/**
 * What a client asks the bank to do. Amounts are minor units, as digits: the bank does no
 * arithmetic.
 */
export interface Order {
  readonly reference: string;
  readonly kind: 'deposit' | 'withdrawal';
  readonly amount: string;
  readonly currency: string;
}

export type ParsedOrder = { readonly order: Order } | { readonly fault: string };

/** ISO 20022 allows an end-to-end reference 35 characters. */
const referenceForm = /^[A-Za-z0-9._-]{1,35}$/;
/** 18 digits fit every signed 64-bit integer. */
const amountForm = /^[1-9]\d{0,17}$/;
const currencyForm = /^[A-Z]{3}$/;

export function isReference(text: string): boolean {
  return referenceForm.test(text);
}

export function parseOrder(body: string): ParsedOrder {
  const fields = parseObject(body);
  if (fields === null) return { fault: 'the body is not a JSON object' };
  const { reference, kind, amount, currency } = fields;
  if (typeof reference !== 'string' || !referenceForm.test(reference))
    return { fault: 'reference must be 1 to 35 of A-Z a-z 0-9 . _ -' };
  if (kind !== 'deposit' && kind !== 'withdrawal')
    return { fault: 'kind must be deposit or withdrawal' };
  if (typeof amount !== 'string' || !amountForm.test(amount))
    return { fault: 'amount must be a string of 1 to 18 digits, minor units, above zero' };
  if (typeof currency !== 'string' || !currencyForm.test(currency))
    return { fault: 'currency must be three capital letters' };
  return { order: { reference, kind, amount, currency } };
}

export function isSameOrder(one: Order, other: Order): boolean {
  return one.kind === other.kind && one.amount === other.amount && one.currency === other.currency;
}

interface Fields {
  readonly reference?: unknown;
  readonly kind?: unknown;
  readonly amount?: unknown;
  readonly currency?: unknown;
}

function parseObject(body: string): Fields | null {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? parsed : null;
  } catch {
    return null;
  }
}
