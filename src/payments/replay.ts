import { type Database, readNow } from '../db/database.ts';
import { parseId } from '../ids.ts';
import { decideAccepts } from './accept-rules.ts';
import { findById, readStanding } from './accept-store.ts';
import type { AcceptCommand, AcceptResult } from './command.ts';

/**
 * Answers a repeated request from its payment's row, without a group commit, where a hint names the
 * payment that its key stands for. The row decides: a hint that is wrong, or older than a failover
 * that lost its payment, is nothing, and the request is accepted like any other.
 *
 * @returns null where the hint does not lead to a payment of this user and key
 */
export async function replayHinted(
  database: Pick<Database, 'keyed'>,
  command: AcceptCommand,
  hint: string,
): Promise<AcceptResult | null> {
  const id = parseId<'payment'>(hint);
  if (id === null) return null;
  const [existing, users, now] = await Promise.all([
    findById(database.keyed, id),
    readStanding(database.keyed, [command.userId]),
    readNow(database.keyed),
  ]);
  const isOfKey =
    existing?.userId === command.userId && existing.idempotencyKey === command.idempotencyKey;
  if (!isOfKey) return null;
  const { decisions } = decideAccepts([command], {
    users,
    now,
    accounts: [],
    existing: [existing],
    refunded: new Map(),
  });
  const [decision] = decisions;
  return decision === undefined || decision === 'later' ? null : decision;
}
