/**
 * In:   callbacks that had the bank asked.
 * Out:  where nobody has asked since, the inquiry is due now: whoever was asking when the callback
 *       came has put the next contact off. Where the payment has ended, each is held against that
 *       end: it agrees, or is a break. A callback may come between the bank's answer and its
 *       settling and say the opposite, and nobody else would notice.
 * If we die here: nothing happened, and the next look finds the same.
 */
import { type Database, readNow } from '../db/database.ts';
import type { PaymentId } from '../ids.ts';
import { recordBreaks } from '../ledger/breaks-store.ts';
import type { Logger } from '../telemetry/log.ts';
import { toBreak } from './difference.ts';
import { readCallback } from './read.ts';
import { decideCallback } from './rules.ts';
import { standingOf } from './standing.ts';
import { bringMissed, type EndedRow, judgeCallbacks, takeEnded } from './store.ts';

export interface ReviewOptions {
  readonly database: Pick<Database, 'keyed' | 'transaction'>;
  readonly bank: { readonly name: string; readonly inquires: boolean };
  /** How long a worker may wait for the bank's answer. */
  readonly leaseMs: number;
  /** Tells the queue; a lost hint costs time only. */
  readonly announce: (ids: readonly PaymentId[]) => void;
  readonly log: Logger;
}

const rowsMax = 500;

/** One look. `again`: there may be more. */
export async function reviewCallbacks(options: ReviewOptions): Promise<'again' | 'idle'> {
  const { database, bank, leaseMs, announce } = options;
  const missed = await bringMissed(database.keyed, { bank: bank.name, leaseMs, rowsMax });
  if (missed.length > 0) announce(missed);
  const reviewed = await database.transaction(async (tx) => {
    const rows = await takeEnded(tx, bank.name, rowsMax);
    if (rows.length === 0) return [];
    const decided = rows.map((row) => review(row, options));
    const now = await readNow(tx);
    await judgeCallbacks(
      tx,
      decided.map((one) => one.judged),
    );
    await recordBreaks(
      tx,
      decided.flatMap((one) => one.breaks),
      now,
    );
    return decided;
  });
  for (const { row, judged, breaks } of reviewed)
    if (breaks.length > 0)
      options.log.error(
        { payment_id: row.id, request_id: row.requestId, event: row.eventKey, ...judged },
        'a callback contradicts us: see its break',
      );
  return reviewed.length === rowsMax ? 'again' : 'idle';
}

function review(row: EndedRow, { bank }: ReviewOptions) {
  const { content } = readCallback(Buffer.from(row.bodyHex, 'hex'));
  // What was read when it came is read again; a later release may be stricter.
  if ('fault' in content) {
    const judged = {
      id: row.callbackId,
      verdict: 'unreadable',
      detail: content.fault,
      paymentId: row.id,
    } as const;
    return { row, judged, breaks: [] };
  }
  const decision = decideCallback(content, standingOf(row), bank);
  const { verdict, detail } = decision;
  const judged = { id: row.callbackId, verdict, detail, paymentId: row.id } as const;
  return { row, judged, breaks: toBreak(bank.name, content, decision) };
}
