import { type Static, Type } from 'typebox';
import type { FailedTaskRow, Position } from '../failed-tasks/store.ts';
import { parseId } from '../ids.ts';
import { nullable } from './schemas.ts';

const instant = Type.String({ format: 'date-time' });

export const FailedTaskSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  payment_id: nullable<string>('string', { format: 'uuid' }),
  subject: nullable<string>('string', { description: 'What failed, where that is no payment.' }),
  reason: Type.String({ examples: ['REVIEW', 'BANK_UNAVAILABLE', 'POISON_MESSAGE'] }),
  detail: Type.String({ description: 'What was said the last time.' }),
  times: Type.Integer(),
  first_at: instant,
  last_at: instant,
  state: Type.Enum(['open', 'closed']),
  closed_at: nullable<string>('string', { format: 'date-time' }),
  closed_by: nullable<string>('string'),
  closed_note: nullable<string>('string'),
  requeued_at: nullable<string>('string', { format: 'date-time' }),
  requeued_by: nullable<string>('string'),
  payment_status: nullable<string>('string', { description: 'How its payment stands now.' }),
});

export type FailedTaskBody = Static<typeof FailedTaskSchema>;

export function failedTaskBody(task: FailedTaskRow): FailedTaskBody {
  const isClosed = task.closedAt !== null;
  return {
    id: task.id,
    payment_id: task.paymentId,
    subject: task.subject,
    reason: task.reason,
    detail: task.detail,
    times: task.times,
    first_at: task.firstAt.toISOString(),
    last_at: task.lastAt.toISOString(),
    state: isClosed ? 'closed' : 'open',
    closed_at: task.closedAt?.toISOString() ?? null,
    // Of a task that opened again the row still tells of the last time.
    closed_by: isClosed ? task.closedBy : null,
    closed_note: isClosed ? task.closedNote : null,
    requeued_at: task.requeuedAt?.toISOString() ?? null,
    requeued_by: task.requeuedBy,
    payment_status: task.paymentStatus,
  };
}

/** Opaque, so that nobody builds one: eight bytes of time, sixteen of id. */
export function formatTaskCursor({ firstAtUs, id }: Position): string {
  const bytes = Buffer.alloc(24);
  bytes.writeBigInt64BE(firstAtUs);
  bytes.write(id.replaceAll('-', ''), 8, 'hex');
  return bytes.toString('base64url');
}

export function parseTaskCursor(cursor: string): Position | null {
  const bytes = Buffer.from(cursor, 'base64url');
  if (bytes.length !== 24) return null;
  const firstAtUs = bytes.readBigInt64BE();
  // A moment that PostgreSQL knows: until the year 9999.
  if (firstAtUs < 0n || firstAtUs > 253_402_300_800_000_000n) return null;
  const hex = bytes.toString('hex', 8);
  const id = parseId<'failedTask'>(
    hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
  );
  return id === null ? null : { firstAtUs, id };
}
