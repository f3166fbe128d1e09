import { type Database, readNow, type Tx } from '../db/database.ts';
import type { NewBreak } from '../ledger/breaks.ts';
import { recordBreaks } from '../ledger/breaks-store.ts';
import type { Resolve } from '../payments/resolve.ts';
import type { Logger } from '../telemetry/log.ts';
import { linkBreaks } from './match-store.ts';
import { holdRun, type NewRun } from './run-store.ts';
import type { StatementFile } from './spool.ts';
import type { Period, StatementFormat, StatementLine } from './statement.ts';

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

/** Rows of one transaction: some 60 ms. */
export const pageMax = 2_000;
/** Far longer than a page takes, and soon enough for whoever sends a dead run's file again. */
export const leaseMs = 60_000;

/** Somebody else has taken the run over: its lease had ended. */
export class RunLost extends Error {
  override readonly name = 'RunLost';
}

/** What a run needs to know of itself. */
export type Own = Pick<NewRun, 'id' | 'bank' | 'period' | 'lineCount'>;

/** One run at work: what every step of it is given. */
export interface Job {
  readonly options: ReconciliationOptions;
  readonly wanted: StatementImport;
  readonly worker: string;
  readonly run: Own;
  /** Null: too many to be held, read them again. */
  readonly lines: readonly StatementLine[] | null;
}

/** One page, as long as the run is ours. */
export function page<T>(job: Job, work: (tx: Tx) => Promise<T>): Promise<T> {
  const { options, run, worker } = job;
  return options.database.transaction(async (tx) => {
    if (!(await holdRun(tx, run.id, { worker, leaseMs }))) throw new RunLost();
    return work(tx);
  });
}

export function tell(job: Job, step: Progress['step'], done: number): void {
  job.wanted.onProgress?.({ step, done, lineCount: job.run.lineCount });
}

export async function tellBreaks(
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
