import { statement, type Tx } from '../db/database.ts';
import type { PaymentId } from '../ids.ts';
import type { PaymentFacts } from './match.ts';
import { corrections, factColumns, type RunKey } from './match-store.ts';
import type { Period } from './statement.ts';

const periodsComplete = statement<Period>(
  'reconciliation_periods_complete',
  `SELECT period_from AS "from", period_to AS "to" FROM bank_statements
    WHERE bank = $1 AND state = 'complete'`,
);

export function selectPeriods(tx: Tx, bank: string): Promise<readonly Period[]> {
  return tx.query(periodsComplete, [bank]);
}

const pageEnd = statement<{ last: PaymentId }>(
  'reconciliation_page_end',
  `SELECT id AS last FROM (SELECT id FROM payments WHERE id > $1 AND id <= $2
                            ORDER BY id LIMIT $3) page
    ORDER BY id DESC LIMIT 1`,
);

/** The last of the next `limit` payments after `after`; null where there are none. */
export async function selectPageEnd(
  tx: Tx,
  page: { readonly after: string; readonly until: string; readonly limit: number },
): Promise<PaymentId | null> {
  const [row] = await tx.query(pageEnd, [page.after, page.until, page.limit]);
  return row?.last ?? null;
}

/** Which payments the statement must have. */
export interface MissingTerms {
  /** The statement's own time, and all that is known without a gap around it. */
  readonly own: Period;
  readonly covered: Period;
  /** How far the bank's clock and ours may be apart. */
  readonly marginMs: number;
}

// The bank moved it at some moment between our first submit and our booking, by its own clock.
const soughtColumns = `coalesce(s.first_submit_at, p.created_at) - $4::float8 * interval '1 ms' AS began,
          s.updated_at + $4::float8 * interval '1 ms' AS ended`;

const isMissing = `s.status = 'SUCCESS' AND p.bank = $2
      AND m.began >= $5::timestamptz AND m.ended <= $6::timestamptz
      AND m.began < $8::timestamptz AND m.ended > $7::timestamptz
      AND NOT EXISTS (SELECT FROM bank_statement_lines l JOIN bank_statements t ON t.id = l.statement_id
                       WHERE l.reference = replace(p.id::text, '-', '') AND l.currency = p.currency
                         AND t.bank = $2 AND (t.state = 'complete' OR t.id = $1))`;

const missingBetween = statement<PaymentFacts>(
  'reconciliation_missing_between',
  `SELECT ${factColumns}
     FROM payments p JOIN payment_state s ON s.payment_id = p.id
    CROSS JOIN LATERAL (SELECT ${soughtColumns}) m
     LEFT JOIN ${corrections}
    WHERE p.id > $3 AND p.id <= $9 AND ${isMissing}`,
);

/** Payments after `after` up to and including `until` that no statement has and one should. */
export function selectMissing(
  tx: Tx,
  run: RunKey,
  terms: MissingTerms,
  ids: { readonly after: string; readonly until: string },
): Promise<readonly PaymentFacts[]> {
  return tx.query(missingBetween, [run.runId, run.bank, ids.after, ...boundsOf(terms), ids.until]);
}

const missingReviewed = statement<PaymentFacts>(
  'reconciliation_missing_reviewed',
  `SELECT ${factColumns}
     FROM (SELECT DISTINCT payment_id FROM failed_tasks
            WHERE reason = 'REVIEW' AND payment_id <= $3) f
     JOIN payments p ON p.id = f.payment_id
     JOIN payment_state s ON s.payment_id = p.id
    CROSS JOIN LATERAL (SELECT ${soughtColumns}) m
     LEFT JOIN ${corrections}
    WHERE ${isMissing}`,
);

/** The same of payments up to `until` that had to be reviewed: they can be any age. */
export function selectMissingReviewed(
  tx: Tx,
  run: RunKey,
  terms: MissingTerms,
  until: string,
): Promise<readonly PaymentFacts[]> {
  return tx.query(missingReviewed, [run.runId, run.bank, until, ...boundsOf(terms)]);
}

function boundsOf({ own, covered, marginMs }: MissingTerms) {
  return [marginMs, covered.from, covered.to, own.from, own.to];
}

/** The smallest id that a payment made at this moment could have: UUIDv7 begins with its time. */
export function lowestIdAt(at: Date): string {
  const hex = Math.max(0, at.getTime()).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}
