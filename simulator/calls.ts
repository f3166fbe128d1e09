import type { Clock } from './clock.ts';

/**
 * Every call that reached this process since it started or was reset, whatever came of it: how a
 * test sees what a client asked for while the bank misbehaved. Memory only.
 */
export interface Calls {
  readonly note: (call: 'submits' | 'inquiries', reference: string) => void;
  readonly of: (reference: string) => CallCounts;
  readonly all: () => CallCounts & { readonly references: number };
  readonly clear: () => void;
}

export interface CallCounts {
  readonly submits: number;
  readonly inquiries: number;
  readonly first_at: string | null;
  readonly last_at: string | null;
}

interface Count {
  submits: number;
  inquiries: number;
  firstMs: number;
  lastMs: number;
}

/** The reference that was first seen longest ago goes when there are more. */
const referencesMax = 50_000;

export function countCalls(clock: Clock): Calls {
  const byReference = new Map<string, Count>();
  let sum: Count | null = null;

  const noteIn = (count: Count | null | undefined, call: 'submits' | 'inquiries'): Count => {
    const nowMs = clock.nowMs();
    const noted = count ?? { submits: 0, inquiries: 0, firstMs: nowMs, lastMs: nowMs };
    noted[call] += 1;
    noted.lastMs = nowMs;
    return noted;
  };

  return {
    note: (call, reference) => {
      sum = noteIn(sum, call);
      const known = byReference.get(reference);
      const noted = noteIn(known, call);
      if (known !== undefined) return;
      byReference.set(reference, noted);
      const oldest = byReference.size > referencesMax ? byReference.keys().next().value : undefined;
      if (oldest !== undefined) byReference.delete(oldest);
    },
    of: (reference) => describe(byReference.get(reference) ?? null),
    all: () => ({ ...describe(sum), references: byReference.size }),
    clear: () => {
      byReference.clear();
      sum = null;
    },
  };
}

function describe(count: Count | null): CallCounts {
  if (count === null) return { submits: 0, inquiries: 0, first_at: null, last_at: null };
  const { submits, inquiries, firstMs, lastMs } = count;
  const at = (ms: number): string => new Date(ms).toISOString();
  return { submits, inquiries, first_at: at(firstMs), last_at: at(lastMs) };
}
