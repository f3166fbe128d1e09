import { statement, type Tx } from '../db/database.ts';
import type { BreakId, PaymentId } from '../ids.ts';
import type { Agreement, KeptLine, Matched, Movement, PaymentFacts } from './match.ts';

/**
 * Which run is meant: its statement's lines count although it is not complete yet, and those of
 * runs that are complete.
 */
export interface RunKey {
  readonly runId: string;
  readonly bank: string;
}

const linesUnmatched = statement<KeptLine>(
  'reconciliation_lines_unmatched',
  `SELECT line, reference, bank_transaction_id AS "bankTransactionId", currency,
          amount AS "amountMinor"
     FROM bank_statement_lines
    WHERE statement_id = $1 AND line > $2 AND result IS NULL ORDER BY line LIMIT $3`,
);

export function selectUnmatched(
  tx: Tx,
  run: RunKey,
  page: { readonly after: number; readonly limit: number },
): Promise<readonly KeptLine[]> {
  return tx.query(linesUnmatched, [run.runId, page.after, page.limit]);
}

const movementsOf = statement<Movement>(
  'reconciliation_movements',
  // The bank's newest word about a transaction: a later statement may put an earlier one right.
  `SELECT DISTINCT ON (l.reference, l.bank_transaction_id)
          l.reference, l.bank_transaction_id AS "bankTransactionId", l.currency,
          l.amount AS "amountMinor"
     FROM bank_statement_lines l JOIN bank_statements s ON s.id = l.statement_id
    WHERE l.reference = ANY($3::text[]) AND s.bank = $2 AND (s.state = 'complete' OR s.id = $1)
    ORDER BY l.reference, l.bank_transaction_id, s.started_at DESC, l.line`,
);

export function selectMovements(
  tx: Tx,
  run: RunKey,
  references: readonly string[],
): Promise<readonly Movement[]> {
  return tx.query(movementsOf, [run.runId, run.bank, references]);
}

export const factColumns = `p.id, p.bank, p.currency, s.status,
          CASE p.kind WHEN 'deposit' THEN p.amount ELSE -p.amount END AS "askedMinor",
          coalesce(c.total, 0)::bigint AS "correctedMinor"`;

/** Money from the bank's clearing account is money into our books. */
export const corrections = `LATERAL (
     SELECT sum(CASE f.kind WHEN 'clearing' THEN k.amount ELSE -k.amount END) AS total
       FROM payments k JOIN accounts f ON f.id = k.account_id
      WHERE k.related_payment_id = p.id AND k.kind = 'correction') c ON true`;

const paymentsOf = statement<PaymentFacts>(
  'reconciliation_payments',
  `SELECT ${factColumns}
     FROM payments p JOIN payment_state s ON s.payment_id = p.id LEFT JOIN ${corrections}
    WHERE p.id = ANY($1::uuid[]) AND p.kind IN ('deposit', 'withdrawal', 'refund')`,
);

export function selectPayments(
  tx: Tx,
  ids: readonly PaymentId[],
): Promise<readonly PaymentFacts[]> {
  return tx.query(paymentsOf, [ids]);
}

const resultsWrite = statement<Record<never, never>>(
  'reconciliation_results_write',
  `WITH written AS (
     UPDATE bank_statement_lines l SET result = r.result
       FROM unnest($2::int[], $3::text[]) AS r (line, result)
      WHERE l.statement_id = $1 AND l.line = r.line RETURNING 1
   ) SELECT assert_count('results', (SELECT count(*) FROM written), cardinality($2::int[]))`,
);

export function writeResults(tx: Tx, run: RunKey, results: Matched['results']): Promise<unknown> {
  return tx.query(resultsWrite, [
    run.runId,
    results.map((one) => one.line),
    results.map((one) => one.result),
  ]);
}

const breaksLink = statement<Record<never, never>>(
  'reconciliation_breaks_link',
  `INSERT INTO bank_statement_breaks (statement_id, break_id)
   SELECT $1, id FROM breaks WHERE fingerprint = ANY($2::text[]) ORDER BY id
   ON CONFLICT DO NOTHING`,
);

/** Those that were known before, too. */
export function linkBreaks(tx: Tx, run: RunKey, fingerprints: readonly string[]): Promise<unknown> {
  return tx.query(breaksLink, [run.runId, fingerprints]);
}

const agreeingSettle = statement<{ id: BreakId }>(
  'reconciliation_agreeing_settle',
  `UPDATE breaks b
      SET state = 'resolved', resolution = 'settled', resolution_reason = $3, resolved_by = $4,
          resolved_at = clock_timestamp()
     FROM unnest($1::uuid[], $2::bigint[]) AS g (payment_id, bank_amount)
     JOIN payments p ON p.id = g.payment_id
     JOIN payment_state s ON s.payment_id = p.id AND s.status IN ('SUCCESS', 'FAILED')
     LEFT JOIN ${corrections}
    WHERE b.payment_id = g.payment_id AND b.state = 'open'
      AND g.bank_amount = coalesce(c.total, 0) + CASE
            WHEN s.status = 'FAILED' THEN 0
            WHEN p.kind = 'deposit' THEN p.amount ELSE -p.amount END
   RETURNING b.id`,
);

/** Whatever was open about a payment is over where its books show what the bank moved. */
export function settleAgreeing(
  tx: Tx,
  agreeing: readonly Agreement[],
  words: { readonly reason: string; readonly by: string },
): Promise<readonly { readonly id: BreakId }[]> {
  return tx.query(agreeingSettle, [
    agreeing.map((one) => one.paymentId),
    agreeing.map((one) => one.bankMinor),
    words.reason,
    words.by,
  ]);
}

/** A payment that the statement ends, or that has ended since the run looked at it. */
export interface ToSettle {
  readonly breakId: BreakId;
  readonly paymentId: PaymentId;
  readonly bankTransactionId: string;
  readonly line: number;
  /** All that the bank moved for it. */
  readonly bankMinor: bigint;
  readonly isFinal: boolean;
}

const settleNext = statement<ToSettle>(
  'reconciliation_settle_next',
  // What the bank moved and took back again ends nothing: of the money nothing is here.
  `SELECT DISTINCT ON (b.id) b.id AS "breakId", p.id AS "paymentId",
          l.bank_transaction_id AS "bankTransactionId", l.line, b.bank_amount AS "bankMinor",
          s.status IN ('SUCCESS', 'FAILED') AS "isFinal"
     FROM bank_statement_breaks k
     JOIN breaks b ON b.id = k.break_id AND b.state = 'open'
     JOIN payments p ON p.id = b.payment_id
     JOIN payment_state s ON s.payment_id = p.id
          AND (s.status IN ('SUCCESS', 'FAILED')
               OR CASE p.kind WHEN 'deposit' THEN b.bank_amount >= p.amount
                              ELSE b.bank_amount <= -p.amount END)
     JOIN bank_statement_lines l ON l.statement_id = $1 AND l.currency = p.currency
          AND l.reference = replace(p.id::text, '-', '')
          AND l.amount = CASE p.kind WHEN 'deposit' THEN p.amount ELSE -p.amount END
    WHERE k.statement_id = $1 AND k.break_id > $2
    ORDER BY b.id, l.line LIMIT $3`,
);

/** Open breaks of the run whose payment the bank moved as it was asked, in pages. */
export function selectToSettle(
  tx: Tx,
  run: RunKey,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly ToSettle[]> {
  return tx.query(settleNext, [run.runId, page.after, page.limit]);
}
