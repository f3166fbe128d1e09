import { randomFillSync } from 'node:crypto';

/** At least 0, below 1. */
export type Random = () => number;

const range = 2 ** 32;

/**
 * The machine's randomness, drawn a page at a time: one number per system call costs 20 times as
 * much.
 */
export function secureRandom(): Random {
  const page = new Uint32Array(1024);
  let used = page.length;
  return () => {
    if (used === page.length) {
      randomFillSync(page);
      used = 0;
    }
    const drawn = page[used] ?? 0;
    used += 1;
    return drawn / range;
  };
}

/**
 * The same numbers for the same seed: splitmix32, a counter through a mixing function. Good enough
 * to draw outcomes and delays; nothing secret comes from it.
 */
export function seededRandom(seed: number): Random {
  let counter = seed >>> 0;
  return () => {
    counter = (counter + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(counter ^ (counter >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / range;
  };
}
