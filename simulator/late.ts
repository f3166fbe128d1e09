import type { Clock } from './clock.ts';

/**
 * Submits that hang somewhere on their way: the client has its answer, the bank knows nothing, and
 * some time later they arrive and are worked on.
 */
export interface LateArrivals {
  readonly hold: (late: Late) => void;
  /** The bank has said that it knows nothing of this reference. */
  readonly noteNotFound: (reference: string) => void;
  readonly count: () => number;
  /** Those that have not arrived never will. */
  readonly drop: () => void;
}

export interface Late {
  readonly reference: string;
  readonly lateMs: number;
  /** From now, or from the next time that the bank says "not found". */
  readonly countsFrom: 'submit' | 'not_found';
  readonly arrive: () => void;
}

export function openLateArrivals(clock: Clock): LateArrivals {
  const onTheirWay = new Set<{ readonly cancel: () => void }>();
  let waiting: readonly Late[] = [];

  const depart = ({ lateMs, arrive }: Late): void => {
    const timer = clock.after(lateMs, () => {
      onTheirWay.delete(timer);
      arrive();
    });
    onTheirWay.add(timer);
  };

  return {
    hold: (late) => {
      if (late.countsFrom === 'submit') depart(late);
      else waiting = [...waiting, late];
    },
    noteNotFound: (reference) => {
      if (waiting.length === 0) return;
      const departing = waiting.filter((late) => late.reference === reference);
      waiting = waiting.filter((late) => late.reference !== reference);
      for (const late of departing) depart(late);
    },
    count: () => onTheirWay.size + waiting.length,
    drop: () => {
      for (const timer of onTheirWay) timer.cancel();
      onTheirWay.clear();
      waiting = [];
    },
  };
}
