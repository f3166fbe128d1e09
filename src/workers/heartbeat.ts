import type { Queryable } from '../db/database.ts';
import { type Loop, startLoop } from '../runtime/loop.ts';
import type { Service, ServiceLog } from '../runtime/service.ts';
import { type Pulse, removeSilent, removeWorker, savePulse } from './store.ts';

/** Often enough for a page that shows who is at work; a row of 100 bytes every five seconds. */
const everyMs = 5_000;
/** Twelve heartbeats missed: the process is gone, or cannot reach the database for as long. */
const silentMs = 60_000;

export interface HeartbeatOptions {
  readonly database: Queryable;
  readonly log: ServiceLog;
  /** Asked at every beat. */
  readonly pulse: () => Pulse;
}

/**
 * Tells who is at work. Nothing is decided by it: a silent process's payments come back by their
 * leases.
 */
export function startHeartbeat(options: HeartbeatOptions): Service {
  const { database, log, pulse } = options;
  const loop: Loop = startLoop('heartbeat', () => beatOnce(database, pulse()), {
    idleMs: everyMs,
    errorMsMax: everyMs,
    log,
  });
  return {
    name: 'heartbeat',
    stop: async () => {
      await loop.stop();
      await removeWorker(database, pulse().id);
    },
  };
}

export async function beatOnce(database: Queryable, pulse: Pulse): Promise<'idle'> {
  await savePulse(database, pulse);
  await removeSilent(database, silentMs);
  return 'idle';
}
