import type { Logger } from '../telemetry/log.ts';
import { startLoop } from './loop.ts';
import { startMark } from './processes.ts';
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

/** What keeps a child; the mark of its start is the system's, except in a test. */
export interface KeepOptions {
  readonly log: Logger;
  readonly markOf?: (pid: number) => string | null;
}

/** Starts the child again when it has died, for as long as the service runs. */
export async function keepRunning<C extends Child>(
  name: string,
  start: () => Promise<C>,
  { log, markOf = startMark }: KeepOptions,
): Promise<Service & { readonly first: C }> {
  const begin = async (): Promise<{ readonly child: C; readonly mark: string | null }> => {
    const child = await start();
    return { child, mark: markOf(child.pid) };
  };
  let kept = await begin();
  const first = kept.child;
  const watch = startLoop(
    `${name} watch`,
    async () => {
      const { child, mark } = kept;
      // The pid alone may be somebody else's by now, and we would wait for him to end.
      if (mark !== null && markOf(child.pid) === mark) return 'idle';
      log.error({ child: name, childPid: child.pid }, 'a child process died: starting it again');
      kept = await begin();
      return 'idle';
    },
    { idleMs: lookEveryMs, errorMsMax: retryMsMax, log },
  );
  return {
    name,
    first,
    stop: async () => {
      await watch.stop();
      await kept.child.stop();
    },
  };
}
