import { cpus, loadavg } from 'node:os';
import { setTimeout as rest } from 'node:timers/promises';
import type { Closing } from './closing.ts';
import type { BenchGateway } from './gateway.ts';
import type { Load } from './load-client.ts';
import type { LoadJob, Pace } from './load-job.ts';
import type { System, Window } from './measure.ts';
import type { MoneyCheck } from './money.ts';
import { settleDown } from './postgres-stats.ts';
import { type Figure, round } from './report.ts';

/** One comparison: a file in arms/, its figures taken in one run with its sides interleaved. */
export interface Arm {
  readonly name: string;
  /** One line of --help. */
  readonly about: string;
  /** Left out unless asked for. */
  readonly isOptional?: boolean;
  readonly run: (bench: Bench) => Promise<readonly Figure[]>;
}

/**
 * One process with its own servers, or an API and a worker on PostgreSQL, RabbitMQ and Redis. The
 * same arms measure both.
 */
export type BenchMode = 'embedded' | 'distributed';

export const benchModes: readonly BenchMode[] = ['embedded', 'distributed'];

export interface Bench {
  readonly mode: BenchMode;
  readonly scale: Scale;
  readonly closing: Closing;
  readonly say: (line: string) => void;
  /**
   * The short form's gateway, which its arms share because starting one takes seconds; null where
   * each arm measures on a fresh one.
   */
  readonly shared: { world: World | null } | null;
}

/** How long and how often. The short form proves that the benchmark works, not how fast we are. */
export interface Scale {
  readonly isQuick: boolean;
  readonly repeats: number;
  readonly warmUpMs: number;
  readonly windowMs: number;
  /** Accounts of "spread". */
  readonly people: number;
  /** Millions of payments in the table, for the growth arm. */
  readonly growthMillions: number;
}

export const fullScale: Scale = {
  isQuick: false,
  repeats: 3,
  warmUpMs: 2_000,
  windowMs: 5_000,
  people: 10_000,
  growthMillions: 1,
};

export const quickScale: Scale = {
  isQuick: true,
  repeats: 1,
  warmUpMs: 300,
  windowMs: 500,
  people: 200,
  growthMillions: 0.01,
};

/** A fresh gateway with people, a load generator and the books to prove. */
export interface World<G extends BenchGateway = BenchGateway> {
  readonly gateway: G;
  readonly system: System;
  readonly load: Load;
  readonly money: MoneyCheck;
  readonly tokens: readonly string[];
}

let jobs = 0;

/** Deposits, or withdrawals, of 1.00. */
export function paymentJob(
  options: Pick<LoadJob, 'port' | 'connections'> & {
    readonly tokens: readonly string[];
    readonly pace: Pace;
    readonly kind?: 'deposits' | 'withdrawals';
    readonly amount?: string;
  },
): LoadJob {
  jobs += 1;
  const { port, connections, tokens, pace, kind = 'deposits', amount = '1.00' } = options;
  return {
    port,
    connections,
    pace,
    request: {
      method: 'POST',
      path: `/api/v1/${kind}`,
      tokens,
      body: `{"amount":"${amount}","currency":"USD"}`,
      keyPrefix: `bench-${process.pid}-${jobs}`,
    },
  };
}

/** Four for each connection: every stage works in full groups, and the backlog does not grow. */
export const sustained = (bankPort: number, connections: number): Pace => ({
  kind: 'settled',
  bankPort,
  unsettledMax: connections * 4,
});

/** Quiet before each side, so that none pays for the one before it. */
export async function calmDown(ownerUrl: string): Promise<void> {
  await settleDown(ownerUrl);
  await rest(100);
}

/** What is not a figure and explains one. */
export function describeWindow(name: string, window: Window): string {
  const { cpuMs, besideMs, backlog, drain } = window;
  const ms = (value: number): string => value.toFixed(3);
  const beside = Object.entries(besideMs)
    .map(([kind, value]) => `, ${kind} ${ms(value)}`)
    .join('');
  return (
    `  ${name}: settled ${round(window.settledPerSecond)}/s, accepted ` +
    `${round(window.acceptedPerSecond)}/s, backlog ${backlog.before} → ${backlog.after}, ` +
    `drain ${drain.payments} in ${drain.seconds.toFixed(1)} s; CPU ms each: gateway ` +
    `${ms(cpuMs.gateway)}, postgres ${ms(cpuMs.postgres)}, bank ${ms(cpuMs.bank)}, load ` +
    `${ms(cpuMs.load)}${beside}; WAL ${round(window.walBytes)} B each with ` +
    `${window.fullPages.toFixed(3)} full pages; p50 ${window.load.latencyMs.p50.toFixed(1)} ms, ` +
    `p99 ${window.load.latencyMs.p99.toFixed(1)} ms`
  );
}

export function describeMachine(): string {
  const [first] = cpus();
  const busy = (loadavg()[0] ?? 0).toFixed(1);
  const name = first?.model ?? 'unknown';
  return `${cpus().length} × ${name} (load ${busy}), Node.js ${process.version}`;
}
