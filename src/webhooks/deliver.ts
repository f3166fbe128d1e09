/**
 * In:   deliveries that are due.
 * Out:  a signed POST each, its attempt on record, and the delivery ended or due again.
 * If we die here: the claim moved `due_at` to the end of its lease, and then the same message goes
 *       out again with the same `webhook-id`: at least once.
 */
import { waitFor } from '../runtime/wait.ts';
import { composeBody } from './compose.ts';
import { type DeliverOptions, leaseMsOf, turnMs } from './deliver-options.ts';
import { type ClaimedRow, claimDeliveries, postponeDeliveries } from './deliver-store.ts';
import { type Lanes, openLanes } from './lanes.ts';
import { writeMessageId } from './message-id.ts';
import { openRecord } from './record.ts';
import type { Message } from './send.ts';
import { signatureOf } from './sign.ts';
import { toldBy } from './told.ts';

export interface Deliver {
  /** One look at what is due. `again`: there may be more. */
  readonly deliverOnce: () => Promise<'again' | 'idle'>;
  /** Under way, and waiting for their turn here. */
  readonly load: () => number;
  /** Calls back whenever there is room again, after a look that found none. */
  readonly onRoom: (listener: () => void) => void;
  /** Lets what is under way end, for a moment; what it cannot wait for is delivered again later. */
  readonly stop: () => Promise<void>;
}

/** Rows moved in one statement. */
const claimMax = 256;
/** A stop waits for receivers that answer, not for those that hang. */
const stopMs = 3_000;

export function openDeliver(options: DeliverOptions): Deliver {
  const { database, clock, random, log, policy, sender } = options;
  const leaseMs = leaseMsOf(policy.timeoutMs);
  const lanes = openLanes({ ...policy, monotonic: clock.monotonic, random });
  const record = openRecord(options);
  const postpone = openPostpone(options, lanes);
  let isRoomWanted = false;
  let tellRoom: () => void = () => undefined;

  async function deliver(row: ClaimedRow): Promise<void> {
    const startedAt = clock.monotonic();
    let isDelivered = false;
    try {
      const exchange = await sender.send(messageOf(row, options));
      options.reach('deliver.after_post');
      const latencyMs = clock.monotonic() - startedAt;
      // What we called off ourselves is no attempt: the row is due again when its lease ends.
      if (exchange.kind === 'failed' && exchange.error === 'shutdown') return;
      isDelivered = await record(row, { exchange, startedAt, latencyMs });
      options.reach('deliver.after_record');
    } catch (error) {
      log.error({ err: error, delivery_id: writeMessageId(row.id) }, 'delivery not on record');
    } finally {
      lanes.leave(row.endpointId, { isDelivered, tookMs: clock.monotonic() - startedAt });
      if (isRoomWanted) tellRoom();
    }
  }

  return {
    deliverOnce: async () => {
      const rowsMax = Math.min(claimMax, policy.inFlightMax - lanes.load());
      isRoomWanted = rowsMax < 1;
      if (isRoomWanted) return 'idle';
      // Before the claim leaves: the lease counts from a later moment than this.
      const claimedAt = clock.monotonic();
      const rows = await claimDeliveries(database.keyed, { rowsMax, leaseMs });
      if (rows.length > 0) options.reach('deliver.after_claim');
      const isLate = (): boolean => clock.monotonic() - claimedAt > turnMs;
      const left = rows.filter((row) => {
        const start = (): void => void deliver(row);
        const job = { start, isLate, postpone: () => void postpone([row]) };
        return row.restMs > 0 || !lanes.take(row.endpointId, job);
      });
      const postponed = postpone(left);
      // Not waited for: what is due for others is not held up by what must wait.
      if (rows.length === rowsMax) return 'again';
      await postponed;
      return 'idle';
    },
    load: lanes.load,
    onRoom: (listener) => {
      tellRoom = listener;
    },
    stop: async () => {
      await quiet(lanes, stopMs);
      await sender.close();
      await quiet(lanes, stopMs);
    },
  };
}

/** What cannot go now is due again when its endpoint has room; lost, that costs a lease. */
function openPostpone(
  { database, log }: DeliverOptions,
  lanes: Lanes,
): (rows: readonly ClaimedRow[]) => Promise<void> {
  return async (rows) => {
    if (rows.length === 0) return;
    const postponed = rows.map(({ id, fence, endpointId, restMs }) => ({
      id,
      fence,
      waitMs: lanes.waitMs(endpointId, restMs),
    }));
    try {
      await postponeDeliveries(database.keyed, postponed);
    } catch (error) {
      log.warn({ err: error }, 'deliveries wait for the end of their lease');
    }
  };
}

async function quiet(lanes: Lanes, deadlineMs: number): Promise<void> {
  const everyMs = 20;
  for (let left = deadlineMs / everyMs; left > 0 && lanes.load() > 0; left -= 1)
    await waitFor(everyMs, new AbortController().signal);
}

/** The exact bytes, signed for this attempt. */
function messageOf(row: ClaimedRow, { seal, clock }: DeliverOptions): Message {
  const secrets = [row.secret, row.previousSecret]
    .filter((sealed) => sealed !== null)
    .map((sealed) => seal.open(sealed, row.endpointId));
  const id = writeMessageId(row.id);
  const timestamp = Math.floor(clock.now() / 1000);
  const body = composeBody(toldBy(row));
  return {
    url: row.url,
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Tollgate-Webhooks/1',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signatureOf(secrets, { id, timestamp, body }),
    },
  };
}
