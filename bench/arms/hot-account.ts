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
import { atLeast, type Figure, figure } from '../report.ts';
import { openWorld } from '../world.ts';

/** Every payment on one account beside the same payments on many: a shop beside its customers. */
export const hotAccount: Arm = {
  name: 'hot-account',
  about: 'everything on one account ÷ spread over 10,000; deposits, then withdrawals',
  run: async (bench) => {
    const world = await openWorld(bench);
    const deposits = await compare(bench, world, 'deposits');
    return [...deposits, ...(await compare(bench, world, 'withdrawals'))];
  },
};

const connections = 256;

async function compare(
  bench: Bench,
  world: World,
  kind: 'deposits' | 'withdrawals',
): Promise<readonly Figure[]> {
  const hot: number[] = [];
  const spread: number[] = [];
  for (let n = 0; n < bench.scale.repeats; n++) {
    spread.push(await settledPerSecond(bench, world, { kind, tokens: world.tokens }));
    hot.push(await settledPerSecond(bench, world, { kind, tokens: world.tokens.slice(0, 1) }));
  }
  const ratios = hot.map((rate, n) => rate / (spread[n] ?? Number.NaN));
  const accounts = world.tokens.length.toLocaleString('en-US');
  return [
    figure(
      `one hot account ÷ ${accounts} accounts, ${kind}`,
      'ratio',
      ratios,
      kind === 'deposits' ? atLeast(0.95) : null,
    ),
    figure(`one hot account, ${kind}`, 'payments/s', hot),
    figure(`${accounts} accounts, ${kind}`, 'payments/s', spread),
  ];
}

async function settledPerSecond(
  bench: Bench,
  { system, load, money }: World,
  { kind, tokens }: { kind: 'deposits' | 'withdrawals'; tokens: readonly string[] },
): Promise<number> {
  await calmDown(system.ownerUrl);
  const { warmUpMs, windowMs } = bench.scale;
  const { port, bankPort } = system;
  const pace = sustained(bankPort, connections);
  const job = paymentJob({ port, connections, tokens, pace, kind });
  const window = await measureWindow(system, load, { job, warmUpMs, windowMs }, money.prove);
  const where = tokens.length === 1 ? 'one account' : `${tokens.length} accounts`;
  bench.say(describeWindow(`${kind}, ${where}`, window));
  return window.settledPerSecond;
}
