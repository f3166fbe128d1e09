import type { Exchange } from './send.ts';

/** What an attempt comes to. */
export type Verdict =
  | { readonly kind: 'delivered' }
  /** 410: whoever is there wants nothing from us any more. */
  | { readonly kind: 'gone' }
  | {
      readonly kind: 'failed';
      readonly error: string;
      /** Asked for by the receiver; null: it did not. */
      readonly retryAfterMs: number | null;
      /** 429, 502, 504: the endpoint as a whole is given a rest. */
      readonly slows: boolean;
    };

/** @param nowMs of our clock, for a Retry-After that is a date */
export function judgeExchange(exchange: Exchange, nowMs: number): Verdict {
  if (exchange.kind === 'failed')
    return { kind: 'failed', error: exchange.error, retryAfterMs: null, slows: false };
  const { status, retryAfter } = exchange;
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  if (status === 410) return { kind: 'gone' };
  return {
    kind: 'failed',
    error: status >= 300 && status < 400 ? 'redirect' : 'status',
    retryAfterMs: retryAfter === null ? null : parseRetryAfter(retryAfter, nowMs),
    slows: status === 429 || status === 502 || status === 504,
  };
}

/** Seconds or an HTTP date; null where it is neither. */
function parseRetryAfter(text: string, nowMs: number): number | null {
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}

export interface RetryQuestion {
  /** Failed attempts so far, the last one among them. */
  readonly failures: number;
  /** Before attempt 2, 3, … */
  readonly delaysMs: readonly number[];
  readonly retryAfterMs: number | null;
  /** 0 to 1. */
  readonly random: number;
}

/**
 * Milliseconds until the next attempt, ± 20 % so that what failed together does not come back
 * together; null: that was the last. A Retry-After makes a wait longer, never shorter, and never
 * longer than the table's longest: nobody can ask us to keep a message for ever.
 */
export function retryDelayMs(question: RetryQuestion): number | null {
  const { failures, delaysMs, retryAfterMs, random } = question;
  const base = delaysMs[failures - 1];
  if (base === undefined) return null;
  const asked = Math.min(retryAfterMs ?? 0, Math.max(...delaysMs));
  return Math.round(Math.max(base * (0.8 + 0.4 * random), asked));
}

/** How long an endpoint rests that answered 429, 502 or 504. */
const restMs = 30_000;
const restMsMax = 3_600_000;

export function restFor(verdict: Verdict): number | null {
  if (verdict.kind !== 'failed' || !verdict.slows) return null;
  return Math.min(Math.max(verdict.retryAfterMs ?? 0, restMs), restMsMax);
}
