/**
 * Open means: do not ask. A server that hangs costs each of the first callers the whole timeout, and
 * nobody after them; a look every second finds it again.
 */
export interface Breaker {
  readonly isOpen: () => boolean;
  readonly succeeded: () => void;
  readonly failed: (error: Error) => void;
  readonly close: () => void;
}

export interface BreakerOptions {
  /** One answer that is asked for while open; it must end by itself. */
  readonly probe: () => Promise<void>;
  readonly onOpen: (error: Error) => void;
  readonly onClosed: () => void;
  readonly probeEveryMs: number;
}

/** In a row, without an answer between them: one late answer is chance, a group of them is not. */
const failuresMax = 3;

export function openBreaker(options: BreakerOptions): Breaker {
  let failures = 0;
  let timer: NodeJS.Timeout | null = null;
  let isClosed = false;

  function look(): void {
    timer = setTimeout(() => {
      void options.probe().then(shut, look);
    }, options.probeEveryMs);
    // A process that has nothing else to do need not stay for this.
    timer.unref();
  }

  function shut(): void {
    timer = null;
    failures = 0;
    if (!isClosed) options.onClosed();
  }

  return {
    isOpen: () => timer !== null,
    succeeded: () => {
      failures = 0;
    },
    failed: (error) => {
      failures++;
      if (failures < failuresMax || timer !== null || isClosed) return;
      look();
      options.onOpen(error);
    },
    close: () => {
      isClosed = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}
