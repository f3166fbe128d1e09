import type { HealthReport } from './api/server.ts';
import type { Ports } from './ports.ts';
import { waitFor } from './runtime/wait.ts';

/** Longer than any healthy dependency takes; a frozen one neither answers nor refuses. */
const healthDeadlineMs = 1_000;

/** Asks every dependency at once, each with its own deadline. */
export async function readHealth(
  ports: Ports,
  version: string,
  isStopping: boolean,
): Promise<HealthReport> {
  const [database, queue, coordination, bank] = await Promise.all([
    answers(ports.database.ping()),
    answers(ports.queue.ping()),
    answers(ports.coordination.ping()),
    ports.bank.ping(healthDeadlineMs),
  ]);
  const say = (isUp: boolean): { status: 'ok' | 'away' } => ({ status: isUp ? 'ok' : 'away' });
  const isWhole = database && queue && coordination && bank;
  return {
    status: isStopping ? 'stopping' : isWhole ? 'ok' : 'degraded',
    version,
    dependencies: {
      database: say(database),
      queue: say(queue),
      coordination: say(coordination),
      bank: say(bank),
    },
  };
}

/** A frozen server neither answers nor refuses: health must say so, not wait for it. */
async function answers(ping: Promise<void>): Promise<boolean> {
  const answered = new AbortController();
  const late = waitFor(healthDeadlineMs, answered.signal).then(() => false);
  try {
    return await Promise.race([ping.then(() => true), late]);
  } catch {
    return false;
  } finally {
    answered.abort();
  }
}
