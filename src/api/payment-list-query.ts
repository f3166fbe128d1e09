import { type Static, Type } from 'typebox';
import { type PaymentId, parseId } from '../ids.ts';
import { parseCurrency } from '../money.ts';
import { type ListQuery, listedKinds } from '../payments/history-list.ts';
import { amountRange, boundPattern } from './amount-range.ts';
import { type ExportFormat, exportFormats } from './export.ts';
import { instantFault, parseInstant } from './instant.ts';
import type { Fault } from './problem.ts';

/** PostgreSQL stores no NUL and would refuse to look for one. */
const textPattern = '^[^\\u0000]+$';
const amount = (description: string) =>
  Type.Optional(Type.String({ pattern: boundPattern, description, examples: ['10.00'] }));
const instant = (description: string) =>
  Type.Optional(Type.String({ maxLength: 40, description, examples: ['2026-01-31T12:00:00Z'] }));

/** Where in a list one is, and in which form it comes. */
export const pagingFields = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'Default 20.' })),
  cursor: Type.Optional(
    Type.String({ maxLength: 64, description: 'The next_cursor of the page before.' }),
  ),
  format: Type.Optional(
    Type.Enum(['json', ...exportFormats], {
      description:
        'csv and ndjson are the whole list as a file, from `cursor` on; `Accept: text/csv` or ' +
        '`application/x-ndjson` asks for the same.',
    }),
  ),
};

export const periodFields = {
  from: instant('RFC 3339, or a day (UTC); then or later.'),
  to: instant('RFC 3339, or a day (UTC); before then.'),
};

const listFields = {
  ...pagingFields,
  ...periodFields,
  skip: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000 })),
  include_total: Type.Optional(Type.Boolean()),
  status: Type.Optional(
    Type.Enum(['PENDING', 'PROCESSING', 'SUCCESS', 'FAILED', 'PENDING_REVIEW']),
  ),
  currency: Type.Optional(Type.String({ maxLength: 3 })),
  min_amount: amount("At least this, in each payment's own currency."),
  max_amount: amount("At most this, in each payment's own currency."),
  // As a key may be sent.
  idempotency_key: Type.Optional(Type.String({ pattern: '^[\\x21-\\x7e]{1,255}$' })),
  bank_transaction_id: Type.Optional(Type.String({ maxLength: 255, pattern: textPattern })),
  description: Type.Optional(
    Type.String({ maxLength: 100, pattern: textPattern, description: 'Contained, in any case.' }),
  ),
};

const typeField = { type: Type.Optional(Type.Enum([...listedKinds])) };
const userField = {
  user_id: Type.Optional(
    Type.String({ maxLength: 64, description: 'For operators, who see everybody’s without it.' }),
  ),
};

const strict = { additionalProperties: false } as const;

/** Of one kind: `type` has no place there. */
export const KindListQuerySchema = Type.Object({ ...listFields, ...userField }, strict);
export const TransactionsQuerySchema = Type.Object({ ...listFields, ...typeField }, strict);
export const AllTransactionsQuerySchema = Type.Object(
  { ...listFields, ...typeField, ...userField },
  strict,
);

export type ListQueryText = Static<typeof TransactionsQuerySchema>;

export type Parsed<T> = T | { readonly faults: readonly Fault[] };

export function parseListQuery(
  query: ListQueryText,
  format: ExportFormat | 'json',
): Parsed<Omit<ListQuery, 'whose'>> {
  const faults: Fault[] = [];
  const refuse = (parameter: string, detail: string): null => {
    faults.push({ parameter, detail });
    return null;
  };
  const before = query.cursor === undefined ? null : parseCursor(query.cursor);
  if (query.cursor !== undefined && before === null) refuse('cursor', 'is not one of ours');
  if (before !== null && query.skip !== undefined)
    refuse('skip', 'does not go together with cursor');
  if (format !== 'json') refuseBesideFile(query, refuse);
  const currency = query.currency === undefined ? null : parseCurrency(query.currency);
  if (query.currency !== undefined && currency === null)
    refuse('currency', 'is not an ISO 4217 currency that we know');
  const range = amountRange(query.min_amount, query.max_amount);
  if (range === 'empty') refuse('max_amount', 'is less than min_amount');
  const { from, to } = parsePeriod(query, refuse);
  if (faults.length > 0) return { faults };
  return {
    before,
    skip: query.skip ?? 0,
    limit: query.limit ?? 20,
    includeTotal: query.include_total ?? false,
    filter: {
      kind: query.type ?? null,
      status: query.status ?? null,
      currency,
      amount: range === 'empty' ? null : range,
      from,
      to,
      idempotencyKey: query.idempotency_key ?? null,
      bankTransactionId: query.bank_transaction_id ?? null,
      description: query.description ?? null,
    },
  };
}

type Refuse = (parameter: string, detail: string) => null;

export function parsePeriod(
  query: { readonly from?: string; readonly to?: string },
  refuse: Refuse,
): { readonly from: Date | null; readonly to: Date | null } {
  const read = (name: 'from' | 'to'): Date | null => {
    const text = query[name];
    if (text === undefined) return null;
    return parseInstant(text) ?? refuse(name, instantFault);
  };
  const [from, to] = [read('from'), read('to')];
  if (from !== null && to !== null && to < from) refuse('to', 'is before from');
  return { from, to };
}

/** A file has all rows: what picks a page has no place beside it. */
export function refuseBesideFile(query: object, refuse: Refuse): void {
  for (const name of ['limit', 'skip', 'include_total'])
    if (name in query) refuse(name, 'does not go together with a file');
}

/** Opaque, so that nobody builds one: the 16 bytes of the last payment's id. */
export function formatCursor(id: PaymentId): string {
  return Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
}

function parseCursor(cursor: string): PaymentId | null {
  const bytes = Buffer.from(cursor, 'base64url');
  // Decoding passes over what does not belong there; ours has exactly one form.
  if (bytes.toString('base64url') !== cursor) return null;
  const hex = bytes.toString('hex');
  return parseId<'payment'>(hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'));
}
