/** The only file of the simulated bank that reads the machine's time. */
export interface Clock {
  readonly nowMs: () => number;
  /** RFC 3339, UTC. */
  readonly timestamp: () => string;
  readonly after: (delayMs: number, run: () => void) => { readonly cancel: () => void };
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  timestamp: () => new Date().toISOString(),
  after: (delayMs, run) => {
    // A stop waits for no timer: what keeps the bank alive is that it listens.
    const timer = setTimeout(run, delayMs).unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
