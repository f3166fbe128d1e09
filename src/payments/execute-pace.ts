/**
 * In:   how the bank's breaker stands.
 * Out:  how fast payments go to the bank. Closed: messages are consumed, as many calls as the
 *       bulkhead allows. Open: no message, no submit, no row written, but one due inquiry a second
 *       (a bank that fails submits may well answer questions). Half open: one contact of whatever
 *       is due; once it was answered, messages again, under a limit that doubles each second.
 * If we die here: what was not claimed is in the queue and in its row, for anybody.
 *
 * Each worker has a breaker of its own. What this one leaves alone stays in the queue for the
 * others, and due in its row for their sweepers.
 */
import type { ResilientBank } from '../bank/bank.ts';
import type { Queryable } from '../db/database.ts';
import type { PaymentId } from '../ids.ts';
import type { Consumer } from '../queue/queue.ts';
import type { Execute } from './execute.ts';
import { findContactables } from './execute-store.ts';

export interface PaceOptions {
  readonly bank: ResilientBank;
  readonly database: Queryable;
  readonly execute: Pick<Execute, 'limit' | 'contactOne'>;
  readonly consume: () => Promise<Consumer>;
  readonly monotonic: () => number;
}

export interface Pace {
  /** One look: to be called a few times a second. */
  readonly paceOnce: () => Promise<'idle'>;
  /** Rows that the sweeper may hurry now; 0 while nothing would be claimed. */
  readonly sweepRowsMax: () => number;
  readonly stop: () => Promise<void>;
}

/** While the bank fails: one inquiry each. */
const inquiryEveryMs = 1_000;
/** Looked up at once, used one by one: with a backlog the look-up walks over every due row. */
const candidatesMax = 100;
/** Tried at a time: others may have been faster with each of them. */
const triesMax = 5;
/** Nothing was there to ask about: not looked up again before. */
const emptyMs = 2_000;

export function openPace(options: PaceOptions): Pace {
  const { bank, execute } = options;
  let consumer: Consumer | null = null;
  let stopping: Promise<void> = Promise.resolve();
  let isStopped = false;
  const contactBeside = openBeside(options);

  function pauseConsumer(): void {
    const paused = consumer;
    consumer = null;
    if (paused !== null) stopping = paused.stop();
  }

  /** Not in the next turn: what a consumer hands over after this would only go round and round. */
  function follow(): void {
    const takes = bank.snapshot().state === 'closed' || bank.callsMax() > 1;
    if (!takes) pauseConsumer();
    execute.limit(takes ? bank.callsMax() : 0);
  }
  bank.onChange(follow);

  return {
    paceOnce: async () => {
      if (isStopped) return 'idle';
      follow();
      const { state } = bank.snapshot();
      if (state === 'open') await contactBeside('inquiries', inquiryEveryMs);
      else if (bank.callsMax() === 1 && state === 'half_open') {
        await contactBeside('any', 0);
      } else if (consumer === null) {
        await stopping;
        consumer = await options.consume();
        // It opened, or we were stopped, while the broker was asked.
        if (isStopped) pauseConsumer();
        else follow();
      }
      return 'idle';
    },
    sweepRowsMax: () => {
      const { state, callsMax } = bank.snapshot();
      if (state === 'closed') return Number.POSITIVE_INFINITY;
      return callsMax > 1 ? callsMax : 0;
    },
    stop: async () => {
      isStopped = true;
      pauseConsumer();
      await stopping;
    },
  };
}

/** Contacts beside the queue: at most one under way that tries the bank, and one a second. */
function openBeside(
  options: PaceOptions,
): (only: 'inquiries' | 'any', everyMs: number) => Promise<void> {
  const { database, execute, monotonic } = options;
  let candidates: readonly PaymentId[] = [];
  let kind: 'inquiries' | 'any' = 'any';
  let notBefore = Number.NEGATIVE_INFINITY;
  let isTrying = false;

  async function take(only: 'inquiries' | 'any'): Promise<readonly PaymentId[]> {
    if (only !== kind || candidates.length === 0) {
      const inquiriesOnly = only === 'inquiries';
      candidates = await findContactables(database, { inquiriesOnly, rowsMax: candidatesMax });
      kind = only;
      if (candidates.length === 0) notBefore = monotonic() + emptyMs;
    }
    const taken = candidates.slice(0, triesMax);
    candidates = candidates.slice(triesMax);
    return taken;
  }

  return async (only, everyMs) => {
    const now = monotonic();
    if (now < notBefore || (only === 'any' && isTrying)) return;
    notBefore = now + everyMs;
    const tried = await take(only);
    const contact = tried.length === 0 ? null : await execute.contactOne(tried, only);
    if (contact === null || only === 'inquiries') return;
    isTrying = true;
    void contact.ended.finally(() => {
      isTrying = false;
    });
  };
}
