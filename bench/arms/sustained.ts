import {
  type Arm,
  type Bench,
  calmDown,
  describeWindow,
  sustained as pace,
  paymentJob,
  type World,
} from '../arm.ts';
import { measureWindow, type System, type Window } from '../measure.ts';
import { type NaiveControl, startNaive } from '../naive-control.ts';
import { atLeast, atMost, type Figure, figure, round } from '../report.ts';
import { openTpcbBeside, type Tpcb, tpcbDatabase } from '../tpcb.ts';
import { openWorld } from '../world.ts';

/** The headline: settled end to end with a backlog that does not grow, against two yardsticks. */
export const sustained: Arm = {
  name: 'sustained',
  about: 'settled payments/s ÷ TPC-B and ÷ the naive control; CPU, fsyncs and WAL per payment',
  run: async (bench) => {
    const world = await openWorld(bench);
    const naive = await startNaive(bench.closing, world.gateway);
    const tpcb = await openTpcbBeside(world.gateway.url, bench.scale);
    const tps: number[] = [];
    const ours: Window[] = [];
    const control: Window[] = [];
    for (let n = 0; n < bench.scale.repeats; n++) {
      await calmDown(world.gateway.url('owner', tpcbDatabase));
      tps.push(await tpcb.run(Math.ceil(bench.scale.windowMs / 1000)));
      bench.say(`  ${tpcb.name}: ${round(tps.at(-1) ?? 0)} tps`);
      ours.push(await runSide(bench, world, { system: world.system, prove: world.money.prove }));
      control.push(await runSide(bench, world, naive));
      bench.say(describeWindow('ours', ours.at(-1) ?? fail()));
      bench.say(describeWindow('naive', control.at(-1) ?? fail()));
    }
    return figuresOf(bench, tpcb, { tps, ours, control });
  },
};

const connections = 256;
/** The broker and Redis, and a second process of ours, work on the same processors. */
const ofTpcb = { embedded: 1.2, distributed: 1 } as const;

async function runSide(
  bench: Bench,
  { load, tokens }: World,
  { system, prove }: Pick<NaiveControl, 'prove'> & { readonly system: System },
): Promise<Window> {
  await calmDown(system.ownerUrl);
  const { warmUpMs, windowMs } = bench.scale;
  const { port, bankPort } = system;
  const job = paymentJob({ port, connections, tokens, pace: pace(bankPort, connections) });
  return measureWindow(system, load, { job, warmUpMs, windowMs }, prove);
}

function figuresOf(
  { mode }: Bench,
  tpcb: Tpcb,
  runs: {
    readonly tps: readonly number[];
    readonly ours: readonly Window[];
    readonly control: readonly Window[];
  },
): readonly Figure[] {
  const { tps, ours, control } = runs;
  const settled = (windows: readonly Window[]): number[] =>
    windows.map((window) => window.settledPerSecond);
  const over = (base: readonly number[]): number[] =>
    settled(ours).map((rate, n) => rate / (base[n] ?? Number.NaN));
  const cpu = ours.map((one) => ourCpuOf(one) + one.cpuMs.postgres);
  const perFsync = ours.map((one) => (one.settledPerSecond * one.seconds) / one.fsyncs);
  return [
    figure(`sustained settled ÷ ${tpcb.name}`, 'ratio', over(tps), atLeast(ofTpcb[mode])),
    figure('sustained settled ÷ naive control', 'ratio', over(settled(control)), atLeast(8)),
    figure('sustained settled', 'payments/s', settled(ours)),
    figure('naive control settled', 'payments/s', settled(control)),
    figure('TPC-B', 'tps', tps),
    figure('CPU per payment, gateway and PostgreSQL', 'ms', cpu, atMost(0.35)),
    ...cpuShares(ours),
    figure(`payments per fsync at ${connections} connections`, 'payments', perFsync, atLeast(20)),
    figure('WAL per payment, full pages included', 'bytes', walOf(ours), atMost(3000)),
    figure(
      'full pages per payment',
      'pages',
      ours.map((one) => one.fullPages),
    ),
  ];
}

/** An API without its workers would be half of it. */
const ourCpuOf = ({ cpuMs, besideMs }: Window): number =>
  cpuMs.gateway + (besideMs['workers'] ?? 0);

const walOf = (windows: readonly Window[]): number[] => windows.map((one) => one.walBytes);

function cpuShares(windows: readonly Window[]): readonly Figure[] {
  const shares = windows.map(({ cpuMs, besideMs }) => ({ ...cpuMs, ...besideMs }));
  const kinds = Object.keys(shares[0] ?? {});
  return kinds.map((kind) => {
    const each = shares.map((share: Readonly<Record<string, number>>) => share[kind] ?? Number.NaN);
    return figure(`CPU per payment, ${kind}`, 'ms', each);
  });
}

function fail(): never {
  throw new Error('a side has run and left no window');
}
