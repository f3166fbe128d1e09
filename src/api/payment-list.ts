import type { preValidationHookHandler } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Database } from '../db/database.ts';
import { type PaymentId, parseId, type UserId } from '../ids.ts';
import type { Accounts } from '../ledger/accounts.ts';
import { type HistoryPage, listPayments } from '../payments/history.ts';
import type { PaymentKind } from '../payments/states.ts';
import { callerOf } from './auth.ts';
import type { Api, ApiContext } from './context.ts';
import { paymentBody } from './payment-body.ts';
import { type Fault, sendProblem } from './problem.ts';
import { guardCodes, PaymentSchema, problems } from './schemas.ts';

const listFields = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'Default 20.' })),
  cursor: Type.Optional(
    Type.String({ maxLength: 64, description: 'The next_cursor of the page before.' }),
  ),
  skip: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000 })),
  include_total: Type.Optional(Type.Boolean()),
  status: Type.Optional(
    Type.Enum(['PENDING', 'PROCESSING', 'SUCCESS', 'FAILED', 'PENDING_REVIEW']),
  ),
  currency: Type.Optional(Type.String({ maxLength: 3 })),
  // As a key may be sent. PostgreSQL stores no NUL and would refuse to look for one.
  idempotency_key: Type.Optional(Type.String({ pattern: '^[\\x21-\\x7e]{1,255}$' })),
};

export const ListQuerySchema = Type.Object(listFields, { additionalProperties: false });

export const TransactionsQuerySchema = Type.Object(
  { ...listFields, type: Type.Optional(Type.Enum(['deposit', 'withdrawal'])) },
  { additionalProperties: false },
);

export type ListQuery = Static<typeof TransactionsQuerySchema>;

export const PageSchema = Type.Object({
  items: Type.Array(PaymentSchema),
  next_cursor: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
  limit: Type.Integer(),
  skip: Type.Optional(Type.Integer()),
  total: Type.Optional(
    Type.Integer({ description: 'Only when asked for, and up to 50,000 payments of history.' }),
  ),
});

export type Page = Static<typeof PageSchema>;

export const listProblems = problems(...guardCodes, 'validation_failed');

/** The caller's payments of one kind. */
export function paymentList(api: Api, context: ApiContext, kind: PaymentKind): void {
  const { limits } = context;
  api.get(
    `/api/v1/${kind}s`,
    {
      schema: { querystring: ListQuerySchema, response: { 200: PageSchema, ...listProblems } },
      config: { access: { role: 'user', scope: 'read' } },
      onRequest: limits.transactions,
      preValidation: readListNumbers,
    },
    async (request, reply) => {
      const { userId } = callerOf(request);
      const page = await readPage(context, userId, { ...request.query, type: kind });
      if ('faults' in page) return sendProblem(reply, 'validation_failed', { errors: page.faults });
      return page;
    },
  );
}

/** A query string has only text: what looks like a number or a yes is made one, by name. */
export const readListNumbers: preValidationHookHandler = (request, _reply, done) => {
  const query: unknown = request.query;
  if (typeof query === 'object' && query !== null) {
    if ('limit' in query) query.limit = readNumber(query.limit);
    if ('skip' in query) query.skip = readNumber(query.skip);
    if ('include_total' in query) query.include_total = readYes(query.include_total);
  }
  done();
};

function readNumber(value: unknown): unknown {
  return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
}

function readYes(value: unknown): unknown {
  return value === 'true' ? true : value === 'false' ? false : value;
}

export async function readPage(
  context: { readonly database: Database; readonly accounts: Accounts },
  userId: UserId,
  query: ListQuery,
): Promise<Page | { readonly faults: readonly Fault[] }> {
  const before = query.cursor === undefined ? null : parseCursor(query.cursor);
  if (query.cursor !== undefined && before === null) return fault('cursor', 'is not one of ours');
  if (before !== null && query.skip !== undefined)
    return fault('skip', 'does not go together with cursor');
  const limit = query.limit ?? 20;
  const accounts = await context.accounts.all(userId);
  const page = await listPayments(context.database, {
    userId,
    accounts: accounts.filter(
      ({ currency }) => query.currency === undefined || query.currency === currency,
    ),
    kind: query.type ?? null,
    status: query.status ?? null,
    idempotencyKey: query.idempotency_key ?? null,
    before,
    skip: query.skip ?? 0,
    limit,
    includeTotal: query.include_total ?? false,
  });
  return pageBody(page, query, limit);
}

function pageBody(page: HistoryPage, query: ListQuery, limit: number): Page {
  return {
    items: page.items.map(paymentBody),
    next_cursor: page.next === null ? null : formatCursor(page.next),
    limit,
    ...(query.skip === undefined ? {} : { skip: query.skip }),
    ...(page.total === undefined ? {} : { total: page.total }),
  };
}

/** Opaque, so that nobody builds one: the 16 bytes of the last payment's id. */
function formatCursor(id: PaymentId): string {
  return Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
}

function parseCursor(cursor: string): PaymentId | null {
  const hex = Buffer.from(cursor, 'base64url').toString('hex');
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return parseId<'payment'>(id);
}

function fault(parameter: string, detail: string): { readonly faults: readonly Fault[] } {
  return { faults: [{ parameter, detail }] };
}
