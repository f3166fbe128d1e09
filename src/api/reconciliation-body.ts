import { type Static, Type } from 'typebox';
import { type BreakId, parseId } from '../ids.ts';
import { formatAmount } from '../money.ts';
import type { BreakRow } from '../reconciliation/breaks-store.ts';
import type { RunRow } from '../reconciliation/run-store.ts';
import { nullable } from './schemas.ts';

const instant = Type.String({ format: 'date-time' });
const count = nullable<number>('integer');

export const RunSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  bank: Type.String(),
  format: Type.Enum(['csv', 'camt053']),
  state: Type.Enum(['running', 'interrupted', 'complete']),
  period_from: instant,
  period_to: instant,
  lines: Type.Integer(),
  imported_by: Type.String(),
  started_at: instant,
  completed_at: nullable<string>('string', { format: 'date-time' }),
  results: Type.Object(
    {
      matched: count,
      missing_in_bank: count,
      missing_in_books: count,
      amount_differs: count,
      duplicate: count,
    },
    { description: 'Null until the run is complete.' },
  ),
});

export function runBody(run: RunRow): Static<typeof RunSchema> {
  const { matched, missing_in_bank, missing_in_books, amount_differs, duplicate } = run;
  return {
    id: run.id,
    bank: run.bank,
    format: run.format,
    state: run.state,
    period_from: run.period_from.toISOString(),
    period_to: run.period_to.toISOString(),
    lines: run.line_count,
    imported_by: run.imported_by,
    started_at: run.started_at.toISOString(),
    completed_at: run.completed_at?.toISOString() ?? null,
    results: { matched, missing_in_bank, missing_in_books, amount_differs, duplicate },
  };
}

export const breakKinds = [
  'missing_in_bank',
  'missing_in_books',
  'amount_differs',
  'duplicate',
  'contradiction',
] as const;

const text = nullable<string>('string');

export const BreakSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  kind: Type.Enum([...breakKinds]),
  source: Type.Enum(['submit', 'inquire', 'callback', 'statement']),
  bank: Type.String(),
  payment_id: text,
  bank_reference: text,
  bank_transaction_id: text,
  currency: Type.String(),
  bank_amount: Type.String({ description: 'Into our books; negative: out of them.' }),
  booked_amount: Type.String(),
  detail: Type.String(),
  run_id: text,
  found_at: instant,
  state: Type.Enum(['open', 'resolved']),
  resolution: text,
  resolution_reason: text,
  resolved_by: text,
  resolved_at: nullable<string>('string', { format: 'date-time' }),
  correction_id: text,
});

export function breakBody(row: BreakRow): Static<typeof BreakSchema> {
  return {
    id: row.id,
    kind: row.kind,
    source: row.source,
    bank: row.bank,
    payment_id: row.payment_id,
    bank_reference: row.bank_reference,
    bank_transaction_id: row.bank_transaction_id,
    currency: row.currency,
    bank_amount: formatAmount(row.bank_amount, row.currency),
    booked_amount: formatAmount(row.booked_amount, row.currency),
    detail: row.detail,
    run_id: row.run_id,
    found_at: row.found_at.toISOString(),
    state: row.state,
    resolution: row.resolution,
    resolution_reason: row.resolution_reason,
    resolved_by: row.resolved_by,
    resolved_at: row.resolved_at?.toISOString() ?? null,
    correction_id: row.correction_id,
  };
}

/** Opaque, so that nobody builds one: the 16 bytes of the last row's id. */
export function formatIdCursor(id: string): string {
  return Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
}

export function parseIdCursor(cursor: string): BreakId | null {
  const hex = Buffer.from(cursor, 'base64url').toString('hex');
  return parseId<'break'>(hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'));
}
