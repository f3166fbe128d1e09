import { setTimeout as rest } from 'node:timers/promises';
import { type Bench, paymentJob, type World } from './arm.ts';
import { type BenchCluster, startBenchCluster } from './cluster.ts';
import { type BenchGateway, type GatewayOptions, startBenchGateway } from './gateway.ts';
import { startLoad } from './load-client.ts';
import { gatewayCounts, type System } from './measure.ts';
import { awaitDrained, openMoneyCheck } from './money.ts';
import { insertPeople } from './people.ts';
import { readDurability } from './postgres-stats.ts';

interface WorldOptions extends Partial<Pick<GatewayOptions, 'bankDelay' | 'nodeArgs' | 'env'>> {
  readonly people?: number;
}

/** In the mode of this run; the arms cannot tell one from the other. */
export async function openWorld(bench: Bench, options?: WorldOptions): Promise<World> {
  if (bench.shared === null || options !== undefined) return openFreshWorld(bench, options ?? {});
  bench.shared.world ??= await openFreshWorld(bench, {});
  return bench.shared.world;
}

function openFreshWorld(bench: Bench, options: WorldOptions): Promise<World> {
  return bench.mode === 'embedded'
    ? openWorldOf(startBenchGateway, bench, options)
    : openClusterWorld(bench, options);
}

/** Distributed mode, whatever the mode of this run: its number of workers can be set. */
export const openClusterWorld = (
  bench: Bench,
  options: WorldOptions = {},
): Promise<World<BenchCluster>> => openWorldOf(startBenchCluster, bench, options);

async function openWorldOf<G extends BenchGateway>(
  start: (options: GatewayOptions) => Promise<G>,
  { closing, scale, say }: Bench,
  options: WorldOptions,
): Promise<World<G>> {
  const gateway = await start({ closing, bankDelay: { min: 0, max: 0 }, ...options });
  const ownerUrl = gateway.url('owner');
  say(`  PostgreSQL: ${await readDurability(ownerUrl)}`);
  const world: World<G> = {
    gateway,
    system: systemOf(gateway),
    load: startLoad(closing),
    money: openMoneyCheck(gateway),
    tokens: await insertPeople(ownerUrl, options.people ?? scale.people),
  };
  await fundEverybody(world);
  return world;
}

/** As its processes are now. */
export function systemOf(gateway: BenchGateway): System {
  return {
    ...gatewayCounts,
    port: gateway.port,
    bankPort: gateway.bankPort,
    pid: gateway.pid,
    bankPid: gateway.bankPid,
    postgresPid: gateway.postgresPid,
    ownerUrl: gateway.url('owner'),
    beside: gateway.beside(),
  };
}

/**
 * The real warm-up: everybody is known, every page has been touched, the code is compiled. And
 * everybody can withdraw: a refusal is cheaper than a payment and would flatter the figure.
 */
async function fundEverybody({ gateway, system, load, tokens }: World): Promise<void> {
  const options = { port: system.port, connections: 64, tokens, amount: '1000000.00' };
  await load.start(paymentJob({ ...options, pace: { kind: 'closed' } }));
  // Tokens are taken in turn: by then everybody had one.
  while ((await load.read()).sentInAll < tokens.length) await rest(20);
  await load.stop();
  await awaitDrained(gateway);
}
