import { waitFor } from './wait.ts';

/** Something that runs until it is stopped. */
export interface Service {
  readonly name: string;
  /** Takes nothing new and resolves when what runs has ended. May be called twice. */
  readonly stop: () => Promise<void>;
}

export interface StopOptions {
  /** For all of them together: the process has to go even where a service does not end. */
  readonly deadlineMs: number;
  readonly log: ServiceLog;
  /** Tests pass a wait that they end themselves. */
  readonly wait?: typeof waitFor;
}

export interface ServiceLog {
  readonly error: (fields: object, message: string) => void;
}

export interface Stopped {
  /** Names of the services that had not ended at the deadline, or whose stop failed. */
  readonly unfinished: readonly string[];
}

/**
 * In reverse order, each after the one started later has ended: what hands out work stops before
 * what the work needs. Past the deadline the rest is told to stop all at once, and nobody waits.
 */
export async function stopAll(
  services: readonly Service[],
  options: StopOptions,
): Promise<Stopped> {
  const { deadlineMs, log, wait = waitFor } = options;
  const ended = new AbortController();
  const deadline = wait(deadlineMs, ended.signal).then(() => 'late' as const);
  const unfinished: string[] = [];
  for (const service of services.toReversed()) {
    const stopped = stopOne(service, log);
    const result = await Promise.race([stopped, deadline]);
    if (result !== 'ended') unfinished.push(service.name);
    if (result === 'late') log.error({ service: service.name, deadlineMs }, 'did not stop in time');
  }
  ended.abort();
  return { unfinished };
}

/** Never rejects: a service that cannot stop must not keep the others running. */
async function stopOne(service: Service, log: ServiceLog): Promise<'ended' | 'failed'> {
  try {
    await service.stop();
    return 'ended';
  } catch (error) {
    log.error({ service: service.name, err: error }, 'failed to stop');
    return 'failed';
  }
}
