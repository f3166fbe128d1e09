import { Readable } from 'node:stream';
import { errorCodes, type FastifyReply, type FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { unreachable } from '../../assert.ts';
import { bankName } from '../../policy.ts';
import type { StatementImport } from '../../reconciliation/job.ts';
import { type ImportResult, openReconciliation } from '../../reconciliation/run.ts';
import { StatementTooLarge, withSpooled } from '../../reconciliation/spool.ts';
import type { StatementFault, StatementFormat } from '../../reconciliation/statement.ts';
import type { Api, ApiContext } from '../context.ts';
import { doneBy } from '../done-by.ts';
import { parseInstant } from '../instant.ts';
import { sendProblem } from '../problem.ts';
import { RunSchema, runBody } from '../reconciliation-body.ts';
import { guardCodes, problems } from '../schemas.ts';

const path = '/api/v1/reconciliation/runs';
const dayMs = 86_400_000;

const formats: Readonly<Record<string, StatementFormat>> = {
  'text/csv': 'csv',
  'application/xml': 'camt053',
  'text/xml': 'camt053',
};

const csvExample = [
  'reference,bank_transaction_id,kind,credit_debit,amount,currency,executed_at,original_reference',
  '01890a5d-ac96-774b-bcce-b302099a8057,BNK-1,deposit,credit,100.00,USD,2026-01-31T12:00:00.000Z,',
  '',
].join('\r\n');

const schema = {
  operationId: 'importStatement',
  tags: ['Operations'],
  summary: 'Import a bank statement',
  description:
    'A bank’s statement, held against the books: 201 with the run, 200 for a file of before.',
  querystring: Type.Object(
    {
      date: Type.Optional(
        Type.String({
          pattern: '^\\d{4}-\\d{2}-\\d{2}$',
          examples: ['2026-01-31'],
          description: 'The day (UTC) it is of, where the file does not say so.',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  bodies: {
    'text/csv': {
      description: 'A line of names, then a line for each movement.',
      example: csvExample,
    },
    'application/xml': { description: 'camt.053.001.08.', example: '<Document>…</Document>' },
  },
  response: {
    200: RunSchema,
    201: RunSchema,
    ...problems(
      ...guardCodes,
      'validation_failed',
      'statement_malformed',
      'malformed_json',
      'reconciliation_running',
      'statement_too_large',
      'unsupported_media_type',
    ),
  },
};

/** A bank's statement, held against the books: 201 with the run, 200 for a file of before. */
export function reconciliationRunsCreate(api: Api, context: ApiContext): void {
  const { config, database, resolve, log, limits } = context;
  const reconcile = openReconciliation({
    database,
    resolve: (words) => resolve(words),
    bank: bankName,
    log,
    marginMs: config.RECONCILIATION_CLOCK_MARGIN_SECONDS * 1000,
    paymentDeadlineMs: config.PAYMENT_DEADLINE_HOURS * 3_600_000,
  });
  acceptStatements(api);
  api.post(
    path,
    {
      schema,
      config: { access: { role: 'operator', scope: 'admin:*' } },
      onRequest: limits.global,
    },
    async (request, reply) => {
      const format = formatOf(request);
      if (format === null) return sendProblem(reply, 'unsupported_media_type');
      const period = periodOf(request.query.date);
      if (period === undefined)
        return sendProblem(reply, 'validation_failed', {
          errors: [{ parameter: 'date', detail: 'is not a day like 2026-01-31' }],
        });
      const { actor: by, requestId } = doneBy(request, null);
      const about: Omit<StatementImport, 'file'> = { format, period, by, requestId };
      const limitMb = config.RECONCILIATION_STATEMENT_MAX_MB;
      try {
        const bytes = request.body instanceof Readable ? request.body : Readable.from([]);
        const result = await withSpooled(bytes, limitMb * 1e6, (file) =>
          reconcile({ ...about, file }),
        );
        return answer(reply, result);
      } catch (error) {
        if (error instanceof StatementTooLarge)
          return sendProblem(reply, 'statement_too_large', {
            values: { limit: String(limitMb) },
            // The rest of it is still on its way.
            headers: { connection: 'close' },
          });
        // He hung up in the middle of it: nobody is left to be told.
        if (request.raw.destroyed && !request.raw.complete)
          return sendProblem(reply, 'validation_failed');
        throw error;
      }
    },
  );
}

/** Handed on as they come, and only here: other routes go on refusing these types. */
function acceptStatements(api: Api): void {
  api.addContentTypeParser(Object.keys(formats), (request, bytes, done) => {
    if (request.routeOptions.url === path) return done(null, bytes);
    return done(
      new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(request.headers['content-type'] ?? ''),
    );
  });
}

function formatOf(request: FastifyRequest): StatementFormat | null {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  return formats[type ?? ''] ?? null;
}

/** Undefined where it is no day. */
function periodOf(date: string | undefined) {
  if (date === undefined) return null;
  const from = parseInstant(date);
  return from === null ? undefined : { from, to: new Date(from.getTime() + dayMs) };
}

function answer(reply: FastifyReply, result: ImportResult) {
  switch (result.kind) {
    case 'malformed':
      return sendProblem(reply, 'statement_malformed', { errors: result.faults.map(faultOf) });
    case 'busy':
      return sendProblem(reply, 'reconciliation_running', { headers: { 'retry-after': '60' } });
    case 'known':
      return reply.code(200).send(runBody(result.run));
    case 'complete':
      return reply
        .code(201)
        .header('location', `${path}/${result.run.id}`)
        .send(runBody(result.run));
    default:
      return unreachable(result);
  }
}

function faultOf({ line, entry, detail }: StatementFault) {
  return entry === null ? { line, detail } : { line, entry, detail };
}
