import type { Clock } from '../../clock.ts';
import type { Logger } from '../../telemetry/log.ts';
import { openBreaker } from './breaker.ts';
import type { RedisClient } from './client.ts';

/** An answer in time, or the reason to go on without one. */
export type Asked<T> = { readonly answer: T } | 'away';

export interface LinkStats {
  /** Calls that went on without Redis, for whatever reason. */
  readonly fallbacks: number;
  /** Of them: no answer in time. */
  readonly timeouts: number;
  /** Of them: refused, broken off, or not understood. */
  readonly errors: number;
  /** How often Redis was given up; it is asked again every second. */
  readonly opened: number;
  readonly state: 'connected' | 'given_up' | 'disconnected';
}

/** The way to Redis that never keeps anybody waiting. */
export interface Link {
  readonly ask: <T>(command: (client: RedisClient) => Promise<T>) => Promise<Asked<T>>;
  /** Asks whatever the state, and throws where there is no answer in time. */
  readonly ping: () => Promise<void>;
  readonly stats: () => LinkStats;
  readonly close: () => void;
}

export interface LinkOptions {
  readonly timeoutMs: number;
  readonly probeEveryMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

export function openLink(client: RedisClient, options: LinkOptions): Link {
  const { timeoutMs, log } = options;
  const counts = { fallbacks: 0, timeouts: 0, errors: 0, opened: 0 };
  const ping = async (): Promise<void> => {
    if (client.status !== 'ready') throw new Error('Redis is not connected');
    await inTime(client.ping(), timeoutMs);
  };
  const breaker = openBreaker({
    probe: ping,
    onOpen: (error) => {
      counts.opened++;
      log.warn(
        { reason: reasonOf(error) },
        'Redis does not answer: this process decides limits alone',
      );
    },
    onClosed: () => log.info('Redis answers again'),
    probeEveryMs: options.probeEveryMs,
    silenceMsMin: timeoutMs,
    monotonic: options.clock.monotonic,
  });
  const logged = logConnection(client, log);

  return {
    ask: async (command) => {
      if (client.status !== 'ready' || breaker.isOpen()) {
        counts.fallbacks++;
        return 'away';
      }
      try {
        const answer = await inTime(command(client), timeoutMs);
        breaker.succeeded();
        return { answer };
      } catch (error) {
        counts.fallbacks++;
        counts[error instanceof NoAnswerInTime ? 'timeouts' : 'errors']++;
        breaker.failed(error instanceof Error ? error : new Error(String(error)));
        return 'away';
      }
    },
    ping,
    stats: () => ({ ...counts, state: stateOf(client, breaker.isOpen()) }),
    close: () => {
      breaker.close();
      logged.stop();
    },
  };
}

function stateOf(client: RedisClient, isGivenUp: boolean): LinkStats['state'] {
  if (client.status !== 'ready') return 'disconnected';
  return isGivenUp ? 'given_up' : 'connected';
}

class NoAnswerInTime extends Error {
  override readonly name = 'NoAnswerInTime';
}

/**
 * When time is up, one more turn of the event loop: where this process itself was busy, the answer
 * may have arrived and only not been read, and Redis must not be blamed for that.
 */
function inTime<T>(command: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => setImmediate(() => reject(new NoAnswerInTime(`no answer in ${timeoutMs} ms`))),
      timeoutMs,
    );
    command.then(
      (answer) => {
        clearTimeout(timer);
        resolve(answer);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

/** A line when it goes and a line when it comes; not one for each of a hundred attempts between. */
function logConnection(client: RedisClient, log: Logger): { readonly stop: () => void } {
  let wasReady = false;
  let isToldAway = false;
  let isStopped = false;
  client.on('error', (error: unknown) => {
    if (wasReady || isToldAway || isStopped) return;
    isToldAway = true;
    log.warn({ reason: reasonOf(error) }, 'Redis cannot be reached');
  });
  client.on('ready', () => {
    wasReady = true;
    isToldAway = false;
    log.info('Redis connected');
  });
  client.on('close', () => {
    if (wasReady && !isStopped) log.warn('the connection to Redis was lost');
    wasReady = false;
  });
  return {
    stop: () => {
      isStopped = true;
    },
  };
}

/**
 * Never the error itself: it carries the command with its arguments, and one of them is the
 * password.
 */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
