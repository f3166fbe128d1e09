/**
 * In:   a bank's statement on this machine's disk.
 * Out:  a run: every line held against the books, every difference a break, unfinished payments
 *       that the statement has ended by it.
 * If we die here: nothing is kept of a file that was not read to its end. Later the run stands as
 *       far as it came, under a lease: its lines count for nobody, and the same file goes on where it
 *       stopped. What it has told so far (breaks, settled payments) is true.
 *
 * Every transaction is a page of rows and takes a fraction of a second: a statement of a day may
 * have a million lines, and the feed waits for the oldest writer.
 */
import { appendAuditLog } from '../audit-log/append.ts';
import { type Database, readNow, type Tx } from '../db/database.ts';
import { newBreakId, newUuid, type PaymentId } from '../ids.ts';
import type { NewBreak } from '../ledger/breaks.ts';
import { recordBreaks } from '../ledger/breaks-store.ts';
import type { Resolve } from '../payments/resolve.ts';
import type { Logger } from '../telemetry/log.ts';
import { checkStatement, readStatement } from './check.ts';
import { coverageAround } from './coverage.ts';
import { type MatchFacts, matchLines, missingBreak, paymentIdOf } from './match.ts';
import {
  linkBreaks,
  selectMovements,
  selectPayments,
  selectToSettle,
  selectUnmatched,
  settleAgreeing,
  type ToSettle,
  writeResults,
} from './match-store.ts';
import {
  lowestIdAt,
  type MissingTerms,
  selectMissing,
  selectMissingReviewed,
  selectPageEnd,
  selectPeriods,
} from './missing-store.ts';
import {
  completeRun,
  holdRun,
  insertLines,
  insertRun,
  isAnyRunning,
  letGoOfRun,
  lockStarts,
  type NewRun,
  type RunRow,
  selectKnownRun,
  takeOverRun,
} from './run-store.ts';
import type { StatementFile } from './spool.ts';
import type { Period, StatementFault, StatementFormat, StatementLine } from './statement.ts';

export interface ReconciliationOptions {
  readonly database: Database;
  readonly resolve: Resolve['resolve'];
  /** Whose statements these are. */
  readonly bank: string;
  readonly log: Logger;
  /** How far the bank's clock and ours may be apart. */
  readonly marginMs: number;
  /** A payment has ended by then, or went to review. */
  readonly paymentDeadlineMs: number;
}

export interface StatementImport {
  readonly file: StatementFile;
  readonly format: StatementFormat;
  /** Which days it is about; null where it says so itself, or by its entries. */
  readonly period: Period | null;
  /** As in the audit log. */
  readonly by: string;
  readonly requestId: string | null;
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  readonly step: 'keep' | 'match' | 'settle' | 'miss';
  /** Lines; of `miss` payments that were looked at. */
  readonly done: number;
  readonly lineCount: number;
}

export type ImportResult =
  | { readonly kind: 'malformed'; readonly faults: readonly StatementFault[] }
  /** Another statement of this bank is at work, or this one somewhere else. */
  | { readonly kind: 'busy' }
  /** The same file about the same days, again: what it came to the first time. */
  | { readonly kind: 'known'; readonly run: RunRow }
  | { readonly kind: 'complete'; readonly run: RunRow };

export type Reconcile = (wanted: StatementImport) => Promise<ImportResult>;

/** Rows of one transaction: some 60 ms. */
const pageMax = 2_000;
/** Far longer than a page takes, and soon enough for whoever sends a dead run's file again. */
const leaseMs = 60_000;
const dayMs = 86_400_000;

/** Somebody else has taken the run over: its lease had ended. */
class RunLost extends Error {
  override readonly name = 'RunLost';
}

export function openReconciliation(options: ReconciliationOptions): Reconcile {
  return async (wanted) => {
    const parts = readStatement(wanted.format, wanted.file.open());
    const now = await options.database.transaction(readNow);
    const checked = await checkStatement(parts, wanted.period, now);
    if (checked.kind === 'malformed') return checked;
    const worker = newUuid();
    const begun = await begin(options, worker, {
      id: newUuid(),
      bank: options.bank,
      format: wanted.format,
      digest: wanted.file.digest,
      period: checked.period,
      lineCount: checked.lineCount,
      importedBy: wanted.by,
    });
    if (begun.kind !== 'ours') return begun;
    return carryOut({ options, wanted, worker, run: begun.run });
  };
}

type Begun =
  | Extract<ImportResult, { readonly kind: 'busy' | 'known' }>
  | { readonly kind: 'ours'; readonly run: Own };

/** What a run needs to know of itself. */
type Own = Pick<NewRun, 'id' | 'bank' | 'period' | 'lineCount'>;

function begin({ database }: ReconciliationOptions, worker: string, run: NewRun): Promise<Begun> {
  return database.transaction(async (tx): Promise<Begun> => {
    await lockStarts(tx, run.bank);
    const known = await selectKnownRun(tx, run);
    if (known?.state === 'complete') return { kind: 'known', run: known };
    if (await isAnyRunning(tx, run.bank)) return { kind: 'busy' };
    if (known === null) {
      await insertRun(tx, run, { worker, leaseMs });
      return { kind: 'ours', run };
    }
    await takeOverRun(tx, known.id, { worker, leaseMs });
    return { kind: 'ours', run: { ...run, id: known.id } };
  });
}

interface Job {
  readonly options: ReconciliationOptions;
  readonly wanted: StatementImport;
  readonly worker: string;
  readonly run: Own;
}

async function carryOut(job: Job): Promise<ImportResult> {
  try {
    await keepLines(job);
    await matchAll(job);
    await settleAll(job);
    await missAll(job);
    return await complete(job);
  } catch (error) {
    if (error instanceof RunLost) return { kind: 'busy' };
    await letGo(job);
    throw error;
  }
}

/** One page, as long as the run is ours. */
function page<T>(job: Job, work: (tx: Tx) => Promise<T>): Promise<T> {
  const { options, run, worker } = job;
  return options.database.transaction(async (tx) => {
    if (!(await holdRun(tx, run.id, { worker, leaseMs }))) throw new RunLost();
    return work(tx);
  });
}

async function letGo({ options, run, worker }: Job): Promise<void> {
  try {
    await options.database.transaction((tx) => letGoOfRun(tx, run.id, worker));
  } catch (error) {
    // The first error is the one to tell; the lease ends by itself.
    options.log.warn({ err: error, run: run.id }, 'a run that failed keeps its lease');
  }
}

function tell(job: Job, step: Progress['step'], done: number): void {
  job.wanted.onProgress?.({ step, done, lineCount: job.run.lineCount });
}

async function keepLines(job: Job): Promise<void> {
  const { wanted, run } = job;
  let kept = 0;
  let waiting: StatementLine[] = [];
  const keep = async (lines: readonly StatementLine[]): Promise<void> => {
    if (lines.length === 0) return;
    await page(job, (tx) => insertLines(tx, run.id, lines));
    kept += lines.length;
    tell(job, 'keep', kept);
  };
  for await (const parts of readStatement(wanted.format, wanted.file.open())) {
    for (const part of parts) if (part.kind === 'line') waiting.push(part.line);
    while (waiting.length >= pageMax) {
      await keep(waiting.slice(0, pageMax));
      waiting = waiting.slice(pageMax);
    }
  }
  await keep(waiting);
}

async function matchAll(job: Job): Promise<void> {
  const { options, run, wanted } = job;
  const key = { runId: run.id, bank: run.bank };
  let matched = 0;
  for (let after = 0; ; ) {
    const last = await page(job, async (tx) => {
      const lines = await selectUnmatched(tx, key, { after, limit: pageMax });
      if (lines.length === 0) return null;
      const references = [...new Set(lines.map((line) => line.reference))];
      const ids = references.flatMap((reference) => paymentIdOf(reference) ?? []);
      const movements = await selectMovements(tx, key, references);
      const payments = await selectPayments(tx, ids);
      const byId = new Map(payments.map((payment) => [payment.id, payment]));
      const facts: MatchFacts = { ...key, lines, movements, payments: byId };
      const found = matchLines(facts, newBreakId);
      await tellBreaks(tx, key, found.breaks);
      await settleAgreeing(tx, found.agreeing, { reason: agreedBy(run), by: wanted.by });
      await writeResults(tx, key, found.results);
      matched += lines.length;
      return lines.at(-1)?.line ?? null;
    });
    if (last === null) break;
    after = last;
    tell(job, 'match', matched);
  }
  options.log.debug({ run: run.id, lines: matched }, 'a statement is held against the books');
}

const agreedBy = (run: Own): string => `the bank's statement agrees: run ${run.id}`;

async function tellBreaks(
  tx: Tx,
  key: { readonly runId: string; readonly bank: string },
  breaks: readonly NewBreak[],
): Promise<void> {
  if (breaks.length === 0) return;
  await recordBreaks(tx, breaks, await readNow(tx));
  await linkBreaks(
    tx,
    key,
    breaks.map((one) => one.fingerprint),
  );
}

/** Unfinished payments that the bank moved as they were asked: its word ends them. */
async function settleAll(job: Job): Promise<void> {
  const { options, run, wanted } = job;
  const key = { runId: run.id, bank: run.bank };
  let settled = 0;
  for (let after = lowestIdAt(new Date(0)); ; ) {
    const open = await page(job, (tx) => selectToSettle(tx, key, { after, limit: 500 }));
    const last = open.at(-1);
    if (last === undefined) return;
    await options.resolve(open.map((one) => wordOf(run, one)));
    const agreeing = open.map(({ paymentId, bankMinor }) => ({ paymentId, bankMinor }));
    await page(job, (tx) =>
      settleAgreeing(tx, agreeing, { reason: settledBy(run), by: wanted.by }),
    );
    settled += open.length;
    tell(job, 'settle', settled);
    after = last.breakId;
  }
}

const settledBy = (run: Own): string => `ended by the bank's statement: run ${run.id}`;

function wordOf(run: Own, { paymentId, bankTransactionId, line }: ToSettle) {
  const evidence = `statement ${run.id}, line ${line}: ${bankTransactionId}`;
  const outcome = { kind: 'approved', bankTransactionId, evidence } as const;
  return { paymentId, source: 'statement', outcome } as const;
}

/** SUCCESS payments of the statement's time that it does not have. */
async function missAll(job: Job): Promise<void> {
  const { options, run } = job;
  const { from, to } = run.period;
  const key = { runId: run.id, bank: run.bank };
  const periods = await page(job, (tx) => selectPeriods(tx, run.bank));
  const { marginMs, paymentDeadlineMs } = options;
  const terms = { own: run.period, covered: coverageAround(run.period, periods), marginMs };
  // Whoever was asked longer ago than a deadline and a day has ended before, or was reviewed.
  const oldest = lowestIdAt(new Date(from.getTime() - paymentDeadlineMs - dayMs));
  const newest = lowestIdAt(new Date(to.getTime() + marginMs));
  await missPage(job, (tx) => selectMissingReviewed(tx, key, terms, oldest));
  for (let after = oldest; ; ) {
    const until = await missBetween(job, terms, { after, newest });
    if (until === null) return;
    after = until;
  }
}

/** @returns the last payment that was looked at; null where there was none left */
async function missBetween(
  job: Job,
  terms: MissingTerms,
  ids: { readonly after: string; readonly newest: string },
): Promise<PaymentId | null> {
  const { run } = job;
  const { after, newest } = ids;
  const until = await page(job, (tx) =>
    selectPageEnd(tx, { after, until: newest, limit: pageMax }),
  );
  if (until === null) return null;
  const key = { runId: run.id, bank: run.bank };
  await missPage(job, (tx) => selectMissing(tx, key, terms, { after, until }));
  return until;
}

async function missPage(
  job: Job,
  select: (tx: Tx) => ReturnType<typeof selectMissing>,
): Promise<void> {
  const { run } = job;
  const key = { runId: run.id, bank: run.bank };
  await page(job, async (tx) => {
    const missing = await select(tx);
    const breaks = missing.map((payment) => missingBreak(key, payment, newBreakId()));
    await tellBreaks(tx, key, breaks);
  });
  tell(job, 'miss', run.lineCount);
}

function complete(job: Job): Promise<ImportResult> {
  const { options, run, wanted, worker } = job;
  return options.database.transaction(async (tx): Promise<ImportResult> => {
    const done = await completeRun(tx, { runId: run.id, bank: run.bank }, worker);
    if (done === null) throw new RunLost();
    const { matched, missing_in_bank, missing_in_books, amount_differs, duplicate } = done;
    await appendAuditLog(tx, [
      {
        actor: wanted.by,
        action: 'reconciliation.run',
        subject: `reconciliation_run:${run.id}`,
        before: null,
        after: { matched, missing_in_bank, missing_in_books, amount_differs, duplicate },
        reason: null,
        requestId: wanted.requestId,
      },
    ]);
    return { kind: 'complete', run: done };
  });
}
