import { setTimeout as rest } from 'node:timers/promises';
import { present } from '../src/assert.ts';
import { poll } from '../src/runtime/poll.ts';
import { readProcessCpuMs, readTreeCpuMs } from './cpu.ts';
import type { Load } from './load-client.ts';
import type { LoadJob, LoadReport } from './load-job.ts';
import { withClient } from './people.ts';
import { type PostgresReading, readPostgres } from './postgres-stats.ts';

/** A system under load: the gateway, or the control. */
export interface System {
  readonly port: number;
  readonly bankPort: number;
  readonly pid: number;
  readonly bankPid: number;
  readonly postgresPid: number;
  /** What else works for it, by kind: in distributed mode `pid` is the API's. */
  readonly beside?: Readonly<Record<string, readonly number[]>>;
  readonly ownerUrl: string;
  /** Statements that count what was created, and what settled, from $1 to $2 (microseconds). */
  readonly accepted: string;
  readonly settled: string;
}

/** Of the gateway's own tables. */
export const gatewayCounts = {
  accepted: `SELECT count(*) FROM payments
              WHERE created_at >= to_timestamp($1::float8 / 1e6)
                AND created_at < to_timestamp($2::float8 / 1e6)`,
  settled: `SELECT count(*) FROM payment_state
             WHERE status = 'SUCCESS' AND updated_at >= to_timestamp($1::float8 / 1e6)
               AND updated_at < to_timestamp($2::float8 / 1e6)`,
} as const;

export interface WindowOptions {
  readonly job: LoadJob;
  readonly warmUpMs: number;
  readonly windowMs: number;
  /** Asked in the middle of the window: memory, calls in flight. */
  readonly look?: () => Promise<void>;
}

/**
 * What happened between two moments of steady load. Times in CPU milliseconds per settled payment.
 */
export interface Window {
  readonly seconds: number;
  readonly acceptedPerSecond: number;
  readonly settledPerSecond: number;
  /** Accepted and not settled, at the start and at the end: it must not have grown. */
  readonly backlog: { readonly before: number; readonly after: number };
  readonly load: LoadReport;
  readonly cpuMs: Readonly<Record<CpuShare, number>>;
  /** Of the kinds in `beside`. */
  readonly besideMs: Readonly<Record<string, number>>;
  readonly fsyncs: number;
  readonly walBytes: number;
  readonly fullPages: number;
  /** How long the backlog took to settle once the load had stopped. */
  readonly drain: { readonly payments: number; readonly seconds: number };
}

export type CpuShare = 'gateway' | 'postgres' | 'bank' | 'load';

/** Runs the job, and reads everything at both ends of a window in its middle. */
export async function measureWindow(
  system: System,
  load: Load,
  options: WindowOptions,
  drained: () => Promise<void>,
): Promise<Window> {
  const { job, warmUpMs, windowMs, look } = options;
  const since = await readPostgres(system.ownerUrl);
  await load.start(job);
  await rest(warmUpMs);
  const before = await takeReading(system, load);
  load.reset();
  await rest(windowMs / 2);
  await look?.();
  await rest(windowMs / 2);
  if (windowMs < shortWindowMs) await awaitCounts(system, before.postgres);
  const report = await load.read();
  const after = await takeReading(system, load);
  await load.stop();
  const stopped = await readPostgres(system.ownerUrl);
  await drained();
  const ended = await readPostgres(system.ownerUrl);

  const count = async (sql: string, from: PostgresReading, to: PostgresReading): Promise<number> =>
    countBetween(system.ownerUrl, sql, [from.atUs, to.atUs]);
  const { accepted, settled } = system;
  const [acceptedIn, settledIn] = [
    await count(accepted, before.postgres, after.postgres),
    await count(settled, before.postgres, after.postgres),
  ];
  const backlogBefore =
    (await count(accepted, since, before.postgres)) -
    (await count(settled, since, before.postgres));
  const seconds = (after.postgres.atUs - before.postgres.atUs) / 1e6;
  return {
    seconds,
    acceptedPerSecond: acceptedIn / seconds,
    settledPerSecond: settledIn / seconds,
    backlog: { before: backlogBefore, after: backlogBefore + acceptedIn - settledIn },
    load: report,
    ...perPayment(before, after, settledIn),
    fsyncs: after.postgres.fsyncs - before.postgres.fsyncs,
    walBytes: (after.postgres.walBytes - before.postgres.walBytes) / settledIn,
    fullPages: (after.postgres.fullPages - before.postgres.fullPages) / settledIn,
    drain: {
      payments: await count(settled, stopped, ended),
      seconds: (ended.atUs - stopped.atUs) / 1e6,
    },
  };
}

/** The server's counters come once a second; below this a window may see none of them. */
const shortWindowMs = 2_000;
/** A crowded machine settles nothing for a while. */
const countsDeadlineMs = 10_000;

/**
 * Without a settled payment or an fsync there are no ratios: the window lasts until one is seen.
 */
async function awaitCounts(system: System, since: PostgresReading): Promise<void> {
  const hasCounts = await poll(
    async () => {
      const now = await readPostgres(system.ownerUrl);
      if (now.fsyncs === since.fsyncs) return null;
      const settled = await countBetween(system.ownerUrl, system.settled, [since.atUs, now.atUs]);
      return settled > 0 ? true : null;
    },
    { everyMs: 100, deadlineMs: countsDeadlineMs },
  );
  if (hasCounts === null) throw new Error('nothing settled under load');
}

interface Reading {
  readonly postgres: PostgresReading;
  readonly cpu: Readonly<Record<CpuShare, number>>;
  readonly beside: ReadonlyMap<string, number>;
}

async function takeReading(system: System, load: Load): Promise<Reading> {
  const postgres = await readPostgres(system.ownerUrl);
  return {
    postgres,
    cpu: {
      gateway: readProcessCpuMs(system.pid),
      postgres: readTreeCpuMs(system.postgresPid),
      bank: readProcessCpuMs(system.bankPid),
      load: readProcessCpuMs(load.pid),
    },
    beside: new Map(
      Object.entries(system.beside ?? {}).map(([kind, pids]) => [
        kind,
        pids.reduce((sum, pid) => sum + readTreeCpuMs(pid), 0),
      ]),
    ),
  };
}

function perPayment(
  before: Reading,
  after: Reading,
  settled: number,
): Pick<Window, 'cpuMs' | 'besideMs'> {
  const share = (name: CpuShare): number => (after.cpu[name] - before.cpu[name]) / settled;
  const beside = [...after.beside].map(([kind, ms]): [string, number] => [
    kind,
    (ms - (before.beside.get(kind) ?? 0)) / settled,
  ]);
  return {
    cpuMs: {
      gateway: share('gateway'),
      postgres: share('postgres'),
      bank: share('bank'),
      load: share('load'),
    },
    besideMs: Object.fromEntries(beside),
  };
}

async function countBetween(
  ownerUrl: string,
  sql: string,
  betweenUs: readonly [number, number],
): Promise<number> {
  return withClient(ownerUrl, async (client) => {
    const { rows } = await client.query<{ count: string }>(sql, [...betweenUs]);
    return Number(present(rows[0], 'a count').count);
  });
}

/** A load without payments: requests answered per second after a warm-up. */
export async function measureRequests(
  load: Load,
  options: Omit<WindowOptions, 'look'>,
): Promise<LoadReport> {
  await load.start(options.job);
  await rest(options.warmUpMs);
  load.reset();
  await rest(options.windowMs);
  const report = await load.read();
  await load.stop();
  return report;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = present(sorted[middle], 'at least one value');
  return sorted.length % 2 === 1 ? upper : (upper + present(sorted[middle - 1], 'two')) / 2;
}

/** Answers per second with that status; any other status in the window is a broken benchmark. */
export function rateOf(report: LoadReport, status: number): number {
  const others = Object.keys(report.statuses).filter((each) => each !== String(status));
  if (others.length > 0 || report.broken > 0)
    throw new Error(`unexpected answers: ${JSON.stringify(report)}`);
  return (report.statuses[status] ?? 0) / report.seconds;
}
