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
  /** What a scenario has settled beforehand; null leaves it to chance. */
  readonly forced: Draw | null;
  readonly successRate: number;
}

export function decide({ forced, successRate }: Question, random: Random): Draw {
  if (forced !== null) return forced;
  if (random() < successRate) return { kind: 'executed' };
  const failure = failures[Math.floor(random() * failures.length)];
  if (failure === 'TIMEOUT') return { kind: 'timeout', moved: random() < 0.5 };
  if (failure === 'INSUFFICIENT_FUNDS' || failure === 'INVALID_REQUEST')
    return { kind: 'declined', code: failure };
  return { kind: 'unavailable' };
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
