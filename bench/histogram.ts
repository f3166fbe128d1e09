/**
 * Durations in log-linear buckets: exact below 256 µs, within 0.8 % above, some kilobytes whatever
 * the number of samples.
 */
export interface Histogram {
  readonly record: (microseconds: number) => void;
  readonly clear: () => void;
  readonly read: () => Percentiles;
}

/** Milliseconds. */
export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** A power of two is split into 128 buckets; the longest duration is about 35 minutes. */
const splitBits = 7;
const microsecondsMax = 2 ** 31 - 1;
const bucketCount = 32 << splitBits;

export function openHistogram(): Histogram {
  const buckets = new Uint32Array(bucketCount);
  let count = 0;
  let max = 0;

  const at = (share: number): number => {
    const wanted = Math.ceil(count * share);
    let seen = 0;
    const index = buckets.findIndex((size) => {
      seen += size;
      return seen >= wanted;
    });
    return Math.min(middleOf(index), max) / 1000;
  };

  return {
    record: (microseconds) => {
      const value = Math.min(Math.max(0, Math.round(microseconds)), microsecondsMax);
      const bucket = bucketOf(value);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
      count += 1;
      if (value > max) max = value;
    },
    clear: () => {
      buckets.fill(0);
      count = 0;
      max = 0;
    },
    read: () =>
      count === 0
        ? { count, p50: 0, p95: 0, p99: 0, max: 0 }
        : { count, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: max / 1000 },
  };
}

function bucketOf(value: number): number {
  const shift = shiftOf(value);
  return (shift << splitBits) + (value >> shift);
}

function middleOf(bucket: number): number {
  if (bucket < 2 << splitBits) return bucket;
  const shift = (bucket >> splitBits) - 1;
  const low = (bucket - (shift << splitBits)) << shift;
  return low + ((1 << shift) - 1) / 2;
}

/** How many low bits do not count. */
function shiftOf(value: number): number {
  return Math.max(0, 31 - Math.clz32(value) - splitBits);
}
