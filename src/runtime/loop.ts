import { setImmediate } from 'node:timers/promises';
import type { Service, ServiceLog } from './service.ts';
import { waitFor } from './wait.ts';

/**
 * One turn. `again`: there is more to do now. `idle`: nothing until time passes or somebody wakes
 * us.
 */
export type Once = (signal: AbortSignal) => Promise<'again' | 'idle'>;

export interface LoopOptions {
  /** Wait after a turn that found nothing. */
  readonly idleMs: number;
  /** Longest wait after errors in a row; the first one waits `errorMsMin`. */
  readonly errorMsMax: number;
  readonly log: ServiceLog;
  /** Tests pass a wait that they end themselves. */
  readonly wait?: typeof waitFor;
  /** 0 to 1: spreads the waits after errors. */
  readonly random?: () => number;
}

export interface Loop extends Service {
  /**
   * Ends the idle wait, or skips the next one when a turn is running. A wait after an error is not
   * ended: whoever calls often would otherwise turn one fault into a storm of them.
   */
  readonly wake: () => void;
}

/**
 * Long enough for a server to come back from a restart of its process, short enough to not notice.
 */
const errorMsMin = 100;

/**
 * Runs `once` until it is stopped: at once again where there is more to do, after `idleMs` where
 * there is not, and ever later, up to `errorMsMax`, while it fails.
 */
export function startLoop(name: string, once: Once, options: LoopOptions): Loop {
  const { idleMs, log, wait = waitFor } = options;
  const stopping = new AbortController();
  let waking = new AbortController();

  const run = async (): Promise<void> => {
    let errorsInRow = 0;
    while (!stopping.signal.aborted) {
      try {
        const result = await once(stopping.signal);
        errorsInRow = 0;
        // Yields, so that a loop that always finds more cannot keep everybody else from running.
        if (result === 'again') await setImmediate();
        else await wait(idleMs, AbortSignal.any([stopping.signal, waking.signal]));
        if (result === 'idle') waking = new AbortController();
      } catch (error) {
        // A turn that was told to stop may well fail because of it.
        if (stopping.signal.aborted) return;
        const retryInMs = errorDelayMs(++errorsInRow, options);
        log.error({ loop: name, err: error, errorsInRow, retryInMs }, 'a turn failed');
        await wait(retryInMs, stopping.signal);
      }
    }
  };

  const ended = run();
  return {
    name,
    wake: () => waking.abort(),
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}

/**
 * Doubles from `errorMsMin`; between half and all of it, so that many loops do not come back as
 * one.
 */
function errorDelayMs(errorsInRow: number, options: LoopOptions): number {
  const { errorMsMax, random = Math.random } = options;
  const whole = Math.min(errorMsMax, errorMsMin * 2 ** Math.min(errorsInRow - 1, 30));
  return Math.round(whole * (0.5 + random() / 2));
}
