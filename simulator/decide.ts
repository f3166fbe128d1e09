import type { Random } from './random.ts';

export type DeclineCode = 'INSUFFICIENT_FUNDS' | 'INVALID_REQUEST';

/** How a submit ends. Drawn when its delay is over, never before: until then nothing is decided. */
export type Draw =
  | { readonly kind: 'executed' }
  | { readonly kind: 'declined'; readonly code: DeclineCode }
  /** Certainly nothing done, nothing recorded. */
  | { readonly kind: 'unavailable' }
  /** The bank gave up waiting for its own core. Half of these moved the money. */
  | { readonly kind: 'timeout'; readonly moved: boolean };

export interface Question {
  readonly amount: string;
  /** Submits of this reference that ended before this one. */
  readonly submitsBefore: number;
  readonly successRate: number;
}

export function decide(question: Question, random: Random): Draw {
  const forced = forcedByAmount[question.amount]?.(question.submitsBefore);
  if (forced !== undefined) return forced;
  if (random() < question.successRate) return executed;
  const failure = failures[Math.floor(random() * failures.length)];
  if (failure === 'TIMEOUT') return { kind: 'timeout', moved: random() < 0.5 };
  if (failure === 'INSUFFICIENT_FUNDS' || failure === 'INVALID_REQUEST')
    return { kind: 'declined', code: failure };
  return unavailable;
}

/** Uniform: two calls started together end apart. */
export function drawDelayMs(bounds: DelayBounds, random: Random): number {
  if (bounds.delayMsMax === bounds.delayMsMin) return bounds.delayMsMin;
  return bounds.delayMsMin + random() * (bounds.delayMsMax - bounds.delayMsMin);
}

export interface DelayBounds {
  readonly delayMsMin: number;
  readonly delayMsMax: number;
}

const failures = ['INSUFFICIENT_FUNDS', 'INVALID_REQUEST', 'UNAVAILABLE', 'TIMEOUT'] as const;

const executed: Draw = { kind: 'executed' };
const unavailable: Draw = { kind: 'unavailable' };

/**
 * Amounts (minor units) that force a result, so that a test or a demo can ask for one. 7,771.01 to
 * 7,771.07 are amounts that nobody pays by chance; docs/bank-contract.md lists them.
 */
const forcedByAmount: Readonly<Record<string, (submitsBefore: number) => Draw>> = {
  '777101': () => executed,
  '777102': () => ({ kind: 'declined', code: 'INSUFFICIENT_FUNDS' }),
  '777103': () => ({ kind: 'declined', code: 'INVALID_REQUEST' }),
  '777104': () => unavailable,
  '777105': (submitsBefore) => (submitsBefore < 2 ? unavailable : executed),
  '777106': () => ({ kind: 'timeout', moved: true }),
  '777107': (submitsBefore) => (submitsBefore < 1 ? { kind: 'timeout', moved: false } : executed),
};
