import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Account } from '../ledger/accounts.ts';
import {
  openStatement,
  readLines,
  type Statement,
  type StatementLine,
} from '../ledger/statement.ts';
import { type Currency, formatAmount } from '../money.ts';
import { callerOf } from './auth.ts';
import type { ApiContext } from './context.ts';
import { type ExportRow, exportBatchRows, formatOf } from './export.ts';
import { pagingFields, parsePeriod, periodFields, refuseBesideFile } from './payment-list-query.ts';
import { type Fault, sendProblem } from './problem.ts';
import { guardCodes, nullable, problems } from './schemas.ts';

export const statementFields = { ...pagingFields, ...periodFields };

const LineSchema = Type.Object({
  seq: Type.String({ description: 'Numbers the postings of the account, without gaps.' }),
  posted_at: Type.String({ format: 'date-time' }),
  payment_id: Type.String({ format: 'uuid' }),
  transaction_type: nullable<string>('string'),
  description: nullable<string>('string'),
  amount: Type.String({ description: 'Signed.' }),
  balance_after: Type.String(),
});

export const StatementSchema = Type.Object({
  account_id: Type.String({ format: 'uuid' }),
  currency: Type.String(),
  from: nullable<string>('string', { description: 'Included; null: since the account opened.' }),
  to: Type.String({ format: 'date-time', description: 'Not included; now at the latest.' }),
  opening_balance: Type.String(),
  closing_balance: Type.String(),
  items: Type.Array(LineSchema, { description: 'In the order in which they were booked.' }),
  next_cursor: nullable<string>('string'),
  limit: Type.Integer(),
});

export const statementProblems = problems(...guardCodes, 'validation_failed', 'overloaded');

interface StatementQuery {
  readonly limit?: number;
  readonly cursor?: string;
  readonly format?: string;
  readonly from?: string;
  readonly to?: string;
}

/** Answers with a page of the statement, or with the whole of it as a file. */
export async function answerStatement(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  wanted: { readonly account: Account; readonly query: StatementQuery },
): Promise<Static<typeof StatementSchema> | FastifyReply> {
  const { account, query } = wanted;
  const format = formatOf(request, query.format);
  const parsed = parseQuery(query, format !== 'json');
  if ('faults' in parsed) return sendProblem(reply, 'validation_failed', { errors: parsed.faults });
  const statement = await openStatement(context.database, account.id, parsed);
  if (statement === null) return refuse(reply, 'from', 'is in the future');
  const next = parsed.next ?? statement.first;
  // Ours points at a posting of its period, and there is at least that one.
  if (parsed.next !== null && !(next >= statement.first && next <= statement.last))
    return refuse(reply, 'cursor', 'is not one of ours');
  if (format !== 'json') {
    const batches = linesOf(context, { statement, next, currency: account.currency });
    const reader = callerOf(request).userId;
    return context.exports.send(reply, { reader, name: 'statement', format, columns, batches });
  }
  reply.header('vary', 'accept');
  const limit = query.limit ?? 20;
  const lines = await readLines(context.database, statement, { next, limit });
  return statementBody(statement, account.currency, { lines, limit });
}

function statementBody(
  statement: Statement,
  currency: Currency,
  page: { readonly lines: readonly StatementLine[]; readonly limit: number },
): Static<typeof StatementSchema> {
  const { lines, limit } = page;
  const last = lines.at(-1);
  const isEnd = last === undefined || last.seq === statement.last;
  return {
    account_id: statement.accountId,
    currency,
    from: statement.from?.toISOString() ?? null,
    to: statement.to.toISOString(),
    opening_balance: formatAmount(statement.opening, currency),
    closing_balance: formatAmount(statement.closing, currency),
    items: lines.map((line) => lineBody(line, currency)),
    next_cursor: isEnd ? null : formatCursor(statement, last.seq + 1n),
    limit,
  };
}

function lineBody(line: StatementLine, currency: Currency): Static<typeof LineSchema> {
  return {
    seq: String(line.seq),
    posted_at: line.postedAt.toISOString(),
    payment_id: line.paymentId,
    transaction_type: line.kind,
    description: line.description,
    amount: formatAmount(line.amount, currency),
    balance_after: formatAmount(line.balanceAfter, currency),
  };
}

const columns = ['entry', ...Object.keys(LineSchema.properties), 'currency'];

/** Opening, postings, closing: a file that was cut off shows it. */
async function* linesOf(
  { database }: ApiContext,
  whole: { readonly statement: Statement; readonly next: bigint; readonly currency: Currency },
): AsyncGenerator<readonly ExportRow[]> {
  const { statement, currency } = whole;
  const edge = (entry: string, at: Date | null, balance: bigint): ExportRow => ({
    entry,
    posted_at: at?.toISOString() ?? null,
    balance_after: formatAmount(balance, currency),
    currency,
  });
  yield [edge('opening', statement.from, statement.opening)];
  const limit = exportBatchRows;
  for (let { next } = whole; next <= statement.last; next += BigInt(limit)) {
    const lines = await readLines(database, statement, { next, limit });
    yield lines.map((line) => ({ entry: 'posting', ...lineBody(line, currency), currency }));
  }
  yield [edge('closing', statement.to, statement.closing)];
}

interface Wanted {
  readonly from: Date | null;
  readonly to: Date | null;
  /** The first posting of the page; null: of the period. */
  readonly next: bigint | null;
}

function parseQuery(
  query: StatementQuery,
  isFile: boolean,
): Wanted | { readonly faults: readonly Fault[] } {
  const faults: Fault[] = [];
  const refuseField = (parameter: string, detail: string): null => {
    faults.push({ parameter, detail });
    return null;
  };
  if (isFile) refuseBesideFile(query, refuseField);
  if (isFile && query.cursor !== undefined)
    refuseField('cursor', 'does not go together with a file');
  const period = parsePeriod(query, refuseField);
  const cursor = query.cursor === undefined ? null : parseCursor(query.cursor);
  if (query.cursor !== undefined && cursor === null) refuseField('cursor', 'is not one of ours');
  if (faults.length > 0) return { faults };
  // The cursor's period is the first page's, whose end may have been "now".
  return cursor ?? { ...period, next: null };
}

function refuse(reply: FastifyReply, parameter: string, detail: string): FastifyReply {
  return sendProblem(reply, 'validation_failed', { errors: [{ parameter, detail }] });
}

/** Opaque, so that nobody builds one: the period in milliseconds, and the next posting. */
function formatCursor({ from, to }: Statement, next: bigint): string {
  const bytes = Buffer.alloc(cursorBytes);
  bytes.writeBigInt64BE(from === null ? -1n : BigInt(from.getTime()), 0);
  bytes.writeBigInt64BE(BigInt(to.getTime()), 8);
  bytes.writeBigInt64BE(next, 16);
  return bytes.toString('base64url');
}

const cursorBytes = 24;
const latestMs = BigInt(Date.UTC(9999, 11, 31));

function parseCursor(cursor: string): Wanted | null {
  const bytes = Buffer.from(cursor, 'base64url');
  if (bytes.length !== cursorBytes || bytes.toString('base64url') !== cursor) return null;
  const [from, to] = [bytes.readBigInt64BE(0), bytes.readBigInt64BE(8)];
  const isPeriod = from >= -1n && to >= 0n && from <= to && to <= latestMs;
  if (!isPeriod) return null;
  return {
    from: from === -1n ? null : new Date(Number(from)),
    to: new Date(Number(to)),
    next: bytes.readBigInt64BE(16),
  };
}
