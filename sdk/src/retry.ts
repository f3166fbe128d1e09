import { keyHeader, UnansweredError } from './problem.ts';
import type { Surroundings } from './surroundings.ts';

type World = Pick<Surroundings, 'fetch' | 'now' | 'random' | 'wait'>;

/** One request and its answer. */
export type Exchange = (request: Request) => Promise<Response>;

export interface RetryOptions {
  /** Requests in all, the first one counted. Default 5. */
  readonly attemptsMax?: number;
  /** For an answer to begin, each time. Default 30,000. */
  readonly timeoutMs?: number;
  /**
   * A gateway that asks for a longer pause than this is not waited for: its answer is the result.
   * Default 65,000: limits are by the minute.
   */
  readonly pauseMsMax?: number;
  /** Told before each pause. */
  readonly onRetry?: (retry: Retry) => void;
}

export interface Retry {
  readonly request: Request;
  /** Null: there was no answer. */
  readonly response: Response | null;
  readonly pauseMs: number;
}

const attemptsMaxDefault = 5;
const timeoutMsDefault = 30_000;
const pauseMsMaxDefault = 65_000;
/**
 * Doubles each time; how much of it is waited is drawn, so that many clients do not come at once.
 */
const pauseMsFirst = 250;
const pauseMsLongest = 8_000;
/** After a Retry-After: never earlier than asked, and not all in one moment. */
const spreadMs = 250;

/**
 * Repeats what may be repeated: where nothing was done (429, no connection), and where a second
 * time does no more than the first one (see isRepeatable).
 */
export function openRetrying(around: World, options: RetryOptions = {}): Exchange {
  const attemptsMax = options.attemptsMax ?? attemptsMaxDefault;
  const pauseMsMax = options.pauseMsMax ?? pauseMsMaxDefault;
  return async (request) => {
    for (let attempt = 1; ; attempt++) {
      const tried = await tryOnce(request, around, options.timeoutMs ?? timeoutMsDefault);
      const isLast = attempt >= attemptsMax || !mayRepeat(request, tried);
      const pauseMs = isLast ? null : pauseBefore(attempt, tried, around);
      if (pauseMs === null || pauseMs > pauseMsMax) return resultOf(request, tried);
      const response = tried.kind === 'answered' ? tried.response : null;
      options.onRetry?.({ request, response, pauseMs });
      await response?.body?.cancel();
      await around.wait(pauseMs, request.signal);
    }
  };
}

type Tried =
  | { readonly kind: 'answered'; readonly response: Response }
  | { readonly kind: 'unanswered'; readonly error: unknown };

async function tryOnce(request: Request, { fetch }: World, timeoutMs: number): Promise<Tried> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error(`silent for ${timeoutMs} ms`)), timeoutMs);
  try {
    const signal = AbortSignal.any([request.signal, late.signal]);
    return { kind: 'answered', response: await fetch(new Request(request.clone(), { signal })) };
  } catch (error) {
    // The caller has lost interest: that is no fault of the gateway's.
    if (request.signal.aborted) throw error;
    return { kind: 'unanswered', error };
  } finally {
    clearTimeout(timer);
  }
}

function resultOf(request: Request, tried: Tried): Response {
  if (tried.kind === 'answered') return tried.response;
  throw new UnansweredError(request, tried.error);
}

function mayRepeat(request: Request, tried: Tried): boolean {
  if (tried.kind === 'unanswered') return isRepeatable(request) || wasNeverSent(tried.error);
  const { status, headers } = tried.response;
  // Refused before anything was done.
  if (status === 429) return true;
  const isAway = status === 502 || status === 503 || status === 504;
  return isRepeatable(request) && (isAway || (status === 409 && headers.has('retry-after')));
}

/** The second time finds what the first time did. */
function isRepeatable({ method, headers, url }: Request): boolean {
  if (['GET', 'HEAD', 'PUT', 'DELETE'].includes(method)) return true;
  return headers.has(keyHeader) || repeatablePath.test(new URL(url).pathname);
}

/**
 * POSTs that are the same twice: a second session is as good as the first, a refresh token counts
 * again for ten seconds, an account that there is is found, and in bulk each item has its own key.
 */
const repeatablePath = /\/api\/v1\/(auth\/(login|refresh|logout)|accounts|\w+\/bulk)$/;

/** fetch says why only in its cause, by the words of the system. */
function wasNeverSent(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  const code: unknown =
    typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : null;
  return typeof code === 'string' && neverSent.has(code);
}

const neverSent: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function pauseBefore(attempt: number, tried: Tried, { now, random }: World): number {
  const asked =
    tried.kind === 'answered'
      ? readRetryAfter(tried.response.headers.get('retry-after'), now())
      : null;
  if (asked !== null) return asked + random() * spreadMs;
  const whole = Math.min(pauseMsLongest, pauseMsFirst * 2 ** (attempt - 1));
  return whole / 2 + (random() * whole) / 2;
}

/** Seconds or a date (RFC 9110). @returns milliseconds; null where it says neither */
export function readRetryAfter(value: string | null, nowMs: number): number | null {
  if (value === null) return null;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}
