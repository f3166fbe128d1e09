import { type Arm, type Bench, calmDown, paymentJob, type World } from '../arm.ts';
import type { Percentiles } from '../histogram.ts';
import type { Pace } from '../load-job.ts';
import { measureRequests, rateOf } from '../measure.ts';
import { atMost, figure } from '../report.ts';
import { openWorld } from '../world.ts';

/** How long a client waits for its 202: a hundred at once, and a few on a quiet machine. */
export const latency: Arm = {
  name: 'latency',
  about: '100 concurrent deposits, p50 and p95; 50 requests/s open loop, p50',
  run: async (bench) => {
    const world = await openWorld(bench);
    const bursts: Percentiles[] = [];
    const arrivals: Percentiles[] = [];
    for (let n = 0; n < bench.scale.repeats; n++) {
      bursts.push(await runPace(bench, world, { kind: 'burst', restMs: 150 }));
      arrivals.push(await runPace(bench, world, { kind: 'open', perSecond: 50 }));
    }
    const all = (runs: readonly Percentiles[], at: 'p50' | 'p95' | 'p99'): number[] =>
      runs.map((run) => run[at]);
    return [
      figure('100 concurrent deposits, p50', 'ms', all(bursts, 'p50'), atMost(10)),
      figure('100 concurrent deposits, p95', 'ms', all(bursts, 'p95'), atMost(25)),
      figure('50 deposits/s open loop, p50', 'ms', all(arrivals, 'p50'), atMost(3)),
      figure('50 deposits/s open loop, p99', 'ms', all(arrivals, 'p99')),
    ];
  },
};

async function runPace(bench: Bench, world: World, pace: Pace): Promise<Percentiles> {
  const { system, load, tokens, money } = world;
  await calmDown(system.ownerUrl);
  const { warmUpMs, windowMs } = bench.scale;
  const job = paymentJob({ port: system.port, connections: 100, tokens, pace });
  const report = await measureRequests(load, { job, warmUpMs, windowMs });
  const perSecond = rateOf(report, 202).toFixed(0);
  const { p50, p95, p99, max } = report.latencyMs;
  bench.say(
    `  ${pace.kind}: ${perSecond}/s, p50 ${p50.toFixed(2)}, p95 ${p95.toFixed(2)}, ` +
      `p99 ${p99.toFixed(2)}, max ${max.toFixed(2)} ms; dropped ${report.dropped}`,
  );
  await money.prove();
  return report.latencyMs;
}
