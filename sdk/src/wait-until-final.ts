import { TollgateError, UnansweredError } from './problem.ts';
import type { Surroundings } from './surroundings.ts';

export interface WaitOptions {
  /**
   * Default 120,000: a bank takes seconds, one that is away is tried again for a minute and a half.
   */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

interface Standing {
  readonly id: string;
  readonly status: string;
}

/** The time is over, and the payment is not: nothing is lost, ask again later. */
export class NotFinalError<T extends Standing = Standing> extends Error {
  /** As it stood when it was last read; null: it could not be read at all. */
  readonly payment: T | null;

  constructor(id: string, payment: T | null) {
    super(`The payment ${id} is ${payment?.status ?? 'unread'}, not final.`);
    this.name = 'NotFinalError';
    this.payment = payment;
  }
}

const timeoutMsDefault = 120_000;
/** A quick bank is seen to be quick, a slow one is not asked about more than it takes. */
const pollMsFirst = 250;
const pollMsLongest = 4_000;

/**
 * Reads a payment until it is SUCCESS or FAILED. A gateway that is away for a moment is waited for;
 * what it refuses is thrown.
 */
export async function waitUntilFinal<T extends Standing>(
  read: (signal: AbortSignal) => Promise<T>,
  id: string,
  { options = {}, around }: { readonly options?: WaitOptions; readonly around: Surroundings },
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? timeoutMsDefault;
  const endsAt = around.now() + timeoutMs;
  const late = AbortSignal.timeout(timeoutMs);
  const signal = options.signal === undefined ? late : AbortSignal.any([options.signal, late]);
  let last: T | null = null;
  for (let pollMs = pollMsFirst; ; pollMs = Math.min(pollMsLongest, pollMs * 1.5)) {
    try {
      last = await read(signal);
      if (isFinal(last)) return last;
      const restMs = endsAt - around.now();
      if (restMs <= 0) throw new NotFinalError(id, last);
      await around.wait(Math.min(restMs, pollMs * (0.8 + around.random() * 0.4)), signal);
    } catch (error) {
      if (options.signal?.aborted === true) throw error;
      if (late.aborted) throw new NotFinalError(id, last);
      if (!isPassing(error)) throw error;
    }
  }
}

/** For ever: nothing changes it any more. */
export function isFinal({ status }: { readonly status: string }): boolean {
  return status === 'SUCCESS' || status === 'FAILED';
}

/** The retries before it have waited already. */
function isPassing(error: unknown): boolean {
  if (error instanceof UnansweredError) return true;
  return error instanceof TollgateError && (error.status === 429 || error.status >= 502);
}
