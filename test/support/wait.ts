import { setTimeout } from 'node:timers/promises';

export interface UntilOptions {
  /** What is waited for, as the failure message says it: `the payment to be final`. */
  readonly what: string;
  readonly deadlineMs?: number;
  readonly everyMs?: number;
}

/**
 * Polls until the condition holds, and answers what it returned. The only timer in tests: a test
 * waits for something that it can name, never for a length of time.
 *
 * The condition holds when it returns anything but false, null or undefined. What it throws does
 * not end the wait (a server that is not up yet refuses connections), and is told if the deadline
 * passes.
 */
export async function until<T>(
  condition: () => Promise<T | false | null | undefined> | T | false | null | undefined,
  options: UntilOptions,
): Promise<T> {
  const { what, deadlineMs = 10_000, everyMs = 20 } = options;
  const endsAt = performance.now() + deadlineMs;
  let last: unknown;
  for (;;) {
    try {
      const result = await condition();
      if (result !== false && result !== null && result !== undefined) return result;
      last = result;
    } catch (error) {
      last = error;
    }
    if (performance.now() >= endsAt) {
      const cause = last instanceof Error ? `it threw "${last.message}"` : `it was ${String(last)}`;
      throw new Error(`waited ${deadlineMs} ms for ${what}; at last ${cause}`, { cause: last });
    }
    await setTimeout(everyMs);
  }
}
