import type { Bucket, BucketState } from './coordination.ts';

/**
 * What a caller is told of a bucket, computed in one place for every implementation. `missing`
 * counts what the bucket lacks, in units of 1/windowMs token: `capacity` units flow back each
 * millisecond.
 */
export function describeBucket(bucket: Bucket, missing: number, cost: number): BucketState {
  const { policy, capacity, windowMs } = bucket;
  const left = Math.max(0, capacity * windowMs - missing);
  // What costs more than the bucket holds never fits; the longest honest wait is a full bucket.
  const needed = Math.min(cost, capacity) * windowMs;
  return {
    policy,
    capacity,
    windowMs,
    remaining: Math.floor(left / windowMs),
    retryAfterMs: Math.max(0, Math.ceil((needed - left) / capacity)),
    resetAfterMs: Math.ceil(missing / capacity),
  };
}
