import type { Clock } from './clock.ts';
import type { DeclineCode } from './decide.ts';
import type { Order } from './order.ts';
import { type Movement, openStore, type Totals, type Transfer } from './store.ts';

/**
 * The bank's own books: what it executed (`movements`, append-only) and what it knows by reference
 * (`transfers`). Nothing is answered before it is here, on disk.
 */
export interface Ledger {
  readonly totals: Totals;
  readonly find: (reference: string) => Transfer | null;
  /** Commits with everything else that ends in this turn (or gathering), then calls `done`. */
  readonly record: (ended: Ended, done: (transfer: Transfer) => void) => void;
  /** A repeated submit of something final: counted with the next group, nobody waits for it. */
  readonly noteRepeat: (reference: string) => void;
  readonly movements: (page: { readonly after: number; readonly limit: number }) => Movement[];
  readonly range: (after: number, until: number) => Movement[];
  /** Of the movements on disk. */
  readonly sequenceLast: () => number;
  /** Commits what is waiting. */
  readonly close: () => void;
}

export type Ending =
  | { readonly kind: 'executed' }
  | { readonly kind: 'declined'; readonly code: DeclineCode }
  /** No outcome: the reference stays open, only its submits are counted. */
  | { readonly kind: 'nothing' };

export interface Ended {
  readonly order: Order;
  readonly ending: Ending;
  /** Submits that this ending answers. Read when the group commits: another may join until then. */
  readonly submits: number;
  /** Worked on without a look at the reference: what it was paid before stays on record. */
  readonly mayRepeat: boolean;
}

export interface LedgerOptions {
  readonly file: string;
  readonly clock: Clock;
  /**
   * How long a group gathers; 0 is to the end of the turn. Where work takes seconds, 5 ms more are
   * nothing, and they make one fsync of what would be a thousand a second.
   */
  readonly gatherMs: number;
  /** The disk refused a commit: nothing of the group may be answered, and the process must end. */
  readonly onBroken: (error: unknown) => void;
}

/** @throws where the file is damaged or another process holds it */
export function openLedger(options: LedgerOptions): Ledger {
  const store = openStore(options.file);
  const { totals } = store;
  let sequence = store.sequenceLast;
  let waiting: { readonly ended: Ended; readonly done: (transfer: Transfer) => void }[] = [];
  let repeats: string[] = [];
  let scheduled: { readonly cancel: () => void } | null = null;

  const write = (ended: Ended, now: string): Transfer => {
    const isExecuted = ended.ending.kind === 'executed';
    if (isExecuted) sequence += 1;
    const transfer = toTransfer(ended, isExecuted ? { sequence, now } : null);
    const { reference } = transfer;
    const isPaid = ended.mayRepeat && store.findTransfer(reference)?.status === 'executed';
    // An inquiry goes on naming the first payment; the movements have them all.
    if (isPaid) store.countRepeat(reference);
    else store.upsertTransfer(transfer);
    if (isExecuted) store.insertMovement(sequence, transfer);
    if (ended.ending.kind !== 'nothing') totals[ended.ending.kind] += 1;
    return transfer;
  };

  const flush = (): void => {
    scheduled = null;
    const group = waiting;
    const counted = repeats;
    waiting = [];
    repeats = [];
    const now = options.clock.timestamp();
    let written: Transfer[];
    try {
      written = store.commit(() => {
        for (const reference of counted) store.countRepeat(reference);
        const transfers = group.map(({ ended }) => write(ended, now));
        store.saveTotals(totals);
        return transfers;
      });
    } catch (error) {
      options.onBroken(error);
      return;
    }
    for (const [position, transfer] of written.entries()) group[position]?.done(transfer);
  };
  const schedule = (): void => {
    scheduled ??=
      options.gatherMs === 0 ? atEndOfTurn(flush) : options.clock.after(options.gatherMs, flush);
  };

  return {
    totals,
    find: store.findTransfer,
    record: (ended, done) => {
      waiting.push({ ended, done });
      schedule();
    },
    noteRepeat: (reference) => {
      repeats.push(reference);
      schedule();
    },
    movements: ({ after, limit }) => store.listMovements(after, limit),
    range: store.rangeMovements,
    // Between turns no group is half written: a commit is synchronous.
    sequenceLast: () => sequence,
    close: () => {
      scheduled?.cancel();
      flush();
      store.close();
    },
  };
}

/** After the poll phase: every socket that was readable in this turn has joined the group. */
function atEndOfTurn(run: () => void): { readonly cancel: () => void } {
  const immediate = setImmediate(run);
  return { cancel: () => clearImmediate(immediate) };
}

function toTransfer(
  { order, ending, submits }: Ended,
  movement: { readonly sequence: number; readonly now: string } | null,
): Transfer {
  return {
    ...order,
    status: ending.kind === 'nothing' ? 'none' : ending.kind,
    code: ending.kind === 'declined' ? ending.code : null,
    bank_transaction_id:
      movement === null ? null : `BT${String(movement.sequence).padStart(12, '0')}`,
    executed_at: movement === null ? null : movement.now,
    submits,
  };
}
