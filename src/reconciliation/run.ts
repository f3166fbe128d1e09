/**
 * In:   a bank's statement on this machine's disk.
 * Out:  a run: every line held against the books, every difference a break, unfinished payments
 *       that the statement has ended by it.
 * If we die here: nothing is kept of a file that was not read to its end. Later the run stands as
 *       far as it came, under a lease: its lines count for nobody, and the same file goes on where
 *       it stopped. What it has told so far (breaks, settled payments) is true.
 *
 * Every transaction is a page of rows and takes a fraction of a second: a statement of a day may
 * have a million lines, and the feed waits for the oldest writer.
 */
import { appendAuditLog } from '../audit-log/append.ts';
import { readNow } from '../db/database.ts';
import { newBreakId, newUuid } from '../ids.ts';
import { checkStatement, readStatement } from './check.ts';
import {
  type Job,
  leaseMs,
  type Own,
  page,
  pageMax,
  type ReconciliationOptions,
  RunLost,
  type StatementImport,
  tell,
  tellBreaks,
} from './job.ts';
import { type MatchFacts, matchLines, paymentIdOf } from './match.ts';
import {
  selectMovements,
  selectPayments,
  selectUnmatched,
  settleAgreeing,
  writeResults,
} from './match-store.ts';
import { missAll } from './missing.ts';
import {
  completeRun,
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
import { settleAll } from './settle-by-statement.ts';
import type { StatementFault, StatementLine } from './statement.ts';

export type ImportResult =
  | { readonly kind: 'malformed'; readonly faults: readonly StatementFault[] }
  /** Another statement of this bank is at work, or this one somewhere else. */
  | { readonly kind: 'busy' }
  /** The same file about the same days, again: what it came to the first time. */
  | { readonly kind: 'known'; readonly run: RunRow }
  | { readonly kind: 'complete'; readonly run: RunRow };

export type Reconcile = (wanted: StatementImport) => Promise<ImportResult>;

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
    return carryOut({ options, wanted, worker, run: begun.run, lines: checked.lines });
  };
}

type Begun =
  | Extract<ImportResult, { readonly kind: 'busy' | 'known' }>
  | { readonly kind: 'ours'; readonly run: Own };

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

async function letGo({ options, run, worker }: Job): Promise<void> {
  try {
    await options.database.transaction((tx) => letGoOfRun(tx, run.id, worker));
  } catch (error) {
    // The first error is the one to tell; the lease ends by itself.
    options.log.warn({ err: error, run: run.id }, 'a run that failed keeps its lease');
  }
}

async function keepLines(job: Job): Promise<void> {
  const { wanted, run, lines } = job;
  let kept = 0;
  let waiting: readonly StatementLine[] = [];
  const keepPages = async (atLeast: number): Promise<void> => {
    while (waiting.length >= atLeast) {
      const some = waiting.slice(0, pageMax);
      waiting = waiting.slice(pageMax);
      await page(job, (tx) => insertLines(tx, run.id, some));
      kept += some.length;
      tell(job, 'keep', kept);
    }
  };
  if (lines !== null) waiting = lines;
  else
    for await (const parts of readStatement(wanted.format, wanted.file.open())) {
      waiting = waiting.concat(parts.flatMap((part) => (part.kind === 'line' ? part.line : [])));
      await keepPages(pageMax);
    }
  await keepPages(1);
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
