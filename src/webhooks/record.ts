import { classifyGroupFailure } from '../db/database.ts';
import type { EndpointId } from '../ids.ts';
import { type Batcher, openBatcher } from '../runtime/batcher.ts';
import type { DeliverOptions } from './deliver-options.ts';
import { type AttemptRow, type ClaimedRow, recordAttempts } from './deliver-store.ts';
import { disableEndpoint } from './disable.ts';
import { writeMessageId } from './message-id.ts';
import { judgeExchange, restFor, retryDelayMs, type Verdict } from './schedule.ts';
import type { Exchange } from './send.ts';

export interface Attempted {
  readonly exchange: Exchange;
  /** Monotonic. */
  readonly startedAt: number;
  readonly latencyMs: number;
}

interface Judged {
  readonly row: ClaimedRow;
  readonly attempted: Attempted;
  readonly verdict: Verdict;
}

/** Attempts in one statement. */
const groupMax = 256;

/**
 * Attempts go on record in groups; what follows for the endpoint comes with them.
 * @returns whether the message was delivered
 */
export function openRecord(
  options: DeliverOptions,
): (row: ClaimedRow, attempted: Attempted) => Promise<boolean> {
  const { database, clock, log, policy } = options;
  const attempts: Batcher<Judged, boolean> = openBatcher({
    name: 'webhook attempts',
    slots: 2,
    groupMax,
    waitingMax: policy.inFlightMax + 1,
    classify: classifyGroupFailure,
    flush: async (group) => {
      const now = clock.monotonic();
      const rows = group.map((judged) => attemptRow(judged, now, options));
      const ids = await recordAttempts(database.keyed, rows, policy.disableAfterMs);
      const failing = new Set<EndpointId>(ids);
      return group.map(({ row }) => ({ done: failing.has(row.endpointId) }));
    },
  });
  return async (row, attempted) => {
    const verdict = judgeExchange(attempted.exchange, clock.now());
    const { endpointId: id } = row;
    // Before its attempt: a row that is still due finds the way here again.
    if (verdict.kind === 'gone') await disableEndpoint(database, log, { id, why: 'gone' });
    const isFailing = await attempts.submit({ row, attempted, verdict });
    if (isFailing) await disableEndpoint(database, log, { id, why: 'failing' });
    if (verdict.kind === 'failed' && row.failures >= policy.delaysMs.length)
      log.warn(
        { delivery_id: writeMessageId(row.id), endpoint_id: id },
        'a webhook could not be delivered, and is not tried again',
      );
    return verdict.kind === 'delivered';
  };
}

function attemptRow(judged: Judged, now: number, options: DeliverOptions): AttemptRow {
  const { row, verdict } = judged;
  const { exchange, startedAt, latencyMs } = judged.attempted;
  const isAnswered = exchange.kind === 'answered';
  return {
    id: row.id,
    endpointId: row.endpointId,
    fence: row.fence,
    worker: options.worker,
    startedAgoMs: now - startedAt,
    latencyMs,
    status: isAnswered ? exchange.status : null,
    error: verdict.kind === 'failed' ? verdict.error : null,
    answer: isAnswered ? exchange.answer : null,
    ...standAfter(judged, options),
    restMs: restFor(verdict),
  };
}

function standAfter(
  { row, verdict }: Judged,
  { policy, random }: DeliverOptions,
): Pick<AttemptRow, 'state' | 'waitMs'> {
  if (verdict.kind === 'delivered') return { state: 'delivered', waitMs: null };
  if (verdict.kind === 'gone') return { state: 'cancelled', waitMs: null };
  const waitMs = retryDelayMs({
    failures: row.failures + 1,
    delaysMs: policy.delaysMs,
    retryAfterMs: verdict.retryAfterMs,
    random: random(),
  });
  return waitMs === null ? { state: 'failed', waitMs } : { state: 'pending', waitMs };
}
