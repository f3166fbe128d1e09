/**
 * In:   a payment that its owner does not want any more.
 * Out:  FAILED with CANCELLED, what it held released, and its event, in one group commit; or how
 *       it stands, where somebody was faster. Only what no worker has claimed can be cancelled:
 *       whoever locks the row first, the claim or we, wins it.
 * If we die here: before the commit nothing happened; after it the payment says that it is
 *       cancelled, and the message that names it finds nothing due.
 */
import { present } from '../assert.ts';
import type { Clock } from '../clock.ts';
import { classifyGroupFailure, type Database, readNow, type Tx } from '../db/database.ts';
import type { AccountId, PaymentId, UserId } from '../ids.ts';
import { addHolds, lockAccounts } from '../ledger/store.ts';
import { openBatcher, type Verdict } from '../runtime/batcher.ts';
import {
  changeStates,
  type EventRow,
  insertEvents,
  type LockedState,
  lockStates,
  type StateChange,
} from './settle-store.ts';
import { type BankedKind, movesOut, type PaymentStatus } from './states.ts';

/** Of a payment what never changes. */
export interface CancelWish {
  readonly id: PaymentId;
  readonly userId: UserId;
  readonly accountId: AccountId;
  readonly kind: BankedKind;
  readonly amountMinor: bigint;
}

export type CancelResult =
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'too_late'; readonly status: PaymentStatus }
  /** Its account was locked by somebody else until the deadline. */
  | { readonly kind: 'account_busy' };

/** @throws Overloaded, DatabaseAway, OutcomeUnknown (perhaps cancelled: the payment says so) */
export type Cancel = (wish: CancelWish) => Promise<CancelResult>;

export const cancelledCode = 'CANCELLED';

const groupDeadlineMs = 5_000;

interface Entry {
  readonly wish: CancelWish;
  /** Monotonic. */
  readonly since: number;
}

interface Facts {
  readonly free: ReadonlySet<AccountId>;
  readonly states: ReadonlyMap<PaymentId, LockedState>;
  readonly now: Date;
}

export function openCancel(options: {
  readonly database: Database;
  readonly clock: Pick<Clock, 'monotonic'>;
}): Cancel {
  const { database, clock } = options;
  const batcher = openBatcher<Entry, CancelResult>({
    name: 'cancel',
    slots: 1,
    groupMax: 500,
    waitingMax: 5_000,
    flush: async (group) => {
      const verdicts = await cancelGroup(
        database,
        group.map((entry) => entry.wish),
      );
      return verdicts.map((verdict, index) => {
        const waitedMs = clock.monotonic() - (group[index]?.since ?? 0);
        const isOver = verdict === 'later' && waitedMs >= groupDeadlineMs;
        return isOver ? { done: { kind: 'account_busy' } } : verdict;
      });
    },
    classify: classifyGroupFailure,
  });
  return (wish) => batcher.submit({ wish, since: clock.monotonic() });
}

function cancelGroup(
  database: Database,
  wishes: readonly CancelWish[],
): Promise<readonly Verdict<CancelResult>[]> {
  return database.group({
    name: 'cancel',
    deadlineMs: groupDeadlineMs,
    read: (tx) => readFacts(tx, wishes),
    write: (tx, facts) => {
      const cancelled = new Set<CancelWish>();
      const result = decideCancels(wishes, facts, cancelled);
      return { written: writeCancels(tx, [...cancelled], facts), result };
    },
  });
}

async function readFacts(tx: Tx, wishes: readonly CancelWish[]): Promise<Facts> {
  const holding = wishes.filter((wish) => movesOut(wish.kind)).map((wish) => wish.accountId);
  const [accounts, states, now] = await Promise.all([
    lockAccounts(tx, [...new Set(holding)], 'skip_locked'),
    lockStates(tx, [...new Set(wishes.map((wish) => wish.id))]),
    readNow(tx),
  ]);
  return {
    free: new Set(accounts.map((account) => account.id)),
    states: new Map(states.map((state) => [state.id, state])),
    now,
  };
}

/** In order: of two who cancel one payment, the second is too late. */
function decideCancels(
  wishes: readonly CancelWish[],
  { free, states }: Facts,
  cancelled: Set<CancelWish>,
): readonly Verdict<CancelResult>[] {
  const ended = new Set<PaymentId>();
  return wishes.map((wish) => {
    const { status } = present(states.get(wish.id), 'a payment has its state row');
    if (ended.has(wish.id)) return { done: { kind: 'too_late', status: 'FAILED' } };
    if (status !== 'PENDING') return { done: { kind: 'too_late', status } };
    if (movesOut(wish.kind) && !free.has(wish.accountId)) return 'later';
    ended.add(wish.id);
    cancelled.add(wish);
    return { done: { kind: 'cancelled' } };
  });
}

function writeCancels(
  tx: Tx,
  cancelled: readonly CancelWish[],
  { states, now }: Facts,
): Promise<unknown> {
  if (cancelled.length === 0) return Promise.resolve();
  const rows = cancelled.map((wish) => {
    const state = present(states.get(wish.id), 'what is cancelled was locked');
    return { change: toChange(state), event: toEvent(wish, state) };
  });
  const released = new Map<AccountId, bigint>();
  for (const { kind, accountId, amountMinor } of cancelled)
    if (movesOut(kind)) released.set(accountId, (released.get(accountId) ?? 0n) - amountMinor);
  const writes: Promise<unknown>[] = [];
  if (released.size > 0) writes.push(addHolds(tx, released));
  const changes = rows.map((row) => row.change);
  const events = rows.map((row) => row.event);
  writes.push(changeStates(tx, changes, now), insertEvents(tx, events, now));
  return Promise.all(writes);
}

function toChange(state: LockedState): StateChange {
  const { id, fence, unsure, inquiries, claimsOpen, lastSubmitAt } = state;
  return {
    ...{ id, fence, unsure, inquiries, claimsOpen, lastSubmitAt },
    was: 'PENDING',
    status: 'FAILED',
    nextContact: null,
    dueInMs: null,
    bankTransactionId: null,
    errorCode: cancelledCode,
  };
}

function toEvent({ id, userId, kind }: CancelWish, state: LockedState): EventRow {
  const data = JSON.stringify({ status: 'FAILED', error_code: cancelledCode });
  return { id, version: state.version + 1, userId, type: `${kind}.failed`, data };
}
