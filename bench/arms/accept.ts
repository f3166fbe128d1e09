import { type Arm, type Bench, calmDown, paymentJob, type World } from '../arm.ts';
import { readPort, startChild } from '../child.ts';
import { measureRequests, rateOf } from '../measure.ts';
import { atLeast, type Figure, figure, round } from '../report.ts';
import { openWorld } from '../world.ts';

/**
 * Accepting alone: authenticated, limited, idempotent, durably committed, against a bare route. The
 * bank is frozen meanwhile, so that the worker in the same process has nothing to do: what it costs
 * is in the sustained figures. Afterwards the bank goes on, and everything accepted is settled and
 * proven.
 */
export const accept: Arm = {
  name: 'accept',
  about: 'accepted deposits/s ÷ requests/s of a bare Fastify POST with the same schemas',
  run: async (bench) => {
    const world = await openWorld(bench, { env: heldBack });
    const bare = startChild({ program: 'bare.ts', name: 'bare server', closing: bench.closing });
    const barePort = await bare.receive(readPort);
    const figures: Figure[] = [];
    for (const connections of [64, 256])
      figures.push(...(await compare(bench, world, { barePort, connections })));
    return figures;
  },
};

/** A few calls wait at the frozen bank, far within their deadline; the rest waits in the queue. */
const heldBack = {
  BANK_IN_FLIGHT_MAX: '256',
  BANK_CALL_TIMEOUT_SECONDS: '120',
  PAYMENT_LEASE_SECONDS: '180',
};

async function withFrozenBank<T>({ system }: World, work: () => Promise<T>): Promise<T> {
  process.kill(system.bankPid, 'SIGSTOP');
  try {
    return await work();
  } finally {
    process.kill(system.bankPid, 'SIGCONT');
  }
}

async function compare(
  bench: Bench,
  world: World,
  { barePort, connections }: { readonly barePort: number; readonly connections: number },
): Promise<readonly Figure[]> {
  const ours: number[] = [];
  const bare: number[] = [];
  for (let n = 0; n < bench.scale.repeats; n++) {
    const pace = { kind: 'closed' } as const;
    const { tokens } = world;
    bare.push(
      await runBare(bench, world, paymentJob({ port: barePort, connections, tokens, pace })),
    );
    await calmDown(world.system.ownerUrl);
    const job = paymentJob({ port: world.system.port, connections, tokens, pace });
    const { warmUpMs, windowMs } = bench.scale;
    const report = await withFrozenBank(world, () =>
      measureRequests(world.load, { job, warmUpMs, windowMs }),
    );
    ours.push(rateOf(report, 202));
    const startedAt = performance.now();
    await world.money.prove();
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    bench.say(
      `  ${connections} connections: accepted ${round(ours.at(-1) ?? 0)}/s (p50 ` +
        `${report.latencyMs.p50.toFixed(1)} ms), bare ${round(bare.at(-1) ?? 0)}/s; ` +
        `backlog settled and proven in ${seconds} s`,
    );
  }
  const ratios = ours.map((rate, n) => rate / (bare[n] ?? Number.NaN));
  const at = `at ${connections} connections`;
  return [
    figure(`accepted ÷ bare Fastify POST, ${at}`, 'ratio', ratios, atLeast(0.5)),
    figure(`accepted deposits, ${at}`, '/s', ours),
    figure(`bare Fastify POST, ${at}`, '/s', bare),
  ];
}

async function runBare(
  bench: Bench,
  world: World,
  job: ReturnType<typeof paymentJob>,
): Promise<number> {
  const { warmUpMs, windowMs } = bench.scale;
  return rateOf(await measureRequests(world.load, { job, warmUpMs, windowMs }), 202);
}
