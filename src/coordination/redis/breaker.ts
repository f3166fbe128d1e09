/**
 * Open means: do not ask. A server that hangs costs each of the first callers the whole timeout,
 * and nobody after them; a look every second finds it again.
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
  /**
   * So long without any answer before it opens. A group of simultaneous calls fails together, at
   * one moment in which the server was busy: that alone says nothing.
   */
  readonly silenceMsMin: number;
  readonly monotonic: () => number;
}

/** In a row, without an answer between them: one late answer is chance. */
const failuresMin = 3;

export function openBreaker(options: BreakerOptions): Breaker {
  let failures = 0;
  let firstFailureAt = 0;
  let timer: NodeJS.Timeout | null = null;
  let isClosed = false;

  function look(): void {
    if (isClosed) return;
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
      const at = options.monotonic();
      if (failures++ === 0) firstFailureAt = at;
      if (failures < failuresMin || at - firstFailureAt < options.silenceMsMin) return;
      if (timer !== null || isClosed) return;
      look();
      options.onOpen(error);
    },
    close: () => {
      isClosed = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}
