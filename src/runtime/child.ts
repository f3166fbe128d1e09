import type { Logger } from '../telemetry/log.ts';
import { startLoop } from './loop.ts';
import { isAlive } from './processes.ts';
import type { Service } from './service.ts';

/**
 * A process that another one needs: PostgreSQL and the simulated bank beside an embedded gateway.
 */
export interface Child {
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/**
 * Half a second without it is time in which requests get 503; the look costs a few microseconds.
 */
const lookEveryMs = 500;
/** A child that dies at once each time is not started more often than this. */
const retryMsMax = 10_000;

/** Starts the child again when it has died, for as long as the service runs. */
export async function keepRunning<C extends Child>(
  name: string,
  start: () => Promise<C>,
  log: Logger,
): Promise<Service & { readonly first: C }> {
  const first = await start();
  let child = first;
  const watch = startLoop(
    `${name} watch`,
    async () => {
      if (isAlive(child.pid)) return 'idle';
      log.error({ child: name, childPid: child.pid }, 'a child process died: starting it again');
      child = await start();
      return 'idle';
    },
    { idleMs: lookEveryMs, errorMsMax: retryMsMax, log },
  );
  return {
    name,
    first,
    stop: async () => {
      await watch.stop();
      await child.stop();
    },
  };
}
