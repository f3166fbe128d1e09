import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { runBody } from '../api/reconciliation-body.ts';
import { unreachable } from '../assert.ts';
import { systemClock } from '../clock.ts';
import { type Config, environment, readConfig } from '../config.ts';
import { openMemoryCoordination } from '../coordination/memory.ts';
import type { Database } from '../db/database.ts';
import { newWorkerId } from '../ids.ts';
import { openResolving, openSettling } from '../journey.ts';
import { bankName } from '../policy.ts';
import { readMoment } from '../reconciliation/entry.ts';
import type { Progress, StatementImport } from '../reconciliation/job.ts';
import { type ImportResult, openReconciliation } from '../reconciliation/run.ts';
import { StatementTooLarge, withSpooled } from '../reconciliation/spool.ts';
import type { Period, StatementFormat } from '../reconciliation/statement.ts';
import { doneHere, exit, misunderstood, printJson, printOne, refuse } from './command.ts';
import { commandLog, withDatabase } from './database.ts';

const usage = 'reconcile FILE [--format csv|camt053] [--date YYYY-MM-DD] [--json]';

/** `tollgate reconcile`: a bank's statement on this machine, held against the books. */
export async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      format: { type: 'string' },
      date: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const [path, ...others] = positionals;
  const format = formatOf(values.format, path ?? '');
  const period = values.date === undefined ? null : dayOf(values.date);
  if (path === undefined || others.length > 0) return misunderstood(usage);
  if (format === null) return misunderstood('--format is csv or camt053');
  if (period === undefined) return misunderstood('--date is a day like 2026-01-31');
  const config = readConfig(environment());
  const about = { format, period, onProgress: values.json ? () => undefined : showProgress };
  const bytes = await openStatement(path);
  if (typeof bytes === 'string') return refuse(`${path} cannot be read: ${bytes}.`);
  try {
    const result = await withDatabase(config, 'reconcile', (database) =>
      importFile({ config, database }, bytes, about),
    );
    return tell(result, values.json);
  } catch (error) {
    if (!(error instanceof StatementTooLarge)) throw error;
    return refuse(`A statement may have ${config.RECONCILIATION_STATEMENT_MAX_MB} MB.`);
  }
}

function formatOf(word: string | undefined, path: string): StatementFormat | null {
  if (word === 'csv' || word === 'camt053') return word;
  if (word !== undefined) return null;
  return extname(path).toLowerCase() === '.xml' ? 'camt053' : 'csv';
}

/** Undefined where it is no day. */
function dayOf(date: string): Period | undefined {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(date) ? readMoment(date) : null;
  return day ?? undefined;
}

/** Before anything else is opened: whoever mistyped the path hears so in a sentence. */
async function openStatement(path: string): Promise<Readable | string> {
  try {
    const handle = await open(path);
    // A folder can be opened, and only its first read fails.
    if (!(await handle.stat()).isDirectory()) return handle.createReadStream();
    await handle.close();
    return 'it is a folder';
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return error.message;
    throw error;
  }
}

/** Settles in this process; the rows' locks keep it apart from the gateway's. */
function importFile(
  { config, database }: { readonly config: Config; readonly database: Database },
  bytes: Readable,
  about: Pick<StatementImport, 'format' | 'period' | 'onProgress'>,
): Promise<ImportResult> {
  const log = commandLog(config);
  const ports = { database, coordination: openMemoryCoordination(systemClock) };
  const options = { config, log, clock: systemClock, ports, worker: newWorkerId() };
  const reconcile = openReconciliation({
    database,
    resolve: openResolving(options, openSettling(options)).resolve,
    bank: bankName,
    log,
    marginMs: config.RECONCILIATION_CLOCK_MARGIN_SECONDS * 1000,
    paymentDeadlineMs: config.PAYMENT_DEADLINE_HOURS * 3_600_000,
  });
  const bytesMax = config.RECONCILIATION_STATEMENT_MAX_MB * 1e6;
  const { actor: by, requestId } = doneHere(null);
  return withSpooled(bytes, bytesMax, (file) => reconcile({ ...about, file, by, requestId }));
}

const words: Readonly<Record<Progress['step'], string>> = {
  keep: 'kept',
  match: 'matched',
  settle: 'settled',
  miss: 'compared',
};

/** On stderr and over itself: stdout is the result. */
function showProgress({ step, done, lineCount }: Progress): void {
  if (process.stderr.isTTY)
    process.stderr.write(`\r${words[step]} ${done} of ${lineCount}\u001b[K`);
}

function tell(result: ImportResult, isJson: boolean): number {
  if (process.stderr.isTTY && !isJson) process.stderr.write('\n');
  switch (result.kind) {
    case 'malformed':
      if (isJson) printJson({ error: 'statement_malformed', errors: result.faults });
      for (const { line, entry, detail } of result.faults)
        process.stderr.write(
          `line ${line}${entry === null ? '' : `, entry ${entry}`}: ${detail}\n`,
        );
      return refuse('The statement is malformed; nothing of it was kept.');
    case 'busy':
      return refuse('Another statement of this bank is at work: try again when it is complete.');
    case 'known':
    case 'complete': {
      const { results, ...body } = runBody(result.run);
      if (isJson) printJson({ ...body, results });
      else printOne({ ...body, ...results }, false);
      return exit.done;
    }
    default:
      return unreachable(result);
  }
}
