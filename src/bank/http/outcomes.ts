import { unreachable } from '../../assert.ts';
import type { BankOrder, InquiryOutcome, SubmitOutcome } from '../bank.ts';

/** How an HTTP exchange ended, before anybody asks what it means. */
export type Exchange =
  | { readonly kind: 'answered'; readonly status: number; readonly body: string }
  /** No byte of the request reached a socket: the bank certainly did nothing. */
  | { readonly kind: 'not_sent'; readonly reason: string }
  /** Perhaps sent, and no whole answer. */
  | { readonly kind: 'broken'; readonly reason: string };

/** The table of docs/bank-contract.md, row by row. Whatever is not in it is `unknown`. */
export function readSubmit(exchange: Exchange, order: BankOrder): SubmitOutcome {
  switch (exchange.kind) {
    case 'not_sent':
      return {
        kind: 'retryable',
        errorCode: 'BANK_UNREACHABLE',
        evidence: `nothing was sent: ${exchange.reason}`,
      };
    case 'broken':
      return { kind: 'unknown', evidence: exchange.reason };
    case 'answered':
      return readSubmitAnswer(exchange.status, readFields(exchange.body), order);
    default:
      return unreachable(exchange);
  }
}

export function readInquiry(exchange: Exchange, order: BankOrder): InquiryOutcome {
  switch (exchange.kind) {
    case 'not_sent':
    case 'broken':
      return { kind: 'unknown', evidence: exchange.reason };
    case 'answered':
      return readInquiryAnswer(exchange.status, readFields(exchange.body), order);
    default:
      return unreachable(exchange);
  }
}

function readSubmitAnswer(status: number, fields: Fields | null, order: BankOrder): SubmitOutcome {
  if (fields === null) return unreadable(status);
  if (status === 200 && fields.status === 'executed') return approve(status, fields, order);
  if (status === 422 && fields.status === 'declined') return decline(status, fields, order);
  if (status === 503 && fields.code === 'UNAVAILABLE' && fields.reference === order.reference)
    return { kind: 'retryable', errorCode: 'UNAVAILABLE', evidence: describe(status, fields) };
  // TIMEOUT is here too: the bank itself does not know.
  return { kind: 'unknown', evidence: describe(status, fields) };
}

function readInquiryAnswer(
  status: number,
  fields: Fields | null,
  order: BankOrder,
): InquiryOutcome {
  if (fields === null) return unreadable(status);
  const isOurs = fields.reference === order.reference;
  if (status === 200 && fields.status === 'executed') return approve(status, fields, order);
  if (status === 200 && fields.status === 'declined') return decline(status, fields, order);
  if (status === 200 && fields.status === 'pending' && isOurs)
    return { kind: 'pending', evidence: describe(status, fields) };
  // A 404 counts only in the bank's own words: a wrong URL or a proxy answers 404 as well.
  if (status === 404 && fields.code === 'NOT_FOUND' && isOurs)
    return { kind: 'not_found', evidence: describe(status, fields) };
  return { kind: 'unknown', evidence: describe(status, fields) };
}

type Approved = Extract<SubmitOutcome, { kind: 'approved' }>;
type Declined = Extract<SubmitOutcome, { kind: 'declined' }>;
type Unknown = Extract<SubmitOutcome, { kind: 'unknown' }>;

function approve(status: number, fields: Fields, order: BankOrder): Approved | Unknown {
  const evidence = describe(status, fields);
  const difference = differenceFrom(fields, order);
  if (difference !== null) return { kind: 'unknown', evidence: `${evidence}, but ${difference}` };
  const id = fields.bankTransactionId;
  if (id === null || !transactionIdForm.test(id))
    return { kind: 'unknown', evidence: `${evidence}, but without a usable transaction id` };
  return { kind: 'approved', bankTransactionId: id, evidence: `${evidence} ${id}` };
}

/**
 * A decline for something else is as wrong as an approval: it would fail a payment that was made.
 */
function decline(status: number, fields: Fields, order: BankOrder): Declined | Unknown {
  const evidence = describe(status, fields);
  const difference = differenceFrom(fields, order);
  if (difference !== null) return { kind: 'unknown', evidence: `${evidence}, but ${difference}` };
  const { code } = fields;
  if (code === null || !declineCodes.has(code)) return { kind: 'unknown', evidence };
  return { kind: 'declined', errorCode: code, evidence };
}

const declineCodes = new Set(['INSUFFICIENT_FUNDS', 'INVALID_REQUEST']);
const transactionIdForm = /^[\x21-\x7e]{1,64}$/;

function differenceFrom(fields: Fields, order: BankOrder): string | null {
  const pairs = [
    ['reference', fields.reference, order.reference],
    ['kind', fields.kind, order.kind],
    ['amount', fields.amount, order.amountMinor.toString()],
    ['currency', fields.currency, order.currency],
  ] as const;
  for (const [name, given, asked] of pairs) {
    if (given !== asked) return `its ${name} is ${shorten(given)}, asked was ${asked}`;
  }
  return null;
}

function unreadable(status: number): Unknown {
  return { kind: 'unknown', evidence: `HTTP ${status} with an unreadable body` };
}

function describe(status: number, fields: Fields): string {
  const words = [fields.status, fields.code].filter((word) => word !== null).map(shorten);
  return ['HTTP', status, ...words].join(' ');
}

/** What somebody else wrote, as safe to print as it is short. */
function shorten(word: string | null): string {
  return word === null ? 'missing' : word.replaceAll(/[^\x21-\x7e]/g, '?').slice(0, 64);
}

interface Fields {
  readonly status: string | null;
  readonly code: string | null;
  readonly reference: string | null;
  readonly kind: string | null;
  readonly amount: string | null;
  readonly currency: string | null;
  readonly bankTransactionId: string | null;
}

/**
 * The known fields, where they are the object's own and text; a prototype sent along changes
 * nothing.
 */
function readFields(body: string): Fields | null {
  const parsed = parseJson(body);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null;
  const own = new Map<string, unknown>(Object.entries(parsed));
  const read = (name: string): string | null => {
    const value = own.get(name);
    return typeof value === 'string' ? value : null;
  };
  return {
    status: read('status'),
    code: read('code'),
    reference: read('reference'),
    kind: read('kind'),
    amount: read('amount'),
    currency: read('currency'),
    bankTransactionId: read('bank_transaction_id'),
  };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
