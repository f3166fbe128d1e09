import type { Clock } from './clock.ts';
import { type Draw, decide, drawDelayMs } from './decide.ts';
import type { Ended, Ending, Ledger } from './ledger.ts';
import { isSameOrder, type Order } from './order.ts';
import type { Random } from './random.ts';
import type { Totals, Transfer } from './store.ts';
import { unreachable } from './unreachable.ts';

export type SubmitResult =
  /** Final, now or already: `transfer` is what the books say. */
  | { readonly kind: 'recorded'; readonly transfer: Transfer }
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'timeout' }
  /** The reference stands for another order. */
  | { readonly kind: 'conflict' };

export type InquiryResult =
  | { readonly kind: 'recorded'; readonly transfer: Transfer }
  | { readonly kind: 'pending'; readonly order: Order }
  | { readonly kind: 'not_found' };

export interface Bank {
  /**
   * `answer` is called once, after the outcome is on disk, whether anybody still listens or not.
   */
  readonly submit: (order: Order, answer: (result: SubmitResult) => void) => void;
  readonly inquire: (reference: string) => InquiryResult;
  /** Submits of one reference, those in their delay included. */
  readonly countSubmits: (reference: string) => number;
  readonly totals: () => Totals & { readonly in_flight: number };
  /** Forgets what is still in its delay: that money does not move. */
  readonly stop: () => void;
}

export interface BankOptions {
  readonly ledger: Ledger;
  readonly random: Random;
  readonly clock: Clock;
  readonly delayMsMin: number;
  readonly delayMsMax: number;
  readonly successRate: number;
}

/** A submit whose delay has not ended, with everybody who waits for its answer. */
interface Work {
  readonly order: Order;
  readonly submitsBefore: number;
  readonly answers: ((result: SubmitResult) => void)[];
  cancel: () => void;
}

export function openBank(options: BankOptions): Bank {
  const { ledger, clock, random } = options;
  const { totals } = ledger;
  const works = new Map<string, Work>();

  const start = (order: Order, submitsBefore: number, answer: Work['answers'][number]): void => {
    const work: Work = { order, submitsBefore, answers: [answer], cancel: () => {} };
    works.set(order.reference, work);
    const delayMs = drawDelayMs(options, random);
    if (delayMs === 0) finish(work);
    else work.cancel = clock.after(delayMs, () => finish(work)).cancel;
  };

  const finish = (work: Work): void => {
    const { order, submitsBefore } = work;
    const question = { amount: order.amount, submitsBefore, successRate: options.successRate };
    const draw = decide(question, random);
    if (draw.kind === 'unavailable') totals.unavailable += 1;
    if (draw.kind === 'timeout') totals.timeouts += 1;
    ledger.record(endedWork(work, draw), (transfer) => {
      works.delete(order.reference);
      const hidden = draw.kind === 'unavailable' || draw.kind === 'timeout';
      const result: SubmitResult = hidden ? { kind: draw.kind } : { kind: 'recorded', transfer };
      for (const answer of work.answers) answer(result);
    });
  };

  return {
    submit: (order, answer) => {
      totals.submits += 1;
      const work = works.get(order.reference);
      const known = work === undefined ? ledger.find(order.reference) : null;
      const earlier = work?.order ?? (known?.status === 'none' ? null : known);
      if (earlier !== null && !isSameOrder(earlier, order)) {
        totals.conflicts += 1;
        answer({ kind: 'conflict' });
        return;
      }
      if (earlier === null) {
        start(order, known?.submits ?? 0, answer);
        return;
      }
      totals.duplicates += 1;
      if (work !== undefined) work.answers.push(answer);
      else if (known !== null) {
        ledger.noteRepeat(order.reference);
        answer({ kind: 'recorded', transfer: known });
      }
    },
    inquire: (reference) => {
      totals.inquiries += 1;
      const transfer = ledger.find(reference);
      // The books first: what is written in this turn is final although its caller still waits.
      if (transfer !== null && transfer.status !== 'none') return { kind: 'recorded', transfer };
      const work = works.get(reference);
      return work === undefined ? { kind: 'not_found' } : { kind: 'pending', order: work.order };
    },
    countSubmits: (reference) =>
      (ledger.find(reference)?.submits ?? 0) + (works.get(reference)?.answers.length ?? 0),
    totals: () => ({ ...totals, in_flight: works.size }),
    stop: () => {
      for (const work of works.values()) work.cancel();
    },
  };
}

function endedWork(work: Work, draw: Draw): Ended {
  return {
    order: work.order,
    ending: endingOf(draw),
    get submits() {
      return work.answers.length;
    },
  };
}

/** What the books get: the answer may say less than they do. */
function endingOf(draw: Draw): Ending {
  switch (draw.kind) {
    case 'executed':
    case 'declined':
      return draw;
    case 'timeout':
      return { kind: draw.moved ? 'executed' : 'nothing' };
    case 'unavailable':
      return { kind: 'nothing' };
    default:
      return unreachable(draw);
  }
}
