/**
 * The only file that reads the machine's time. Due times, leases and deadlines use the database's
 * clock; this one serves tokens, log lines, HTTP dates and durations.
 */
export interface Clock {
  /** Milliseconds since 1970, may step backwards. */
  readonly now: () => number;
  /** Milliseconds that only ever grow: for measuring how long something took. */
  readonly monotonic: () => number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
