import {
  type Arm,
  type Bench,
  calmDown,
  describeWindow,
  sustained as pace,
  paymentJob,
  type World,
} from '../arm.ts';
import type { BenchCluster } from '../cluster.ts';
import { measureWindow, type Window } from '../measure.ts';
import { atLeast, type Figure, figure, round } from '../report.ts';
import { openTpcbBeside, type Tpcb, tpcbDatabase } from '../tpcb.ts';
import { openClusterWorld, systemOf } from '../world.ts';

/** The same measure as "sustained" on real servers, with more and more workers. */
export const distributed: Arm = {
  name: 'distributed',
  about:
    'an API and 1, 2, 4 workers on RabbitMQ and Redis: settled payments/s ÷ TPC-B; only if named',
  isOptional: true,
  run: async (bench) => {
    const world = await openClusterWorld(bench);
    const tpcb = await openTpcbBeside(world.gateway.url, bench.scale);
    const tps: number[] = [];
    const windows = new Map<number, Window[]>(workerCounts.map((count) => [count, []]));
    for (let n = 0; n < bench.scale.repeats; n++) {
      await calmDown(world.gateway.url('owner', tpcbDatabase));
      tps.push(await tpcb.run(Math.ceil(bench.scale.windowMs / 1000)));
      bench.say(`  ${tpcb.name}: ${round(tps.at(-1) ?? 0)} tps`);
      for (const [count, taken] of windows) {
        const window = await runWith(bench, world, count);
        taken.push(window);
        bench.say(describeWindow(`${count} ${workersOf(count)}`, window));
      }
    }
    const ofCounts = [...windows].flatMap(([count, taken]) => figuresOf(count, taken, tps, tpcb));
    return [...ofCounts, figure('TPC-B, beside RabbitMQ and Redis', 'tps', tps)];
  },
};

const workerCounts = [1, 2, 4] as const;
const connections = 256;

async function runWith(
  { scale }: Bench,
  { gateway, load, money, tokens }: World<BenchCluster>,
  workers: number,
): Promise<Window> {
  await gateway.setWorkers(workers);
  const system = systemOf(gateway);
  await calmDown(system.ownerUrl);
  const { windowMs } = scale;
  // Workers that have just started have compiled nothing yet.
  const warmUpMs = 3 * scale.warmUpMs;
  const { port, bankPort } = system;
  const job = paymentJob({ port, connections, tokens, pace: pace(bankPort, connections) });
  return measureWindow(system, load, { job, warmUpMs, windowMs }, money.prove);
}

function figuresOf(
  count: number,
  windows: readonly Window[],
  tps: readonly number[],
  tpcb: Tpcb,
): readonly Figure[] {
  const name = (what: string): string => `distributed, ${count} ${workersOf(count)}: ${what}`;
  const each = (read: (window: Window) => number): number[] => windows.map(read);
  const ratios = windows.map((one, n) => one.settledPerSecond / (tps[n] ?? Number.NaN));
  const goal = count === 1 ? atLeast(1) : null;
  return [
    figure(name(`settled ÷ ${tpcb.name}`), 'ratio', ratios, goal),
    figure(
      name('settled'),
      'payments/s',
      each((one) => one.settledPerSecond),
    ),
    ...cpuKinds.map((kind) =>
      figure(
        name(`CPU per payment, ${kind}`),
        'ms',
        each((one) => cpuOf(one, kind)),
      ),
    ),
    figure(
      name('payments per fsync'),
      'payments',
      each((one) => (one.settledPerSecond * one.seconds) / one.fsyncs),
    ),
    figure(
      name('WAL per payment'),
      'bytes',
      each((one) => one.walBytes),
    ),
  ];
}

const cpuKinds = ['api', 'workers', 'postgres', 'broker', 'redis', 'bank', 'load'] as const;

function cpuOf({ cpuMs, besideMs }: Window, kind: string): number {
  const all: Readonly<Record<string, number>> = { ...cpuMs, ...besideMs, api: cpuMs.gateway };
  return all[kind] ?? Number.NaN;
}

const workersOf = (count: number): string => (count === 1 ? 'worker' : 'workers');
