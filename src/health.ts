import type { HealthReport } from './api/server.ts';
import type { BreakerPulse, BreakerSnapshot } from './bank/bank.ts';
import type { Work } from './journey.ts';
import type { OldestUnknown } from './payments/unknown.ts';
import type { Ports } from './ports.ts';
import { waitFor } from './runtime/wait.ts';
import { listWorkers } from './workers/store.ts';

/** Longer than any healthy dependency takes; a frozen one neither answers nor refuses. */
const healthDeadlineMs = 1_000;

export interface HealthOptions {
  readonly ports: Ports;
  readonly version: string;
  readonly isStopping: boolean;
  /** Null for a process that leaves the bank to others. */
  readonly work: Work | null;
  readonly oldestUnknown: OldestUnknown;
}

/** Asks every dependency at once, each with its own deadline. */
export async function readHealth(options: HealthOptions): Promise<HealthReport> {
  const { ports, version, isStopping, work, oldestUnknown } = options;
  const [breakers, unknownSeconds, database, queue, coordination, bank] = await Promise.all([
    readBreakers(ports, work),
    readOldestUnknown(oldestUnknown),
    answers(ports.database.ping()),
    answers(ports.queue.ping()),
    answers(ports.coordination.ping()),
    ports.bank.ping(healthDeadlineMs),
  ]);
  const say = (isUp: boolean): { status: 'ok' | 'away' } => ({ status: isUp ? 'ok' : 'away' });
  const isOpen = Object.values(breakers).some(({ state }) => state === 'open');
  const isWhole = database && queue && coordination && bank && !isOpen;
  return {
    status: isStopping ? 'stopping' : isWhole ? 'ok' : 'degraded',
    version,
    dependencies: {
      database: say(database),
      queue: say(queue),
      coordination: say(coordination),
      bank: say(bank),
    },
    breakers,
    oldest_unknown_seconds: unknownSeconds === null ? null : Math.round(unknownSeconds),
  };
}

/** A process that leaves the bank to others tells theirs. */
export async function readBreakers(ports: Ports, work: Work | null): Promise<BreakerPulses> {
  return work === null ? workersBreakers(ports) : pulsesOf(work.breakers());
}

export function readOldestUnknown(oldestUnknown: OldestUnknown): Promise<number | null> {
  return inTime(oldestUnknown.seconds(), null);
}

/** By their heartbeats. */
function workersBreakers(ports: Ports): Promise<BreakerPulses> {
  const told = listWorkers(ports.database).then((workers) =>
    worstOf(workers.map(({ breakers }) => breakers)),
  );
  return inTime<BreakerPulses>(told, {});
}

function answers(ping: Promise<void>): Promise<boolean> {
  return inTime(
    ping.then(() => true),
    false,
  );
}

/** A frozen server neither answers nor refuses: health must say so, not wait for it. */
async function inTime<T>(answer: Promise<T>, otherwise: T): Promise<T> {
  const answered = new AbortController();
  const late = waitFor(healthDeadlineMs, answered.signal).then(() => otherwise);
  try {
    return await Promise.race([answer, late]);
  } catch {
    return otherwise;
  } finally {
    answered.abort();
  }
}

export type BreakerPulses = Readonly<Record<string, BreakerPulse>>;

/** As heartbeats and /health tell them. */
export function pulsesOf(snapshots: readonly BreakerSnapshot[]): BreakerPulses {
  return Object.fromEntries(
    snapshots.map(({ bank, state, since }) => [bank, { state, since: since.toISOString() }]),
  );
}

const badness = { closed: 0, half_open: 1, open: 2 } as const;

/** Of several workers' breakers the one that stands worst, by bank. */
export function worstOf(all: readonly BreakerPulses[]): BreakerPulses {
  const worst: Record<string, BreakerPulse> = {};
  for (const [bank, pulse] of all.flatMap((one) => Object.entries(one))) {
    const known = worst[bank];
    if (known === undefined || badness[pulse.state] > badness[known.state]) worst[bank] = pulse;
  }
  return worst;
}
