import { parseArgs } from 'node:util';
import { type Config, environment, readConfig } from '../config.ts';
import { findEmbeddedServer } from '../db/embedded.ts';
import { StartRefused } from '../refused.ts';
import { sendSignal, waitForEnd } from '../runtime/processes.ts';
import { readOwnSimulator } from './health.ts';
import { InstanceHeld, isGateway, readInstance } from './instance.ts';

/** `tollgate down`: the gateway stops its parts; what a crash left over is stopped here. */
export async function run(args: readonly string[]): Promise<number> {
  parseArgs({ args: [...args], options: {} });
  const config = readConfig(environment());
  const stopped = [...(await stopGateway(config)), ...(await stopLeftovers(config))];
  process.stdout.write(
    stopped.length === 0 ? 'Nothing was running.\n' : `Stopped: ${stopped.join(', ')}.\n`,
  );
  return 0;
}

/** The gateway ends itself at its own cap; past that it hangs. */
export const stopDeadlineMs = (config: Config): number =>
  config.SHUTDOWN_DEADLINE_SECONDS * 1000 + 90_000;

/** What a gateway that was killed has left; only while none runs. */
export async function stopLeftovers(config: Config): Promise<string[]> {
  return [...(await stopSimulator(config)), ...(await stopDatabase(config))];
}

async function stopGateway(config: Config): Promise<string[]> {
  const holder = readInstance(config);
  if (holder === null) return [];
  if (!isGateway(holder)) throw new InstanceHeld(config, holder);
  sendSignal(holder.pid, 'SIGTERM');
  if (await waitForEnd([holder.pid], stopDeadlineMs(config))) {
    return [`gateway (process ${holder.pid}) and what it had started`];
  }
  sendSignal(holder.pid, 'SIGKILL');
  if (await waitForEnd([holder.pid], 5_000)) return [`gateway (process ${holder.pid}, killed)`];
  throw new StartRefused(`The gateway (process ${holder.pid}) cannot be stopped by this user.`);
}

async function stopSimulator(config: Config): Promise<string[]> {
  const simulator = await readOwnSimulator(config);
  if (simulator === null || simulator.pid === null) return [];
  sendSignal(simulator.pid, 'SIGTERM');
  if (!(await waitForEnd([simulator.pid], 10_000))) sendSignal(simulator.pid, 'SIGKILL');
  return [`simulated bank (process ${simulator.pid}, left over)`];
}

async function stopDatabase(config: Config): Promise<string[]> {
  if (config.DATABASE !== 'embedded') return [];
  const server = findEmbeddedServer(config.dataDir);
  if (server === null) return [];
  await server.stop();
  return [`database (process ${server.pid}, left over)`];
}
