import { setTimeout } from 'node:timers/promises';

/** Resolves after `ms`, or at once when the signal, where there is one, aborts; never rejects. */
export async function waitFor(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await setTimeout(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    // The only other way in which a wait ends.
    if (signal?.aborted !== true) throw error;
  }
}
