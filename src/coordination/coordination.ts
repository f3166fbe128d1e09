/**
 * The coordination port: request limits, account leases, small hints, and messages between
 * processes.
 *
 * Promised: an answer within tens of milliseconds, or the fallback of that answer. One call is one
 * decision: all buckets of a request are taken together or, where one is empty, none. Not promised:
 * that anything is remembered, or that a lease has one holder. It is here for speed and fairness;
 * row locks, the unique index and compare-and-set keep the books right without it.
 */

/** A token bucket: `capacity` at most, refilled evenly over `windowMs`. */
export interface Bucket {
  /** The policy's name in the RateLimit header: `balance`, `global`. */
  readonly policy: string;
  /** Whom it counts: a user's id, an address. */
  readonly subject: string;
  readonly capacity: number;
  readonly windowMs: number;
}

export interface BucketState {
  readonly policy: string;
  readonly capacity: number;
  readonly windowMs: number;
  /** Whole requests left after this one. */
  readonly remaining: number;
  /** Milliseconds until one more request fits; 0 when one fits now. */
  readonly retryAfterMs: number;
  /** Milliseconds until the bucket is full. */
  readonly resetAfterMs: number;
}

export interface Admission {
  readonly admitted: boolean;
  readonly buckets: readonly BucketState[];
  /** What `remember` stored under `hintKey`, or null. */
  readonly hint: string | null;
}

export interface AdmissionRequest {
  readonly buckets: readonly Bucket[];
  /** Read in the same round trip. */
  readonly hintKey?: string;
  /** Tokens that the request costs (a bulk request costs one an item); at least 1. */
  readonly cost?: number;
}

export interface Leases {
  /** The names that were free and are now held by `holder`, each with a number that only grows. */
  readonly granted: ReadonlyMap<string, number>;
}

export interface Coordination {
  readonly admit: (request: AdmissionRequest) => Promise<Admission>;
  /** Never waits for it to be stored. */
  readonly remember: (key: string, value: string, ttlMs: number) => void;
  /** Takes what is free of `names`; a lease ends by itself after `ttlMs`. */
  readonly lease: (names: readonly string[], holder: string, ttlMs: number) => Promise<Leases>;
  /** Gives back what `holder` still holds. Never waits. */
  readonly release: (names: readonly string[], holder: string) => void;
  readonly publish: (channel: string, message: string) => void;
  /** @returns the way to stop listening. */
  readonly subscribe: (channel: string, listener: (message: string) => void) => Promise<() => void>;
  readonly ping: () => Promise<void>;
  readonly close: () => Promise<void>;
}
