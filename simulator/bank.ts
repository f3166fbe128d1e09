import type { Clock } from './clock.ts';
import { type Draw, decide, drawDelayMs } from './decide.ts';
import type { Ended, Ending, Ledger } from './ledger.ts';
import { isSameOrder, type Order } from './order.ts';
import type { Random } from './random.ts';
import type { Totals, Transfer } from './store.ts';
import type { Answer, Submit, SubmitResult } from './submit.ts';
import { unreachable } from './unreachable.ts';
import { openWorks, type Work } from './works.ts';

export type InquiryResult =
  | { readonly kind: 'recorded'; readonly transfer: Transfer }
  | { readonly kind: 'pending'; readonly order: Order }
  | { readonly kind: 'not_found' };

export interface Bank {
  /**
   * `answer` is called once, after the outcome is on disk, whether anybody still listens or not.
   */
  readonly submit: (submit: Submit, answer: Answer) => void;
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

export function openBank(options: BankOptions): Bank {
  const { ledger, clock, random } = options;
  const { totals } = ledger;
  const works = openWorks();

  const start = (submit: Submit, answer: Answer): void => {
    const work: Work = { submit, answers: [answer], cancel: () => {} };
    works.add(work);
    const delayMs = submit.delayMs ?? drawDelayMs(options, random);
    if (delayMs === 0) finish(work);
    else work.cancel = clock.after(delayMs, () => finish(work)).cancel;
  };

  const finish = (work: Work): void => {
    const draw = decide({ ...work.submit, successRate: options.successRate }, random);
    if (draw.kind === 'unavailable') totals.unavailable += 1;
    if (draw.kind === 'timeout') totals.timeouts += 1;
    ledger.record(endedWork(work, draw), (transfer) => {
      works.remove(work);
      const isHidden = draw.kind === 'unavailable' || draw.kind === 'timeout';
      const result: SubmitResult = isHidden ? { kind: draw.kind } : { kind: 'recorded', transfer };
      for (const [position, answer] of work.answers.entries()) answer(result, position === 0);
    });
  };

  return {
    submit: (submit, answer) => {
      const { order, deduplicates, isCounted } = submit;
      if (isCounted) totals.submits += 1;
      if (!deduplicates) {
        start(submit, answer);
        return;
      }
      const work = works.findJoinable(order.reference);
      const known = work === null ? ledger.find(order.reference) : null;
      const earlier = work?.submit.order ?? (known?.status === 'none' ? null : known);
      if (earlier === null) {
        start(submit, answer);
        return;
      }
      if (!isSameOrder(earlier, order)) {
        totals.conflicts += 1;
        answer({ kind: 'conflict' }, false);
        return;
      }
      if (isCounted) totals.duplicates += 1;
      if (work !== null) work.answers.push(answer);
      else if (known !== null) {
        if (isCounted) ledger.noteRepeat(order.reference);
        answer({ kind: 'recorded', transfer: known }, false);
      }
    },
    inquire: (reference) => {
      totals.inquiries += 1;
      const transfer = ledger.find(reference);
      // The books first: what is written in this turn is final although its caller still waits.
      if (transfer !== null && transfer.status !== 'none') return { kind: 'recorded', transfer };
      const work = works.find(reference);
      return work === null ? { kind: 'not_found' } : { kind: 'pending', order: work.submit.order };
    },
    countSubmits: (reference) =>
      (ledger.find(reference)?.submits ?? 0) + (works.find(reference)?.answers.length ?? 0),
    totals: () => ({ ...totals, in_flight: works.size() }),
    stop: () => {
      for (const work of works.all()) work.cancel();
    },
  };
}

function endedWork({ submit, answers }: Work, draw: Draw): Ended {
  return {
    order: submit.order,
    ending: endingOf(draw),
    mayRepeat: !submit.deduplicates,
    get submits() {
      // Whoever joined was counted; the one who opened the work may not have been.
      return answers.length - (submit.isCounted ? 0 : 1);
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
