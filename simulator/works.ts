import type { Answer, Submit } from './submit.ts';

/** A submit whose delay has not ended, with everybody who waits for its answer. */
export interface Work {
  readonly submit: Submit;
  readonly answers: Answer[];
  cancel: () => void;
}

/** What the bank is at work on. */
export interface Works {
  readonly add: (work: Work) => void;
  readonly remove: (work: Work) => void;
  /** The one that a repeated reference joins. */
  readonly findJoinable: (reference: string) => Work | null;
  readonly find: (reference: string) => Work | null;
  readonly all: () => readonly Work[];
  readonly size: () => number;
}

export function openWorks(): Works {
  const byReference = new Map<string, Work>();
  /** Those that nobody can join: their bank does not know a reference again. */
  const alone = new Set<Work>();
  return {
    add: (work) => {
      if (work.submit.deduplicates) byReference.set(work.submit.order.reference, work);
      else alone.add(work);
    },
    remove: (work) => {
      if (!alone.delete(work)) byReference.delete(work.submit.order.reference);
    },
    findJoinable: (reference) => byReference.get(reference) ?? null,
    find: (reference) =>
      byReference.get(reference) ??
      [...alone].find((work) => work.submit.order.reference === reference) ??
      null,
    all: () => [...byReference.values(), ...alone],
    size: () => byReference.size + alone.size,
  };
}
