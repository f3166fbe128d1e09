import { randomInt } from 'node:crypto';
import type { TestContext } from 'node:test';
import { environment } from '../../src/config.ts';

/** Draws that can be repeated: the test says its seed, and TEST_SEED sets it. */
export interface Draws {
  /** 0 to 1. */
  readonly share: () => number;
  /** Both ends included. */
  readonly whole: (min: number, max: number) => number;
  readonly shuffled: <T>(items: readonly T[]) => T[];
}

export function openDraws(t: TestContext): Draws {
  const seed = Number(environment()['TEST_SEED'] ?? randomInt(1_000_000));
  t.diagnostic(`TEST_SEED=${seed}`);
  const share = drawsOf(seed);
  const whole = (min: number, max: number): number => min + Math.floor(share() * (max - min + 1));
  return {
    share,
    whole,
    shuffled: (items) => {
      const keyed = items.map((item) => ({ item, at: share() }));
      return keyed.toSorted((a, b) => a.at - b.at).map(({ item }) => item);
    },
  };
}

/** mulberry32: 32 bits of state are plenty for choosing amounts and moments. */
function drawsOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
