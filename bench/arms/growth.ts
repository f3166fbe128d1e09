import {
  type Arm,
  type Bench,
  calmDown,
  describeWindow,
  paymentJob,
  sustained,
  type World,
} from '../arm.ts';
import { measureWindow } from '../measure.ts';
import { atLeast, figure } from '../report.ts';
import { seedHistory } from '../seed-history.ts';
import { openWorld } from '../world.ts';

/** The same load on young books and on old ones. */
export const growth: Arm = {
  name: 'growth',
  about: 'settled/s with N million payments in the table ÷ empty (only with --growth=N)',
  isOptional: true,
  run: async (bench) => {
    // Two gateways side by side, also where the arms share one.
    const young = await openWorld(bench, {});
    const old = await openWorld(bench, {});
    const payments = Math.round(bench.scale.growthMillions * 1e6);
    const startedAt = performance.now();
    await seedHistory(old.gateway.url('owner'), payments);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    bench.say(`  ${payments.toLocaleString('en-US')} payments seeded in ${seconds} s`);
    const ofYoung: number[] = [];
    const ofOld: number[] = [];
    for (let n = 0; n < bench.scale.repeats; n++) {
      ofYoung.push(await settledPerSecond(bench, young, 'young'));
      ofOld.push(await settledPerSecond(bench, old, 'old'));
    }
    const ratios = ofOld.map((rate, n) => rate / (ofYoung[n] ?? Number.NaN));
    const name = `settled with ${bench.scale.growthMillions} million payments ÷ empty`;
    return [
      figure(name, 'ratio', ratios, atLeast(0.85)),
      figure('settled, empty table', 'payments/s', ofYoung),
      figure('settled, full table', 'payments/s', ofOld),
    ];
  },
};

const connections = 256;

async function settledPerSecond(bench: Bench, world: World, name: string): Promise<number> {
  const { system, load, tokens, money } = world;
  await calmDown(system.ownerUrl);
  const { warmUpMs, windowMs } = bench.scale;
  const pace = sustained(system.bankPort, connections);
  const job = paymentJob({ port: system.port, connections, tokens, pace });
  const window = await measureWindow(system, load, { job, warmUpMs, windowMs }, money.prove);
  bench.say(describeWindow(name, window));
  return window.settledPerSecond;
}
