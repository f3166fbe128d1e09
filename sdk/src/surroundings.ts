/** What a client takes from the world around it; a test brings its own. */
export interface Surroundings {
  readonly fetch: (request: Request) => Promise<Response>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** From 0 to just below 1. */
  readonly random: () => number;
  /** @throws the signal's reason, as soon as it is aborted */
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Another one each time. */
  readonly newKey: () => string;
}

/** Nothing of Node.js alone: it is the same in a browser. */
export const surroundings: Surroundings = {
  fetch: (request) => globalThis.fetch(request),
  now: () => Date.now(),
  random: () => Math.random(),
  wait: waitFor,
  newKey: () => globalThis.crypto.randomUUID(),
};

function waitFor(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(reasonOf(signal));
    const stop = (): void => {
      clearTimeout(timer);
      if (signal !== undefined) reject(reasonOf(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

function reasonOf(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
