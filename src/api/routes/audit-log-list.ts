import { type Static, Type } from 'typebox';
import { type AuditLogRow, selectPage } from '../../audit-log/store.ts';
import type { Api, ApiContext } from '../context.ts';
import { pageOf } from '../page.ts';
import { readListNumbers } from '../payment-list.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, nullable, problems } from '../schemas.ts';

/** Any text but NUL, which PostgreSQL would refuse to look for. */
const words = (example: string) =>
  Type.Optional(Type.String({ pattern: '^[^\\u0000]{1,200}$', examples: [example] }));

const EntrySchema = Type.Object({
  seq: Type.String({ description: 'Numbered without gaps.' }),
  at: Type.String({ format: 'date-time' }),
  actor: Type.String(),
  action: Type.String(),
  subject: Type.String(),
  before: Type.Unsafe<unknown>({}),
  after: Type.Unsafe<unknown>({}),
  reason: nullable<string>('string'),
  request_id: nullable<string>('string'),
  hash: Type.String({ description: 'SHA-256 over this row and the hash of the row before it.' }),
});

const schema = {
  operationId: 'listAuditLog',
  tags: ['Operations'],
  summary: 'Read the audit log',
  description: 'Who did what, newest first.',
  querystring: Type.Object(
    {
      actor: words('user:01890000-0000-7000-8000-000000000000'),
      action: words('payment.resolve'),
      subject: words('payment:01890000-0000-7000-8000-000000000000'),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'Default 20.' })),
      cursor: Type.Optional(
        Type.String({ maxLength: 64, description: 'The next_cursor of the page before.' }),
      ),
    },
    { additionalProperties: false },
  ),
  response: {
    200: Type.Object({
      items: Type.Array(EntrySchema),
      next_cursor: nullable<string>('string'),
      limit: Type.Integer(),
    }),
    ...problems(...guardCodes, 'forbidden', 'validation_failed'),
  },
};

/** Who did what, newest first. `tollgate audit-log verify` proves that it is as it was written. */
export function auditLogList(api: Api, context: ApiContext): void {
  const { limits, database } = context;
  api.get(
    '/api/v1/audit-log',
    {
      schema,
      config: { access: { role: 'operator', scope: 'admin:*' } },
      onRequest: limits.global,
      preValidation: readListNumbers,
    },
    async (request, reply) => {
      const { actor, action, subject, cursor, limit = 20 } = request.query;
      const beforeSeq = cursor === undefined ? null : parseCursor(cursor);
      if (cursor !== undefined && beforeSeq === null)
        return sendProblem(reply, 'validation_failed', {
          errors: [{ parameter: 'cursor', detail: 'is not one of ours' }],
        });
      const rows = await selectPage(database, {
        actor: actor ?? null,
        action: action ?? null,
        subject: subject ?? null,
        beforeSeq,
        // One more says whether there is a next page.
        limit: limit + 1,
      });
      return pageOf(rows, limit, { body: entryBody, cursor: (row) => formatCursor(row.seq) });
    },
  );
}

function entryBody(row: AuditLogRow): Static<typeof EntrySchema> {
  return {
    seq: String(row.seq),
    at: row.at,
    actor: row.actor,
    action: row.action,
    subject: row.subject,
    before: row.before === null ? null : JSON.parse(row.before),
    after: row.after === null ? null : JSON.parse(row.after),
    reason: row.reason,
    request_id: row.requestId,
    hash: row.hash,
  };
}

/** Opaque, so that nobody builds one: the eight bytes of the last row's number. */
function formatCursor(seq: bigint): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(seq);
  return bytes.toString('base64url');
}

function parseCursor(cursor: string): bigint | null {
  const bytes = Buffer.from(cursor, 'base64url');
  return bytes.length === 8 ? bytes.readBigInt64BE() : null;
}
