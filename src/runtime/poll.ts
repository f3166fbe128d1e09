import { setTimeout as delay } from 'node:timers/promises';

export interface PollOptions {
  readonly everyMs: number;
  readonly deadlineMs: number;
}

/**
 * Asks until the answer is not null, or the deadline has passed (then null). For what announces
 * itself by a file or a state of the system only: another process's start or end.
 */
export async function poll<T>(
  ask: () => T | null | Promise<T | null>,
  options: PollOptions,
): Promise<T | null> {
  const deadline = AbortSignal.timeout(options.deadlineMs);
  for (;;) {
    const answer = await ask();
    if (answer !== null || deadline.aborted) return answer;
    await delay(options.everyMs);
  }
}
