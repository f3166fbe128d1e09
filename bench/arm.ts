import { cpus, loadavg } from 'node:os';
import { setTimeout as rest } from 'node:timers/promises';
import type { Closing } from './closing.ts';
import { type BenchGateway, type GatewayOptions, startBenchGateway } from './gateway.ts';
import { type Load, startLoad } from './load-client.ts';
import type { LoadJob, Pace } from './load-job.ts';
import { gatewayCounts, type System, type Window } from './measure.ts';
import { awaitDrained, type Books, type MoneyCheck, openMoneyCheck } from './money.ts';
import { insertPeople } from './people.ts';
import { readDurability, settleDown } from './postgres-stats.ts';
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

export interface Bench {
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
export interface World {
  readonly gateway: BenchGateway;
  readonly system: System;
  readonly load: Load;
  readonly money: MoneyCheck;
  readonly tokens: readonly string[];
}

interface WorldOptions extends Partial<Pick<GatewayOptions, 'bankDelay' | 'nodeArgs' | 'env'>> {
  readonly people?: number;
}

export async function openWorld(bench: Bench, options?: WorldOptions): Promise<World> {
  if (bench.shared === null || options !== undefined) return openFreshWorld(bench, options ?? {});
  bench.shared.world ??= await openFreshWorld(bench, {});
  return bench.shared.world;
}

async function openFreshWorld(bench: Bench, options: WorldOptions): Promise<World> {
  const { closing, scale } = bench;
  const gateway = await startBenchGateway({
    closing,
    bankDelay: { min: 0, max: 0 },
    ...options,
  });
  bench.say(`  PostgreSQL: ${await readDurability(gateway.url('owner'))}`);
  const system: System = {
    ...gatewayCounts,
    port: gateway.port,
    bankPort: gateway.bankPort,
    pid: gateway.pid,
    bankPid: gateway.bankPid,
    postgresPid: gateway.postgresPid,
    ownerUrl: gateway.url('owner'),
  };
  const world: World = {
    gateway,
    system,
    load: startLoad(closing),
    money: openMoneyCheck(gateway),
    tokens: await insertPeople(gateway.url('owner'), options.people ?? scale.people),
  };
  await fundEverybody(world);
  return world;
}

/**
 * The real warm-up: everybody is known, every page has been touched, the code is compiled. And
 * everybody can withdraw: a refusal is cheaper than a payment and would flatter the figure.
 */
export async function fundEverybody({
  gateway,
  system,
  load,
  tokens,
}: Pick<World, 'system' | 'load' | 'tokens'> & { readonly gateway: Books }): Promise<void> {
  const options = { port: system.port, connections: 64, tokens, amount: '1000000.00' };
  await load.start(paymentJob({ ...options, pace: { kind: 'closed' } }));
  // Tokens are taken in turn: by then everybody had one.
  while ((await load.read()).sentInAll < tokens.length) await rest(20);
  await load.stop();
  await awaitDrained(gateway);
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
