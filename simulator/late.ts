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

/** The one that has waited longest sets off when there are more. */
const waitingMax = 50_000;

export function openLateArrivals(clock: Clock): LateArrivals {
  const onTheirWay = new Set<{ readonly cancel: () => void }>();
  /** By reference. */
  const waiting = new Map<string, readonly Late[]>();

  const depart = ({ lateMs, arrive }: Late): void => {
    const timer = clock.after(lateMs, () => {
      onTheirWay.delete(timer);
      arrive();
    });
    onTheirWay.add(timer);
  };
  const release = (reference: string): void => {
    const departing = waiting.get(reference) ?? [];
    waiting.delete(reference);
    for (const late of departing) depart(late);
  };

  return {
    hold: (late) => {
      if (late.countsFrom === 'submit') {
        depart(late);
        return;
      }
      waiting.set(late.reference, [...(waiting.get(late.reference) ?? []), late]);
      const oldest = waiting.size > waitingMax ? waiting.keys().next().value : undefined;
      if (oldest !== undefined) release(oldest);
    },
    noteNotFound: release,
    count: () => onTheirWay.size + waiting.size,
    drop: () => {
      for (const timer of onTheirWay) timer.cancel();
      onTheirWay.clear();
      waiting.clear();
    },
  };
}
