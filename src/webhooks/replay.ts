/**
 * In:   an endpoint and a range of time.
 * Out:  what ended in it is due again, message and id unchanged.
 * If we die here: some of it is due again; the same question finds only the rest, as what is due is
 * never replayed twice.
 */
import { type Database, readNow } from '../db/database.ts';
import type { DeliveryId } from '../ids.ts';
import { selectEndpoint } from './endpoints-store.ts';
import { type ReplayRange, replayStep } from './replay-store.ts';

export type ReplayResult =
  /** `next`: where the rest begins; null: that was all. */
  | { readonly kind: 'due'; readonly replayed: number; readonly next: DeliveryId | null }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'disabled' };

export interface ReplayWish extends Omit<ReplayRange, 'limit' | 'until'> {
  /** Null: until now. */
  readonly until: Date | null;
}

/** Rows moved in one statement, and statements in one answer. */
const stepRows = 1_000;
const stepsMax = 10;

export async function replayRange(database: Database, wish: ReplayWish): Promise<ReplayResult> {
  const endpoint = await selectEndpoint(database, { id: wish.endpointId, userId: wish.userId });
  if (endpoint === null) return { kind: 'not_found' };
  if (endpoint.state !== 'enabled') return { kind: 'disabled' };
  const until = wish.until ?? (await readNow(database));
  let replayed = 0;
  let next = wish.after;
  for (let step = 0; step < stepsMax; step += 1) {
    const range = { ...wish, until, after: next, limit: stepRows };
    const rows = await replayStep(database.keyed, range);
    replayed += rows.length;
    next = rows.reduce<DeliveryId | null>(
      (most, { id }) => (most === null || id > most ? id : most),
      next,
    );
    if (rows.length < stepRows) return { kind: 'due', replayed, next: null };
  }
  return { kind: 'due', replayed, next };
}
