import type { FastifyReply, FastifyRequest, preValidationHookHandler } from 'fastify';
import { type Static, Type } from 'typebox';
import type { UserId } from '../ids.ts';
import { type ListPage, listAll, listPayments, type Whose } from '../payments/history-list.ts';
import { callerOf } from './auth.ts';
import type { ApiContext } from './context.ts';
import { exportBatchRows, formatOf } from './export.ts';
import { paymentBody } from './payment-body.ts';
import { formatCursor, type ListQueryText, parseListQuery } from './payment-list-query.ts';
import { type Fault, sendProblem } from './problem.ts';
import { guardCodes, PaymentSchema, problems } from './schemas.ts';

export const PageSchema = Type.Object({
  items: Type.Array(PaymentSchema, {
    description: 'Perhaps fewer than `limit`, even none, while `next_cursor` is not null.',
  }),
  next_cursor: Type.Unsafe<string | null>({
    type: ['string', 'null'],
    description: 'Null: that was all.',
  }),
  limit: Type.Integer(),
  skip: Type.Optional(Type.Integer()),
  total: Type.Optional(
    Type.Integer({ description: 'Only when asked for, and up to 50,000 payments of history.' }),
  ),
});

export type Page = Static<typeof PageSchema>;

export const listProblems = problems(
  ...guardCodes,
  'validation_failed',
  'user_not_found',
  'overloaded',
);

/** Answers with a page, or with the whole list as a file. */
export async function answerList(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  wanted: { readonly name: string; readonly userId: UserId | 'everybody'; query: ListQueryText },
): Promise<Page | FastifyReply> {
  const { query, userId, name } = wanted;
  const { database, exports } = context;
  const format = formatOf(request, query.format);
  const parsed = parseListQuery(query, format);
  if ('faults' in parsed) return refuse(reply, parsed.faults);
  const whose = await whoseOf(context, userId);
  if (format === 'json') {
    reply.header('vary', 'accept');
    const page = await listPayments(database, { ...parsed, whose });
    return pageBody(page, query, parsed.limit);
  }
  const all = listAll(database, { ...parsed, whose, limit: exportBatchRows });
  const reader = callerOf(request).userId;
  return exports.send(reply, { reader, name, format, columns, batches: bodies(all) });
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

async function* bodies(batches: ReturnType<typeof listAll>) {
  for await (const rows of batches) yield rows.map(paymentBody);
}

/** Without `message`, which says again what `status` says. */
const columns = Object.keys(PaymentSchema.properties).filter((name) => name !== 'message');

async function whoseOf(context: ApiContext, userId: UserId | 'everybody'): Promise<Whose> {
  if (userId === 'everybody') return { kind: 'everybody' };
  return { kind: 'user', userId, accounts: await context.accounts.all(userId) };
}

function refuse(reply: FastifyReply, errors: readonly Fault[]): FastifyReply {
  return sendProblem(reply, 'validation_failed', { errors });
}

function pageBody(page: ListPage, query: ListQueryText, limit: number): Page {
  return {
    items: page.items.map(paymentBody),
    next_cursor: page.next === null ? null : formatCursor(page.next),
    limit,
    ...(query.skip === undefined ? {} : { skip: query.skip }),
    ...(page.total === undefined ? {} : { total: page.total }),
  };
}
