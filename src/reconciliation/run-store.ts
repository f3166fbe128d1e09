import { statement, type Tx } from '../db/database.ts';
import type { RunKey } from './match-store.ts';
import type { Period, StatementFormat, StatementLine } from './statement.ts';

export interface RunRow {
  readonly id: string;
  readonly bank: string;
  readonly format: StatementFormat;
  readonly period_from: Date;
  readonly period_to: Date;
  readonly line_count: number;
  readonly imported_by: string;
  readonly started_at: Date;
  readonly completed_at: Date | null;
  readonly state: 'running' | 'interrupted' | 'complete';
  readonly matched: number | null;
  readonly missing_in_bank: number | null;
  readonly missing_in_books: number | null;
  readonly amount_differs: number | null;
  readonly duplicate: number | null;
}

const runColumns = `id, bank, format, period_from, period_to, line_count, imported_by, started_at,
          completed_at, state, matched, missing_in_bank, missing_in_books, amount_differs, duplicate`;

export interface NewRun {
  readonly id: string;
  readonly bank: string;
  readonly format: StatementFormat;
  readonly digest: Buffer;
  readonly period: Period;
  readonly lineCount: number;
  readonly importedBy: string;
}

const startsLock = statement<Record<never, never>>(
  'reconciliation_starts_lock',
  `SELECT pg_advisory_xact_lock(hashtext('tollgate.reconciliation'))`,
);
const runsInterrupt = statement<Record<never, never>>(
  'reconciliation_runs_interrupt',
  // Whoever held the lease is dead, or will find that it has lost it.
  `UPDATE bank_statements SET state = 'interrupted', worker = NULL, lease_until = NULL
    WHERE state = 'running' AND bank = $1 AND lease_until < clock_timestamp()`,
);

/** From here to COMMIT nobody else starts a run; runs whose worker has died are free. */
export async function lockStarts(tx: Tx, bank: string): Promise<void> {
  await tx.query(startsLock, []);
  await tx.query(runsInterrupt, [bank]);
}

const runKnown = statement<RunRow>(
  'reconciliation_run_known',
  `SELECT ${runColumns} FROM bank_statements
    WHERE bank = $1 AND digest = $2::bytea AND period_from = $3 AND period_to = $4`,
);
const runRunning = statement<{ id: string }>(
  'reconciliation_run_running',
  `SELECT id FROM bank_statements WHERE bank = $1 AND state = 'running'`,
);

export async function selectKnownRun(tx: Tx, run: NewRun): Promise<RunRow | null> {
  const { bank, digest, period } = run;
  const [row] = await tx.query(runKnown, [bank, byteaOf(digest), period.from, period.to]);
  return row ?? null;
}

export async function isAnyRunning(tx: Tx, bank: string): Promise<boolean> {
  return (await tx.query(runRunning, [bank])).length > 0;
}

const byteaOf = (bytes: Buffer): string => `\\x${bytes.toString('hex')}`;

const runInsert = statement<Record<never, never>>(
  'reconciliation_run_insert',
  `INSERT INTO bank_statements (id, bank, format, digest, period_from, period_to, line_count,
                                imported_by, started_at, state, worker, lease_until)
   VALUES ($1, $2, $3, $4::bytea, $5, $6, $7, $8, clock_timestamp(), 'running', $9,
           clock_timestamp() + $10 * interval '1 ms')`,
);

export function insertRun(
  tx: Tx,
  run: NewRun,
  lease: { readonly worker: string; readonly leaseMs: number },
): Promise<unknown> {
  const { id, bank, format, digest, period, lineCount, importedBy } = run;
  const about = [id, bank, format, byteaOf(digest), period.from, period.to, lineCount, importedBy];
  return tx.query(runInsert, [...about, lease.worker, lease.leaseMs]);
}

const runHold = statement<{ id: string }>(
  'reconciliation_run_hold',
  `UPDATE bank_statements SET lease_until = clock_timestamp() + $3 * interval '1 ms'
    WHERE id = $1 AND state = 'running' AND worker = $2 RETURNING id`,
);
const runTakeOver = statement<{ id: string }>(
  'reconciliation_run_take_over',
  `UPDATE bank_statements
      SET state = 'running', worker = $2, lease_until = clock_timestamp() + $3 * interval '1 ms'
    WHERE id = $1 AND state = 'interrupted' RETURNING id`,
);

/** @returns false where somebody else has taken the run over */
export async function holdRun(
  tx: Tx,
  id: string,
  lease: { readonly worker: string; readonly leaseMs: number },
): Promise<boolean> {
  return (await tx.query(runHold, [id, lease.worker, lease.leaseMs])).length === 1;
}

export async function takeOverRun(
  tx: Tx,
  id: string,
  lease: { readonly worker: string; readonly leaseMs: number },
): Promise<boolean> {
  return (await tx.query(runTakeOver, [id, lease.worker, lease.leaseMs])).length === 1;
}

const runLetGo = statement<Record<never, never>>(
  'reconciliation_run_let_go',
  `UPDATE bank_statements SET state = 'interrupted', worker = NULL, lease_until = NULL
    WHERE id = $1 AND state = 'running' AND worker = $2`,
);

export function letGoOfRun(tx: Tx, id: string, worker: string): Promise<unknown> {
  return tx.query(runLetGo, [id, worker]);
}

const linesInsert = statement<Record<never, never>>(
  'reconciliation_lines_insert',
  // A run that goes on finds what it had kept before.
  `INSERT INTO bank_statement_lines (statement_id, line, reference, bank_transaction_id, currency,
                                     amount, executed_at)
   SELECT $1, line, reference, bank_transaction_id, currency, amount, executed_at
     FROM unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::timestamptz[])
       AS l (line, reference, bank_transaction_id, currency, amount, executed_at)
   ON CONFLICT DO NOTHING`,
);

export function insertLines(
  tx: Tx,
  runId: string,
  lines: readonly StatementLine[],
): Promise<unknown> {
  return tx.query(linesInsert, [
    runId,
    lines.map((one) => one.line),
    lines.map((one) => one.reference),
    lines.map((one) => one.bankTransactionId),
    lines.map((one) => one.currency),
    lines.map((one) => one.amountMinor),
    lines.map((one) => one.executedFrom),
  ]);
}

const runComplete = statement<RunRow>(
  'reconciliation_run_complete',
  `WITH results AS (
     SELECT count(*) FILTER (WHERE result = 'matched')::int AS matched,
            count(*) FILTER (WHERE result = 'missing_in_books')::int AS missing_in_books,
            count(*) FILTER (WHERE result = 'amount_differs')::int AS amount_differs,
            count(*) FILTER (WHERE result = 'duplicate')::int AS duplicate,
            count(*) FILTER (WHERE result IS NULL)::int AS unmatched
       FROM bank_statement_lines WHERE statement_id = $1
   )
   UPDATE bank_statements s
      SET state = 'complete', worker = NULL, lease_until = NULL, completed_at = clock_timestamp(),
          matched = r.matched, missing_in_books = r.missing_in_books,
          amount_differs = r.amount_differs, duplicate = r.duplicate,
          missing_in_bank = (SELECT count(*)::int FROM bank_statement_breaks k
                               JOIN breaks b ON b.id = k.break_id AND b.kind = 'missing_in_bank'
                              WHERE k.statement_id = $1)
     FROM results r
    WHERE s.id = $1 AND s.state = 'running' AND s.worker = $2 AND r.unmatched = 0
   RETURNING s.id, s.bank, s.format, s.period_from, s.period_to, s.line_count, s.imported_by,
             s.started_at, s.completed_at, s.state, s.matched, s.missing_in_bank,
             s.missing_in_books, s.amount_differs, s.duplicate`,
);

/** Null where somebody else has taken the run over. */
export async function completeRun(tx: Tx, run: RunKey, worker: string): Promise<RunRow | null> {
  const [row] = await tx.query(runComplete, [run.runId, worker]);
  return row ?? null;
}

const runsList = statement<RunRow>(
  'reconciliation_runs_list',
  `SELECT ${runColumns} FROM bank_statements
    WHERE ($1::uuid IS NULL OR id < $1) ORDER BY id DESC LIMIT $2`,
);

/** Newest first. */
export function selectRuns(
  tx: Pick<Tx, 'query'>,
  page: { readonly before: string | null; readonly limit: number },
): Promise<readonly RunRow[]> {
  return tx.query(runsList, [page.before, page.limit]);
}

const runGet = statement<RunRow & { breaks: number; breaks_open: number }>(
  'reconciliation_run_get',
  `SELECT ${runColumns},
          (SELECT count(*)::int FROM bank_statement_breaks k WHERE k.statement_id = r.id) AS breaks,
          (SELECT count(*)::int FROM bank_statement_breaks k
             JOIN breaks b ON b.id = k.break_id AND b.state = 'open'
            WHERE k.statement_id = r.id) AS breaks_open
     FROM bank_statements r WHERE id = $1`,
);

export async function selectRun(
  tx: Pick<Tx, 'query'>,
  id: string,
): Promise<(RunRow & { readonly breaks: number; readonly breaks_open: number }) | null> {
  const [row] = await tx.query(runGet, [id]);
  return row ?? null;
}
