import type { Arm } from '../arm.ts';
import { readPort, startChild } from '../child.ts';
import type { LoadJob } from '../load-job.ts';
import { measureRequests, rateOf } from '../measure.ts';
import { atMost, figure } from '../report.ts';
import { openWorld } from '../world.ts';

/** A balance read beside a route that reads nothing, one request at a time. */
export const balance: Arm = {
  name: 'balance',
  about: 'balance read p50 minus the p50 of a bare route',
  run: async (bench) => {
    const { system, load, money, tokens } = await openWorld(bench);
    const bareServer = startChild({ program: 'bare.ts', name: 'bare', closing: bench.closing });
    const barePort = await bareServer.receive(readPort);
    const { warmUpMs, windowMs } = bench.scale;
    const p50 = async (port: number, path: string): Promise<number> => {
      const options = { job: readJob(port, path, tokens), warmUpMs, windowMs: windowMs / 2 };
      const report = await measureRequests(load, options);
      rateOf(report, 200);
      return report.latencyMs.p50;
    };
    const bare: number[] = [];
    const ours: number[] = [];
    for (let n = 0; n < bench.scale.repeats; n++) {
      bare.push(await p50(barePort, '/bare'));
      ours.push(await p50(system.port, '/api/v1/users/me/balance'));
    }
    await money.prove();
    const above = ours.map((value, n) => value - (bare[n] ?? Number.NaN));
    return [
      figure('balance read above a bare route, p50', 'ms', above, atMost(1)),
      figure('balance read, p50', 'ms', ours),
    ];
  },
};

function readJob(port: number, path: string, tokens: readonly string[]): LoadJob {
  return {
    port,
    connections: 1,
    pace: { kind: 'closed' },
    request: { method: 'GET', path, tokens, body: null, keyPrefix: 'read' },
  };
}
