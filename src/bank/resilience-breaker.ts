import type { BreakerState } from './bank.ts';

/**
 * The circuit breaker of one bank: how many calls there may be at one time, from how the last ones
 * ended. A state machine without a clock, a timer or a promise: whoever asks says what time it is
 * (monotonic milliseconds).
 *
 * closed → open: so many failures in a row while at least half of the last ten seconds' calls
 * failed. Five in a row alone come by chance every few minutes at a thousand calls a second.
 * open → half open: after its time. One call; where it fails, open again.
 * half open → closed: after that call a limit that doubles each second; once it reaches what the
 * bulkhead allows anyway, the breaker is closed. A backlog does not fall upon a bank that has just
 * come back.
 *
 * Docs: docs/decisions/0008-circuit-breaker.md
 */
export interface BreakerSettings {
  /** Failures in a row that open it; 0: never. */
  readonly failures: number;
  readonly openMs: number;
  /** What the bulkhead allows: the limit that ends the ramp. */
  readonly callsMax: number;
}

export interface Breaker {
  readonly state: (now: number) => BreakerState;
  /** Calls at one time: 0 while open, 1 until the bank has answered, then the ramp. */
  readonly callsMax: (now: number) => number;
  /** Of a call that begins: its end is counted only if the breaker did not open meanwhile. */
  readonly begin: (now: number) => CallToken;
  readonly end: (call: CallToken, failed: boolean, now: number) => void;
  readonly failuresInRow: () => number;
  /** How often it has opened. */
  readonly opened: () => number;
}

export interface CallToken {
  readonly era: number;
}

type State =
  | { readonly kind: 'closed' }
  | { readonly kind: 'open'; readonly untilMs: number }
  | HalfOpen;

interface HalfOpen {
  readonly kind: 'half_open';
  /** Null until the one call has brought an answer. */
  readonly answeredAt: number | null;
}

const rampStepMs = 1_000;

export function openBreaker(settings: BreakerSettings): Breaker {
  let state: State = { kind: 'closed' };
  let recent = openRecent();
  let failuresInRow = 0;
  /** Raised with every change that makes older calls' ends meaningless. */
  let era = 0;
  let opened = 0;

  function enter(next: State): void {
    state = next;
    if (next.kind === 'closed') return;
    era += 1;
    failuresInRow = 0;
    recent = openRecent();
  }

  function look(now: number): State {
    if (state.kind === 'open' && now >= state.untilMs)
      enter({ kind: 'half_open', answeredAt: null });
    else if (state.kind === 'half_open' && hasRecovered(state, now)) enter({ kind: 'closed' });
    return state;
  }

  function hasRecovered(half: HalfOpen, now: number): boolean {
    return half.answeredAt !== null && rampLimit(half, now) >= settings.callsMax;
  }

  function callsMax(now: number): number {
    const seen = look(now);
    if (seen.kind === 'closed') return settings.callsMax;
    return seen.kind === 'open' ? 0 : rampLimit(seen, now);
  }

  function trip(now: number): void {
    opened += 1;
    enter({ kind: 'open', untilMs: now + settings.openMs });
  }

  return {
    state: (now) => look(now).kind,
    callsMax,
    begin: (now) => {
      look(now);
      return { era };
    },
    end: (call, failed, now) => {
      const seen = look(now);
      if (call.era !== era || seen.kind === 'open') return;
      recent.add(failed, now);
      failuresInRow = failed ? failuresInRow + 1 : 0;
      const needed = Math.min(settings.failures, callsMax(now));
      if (failed && needed > 0 && failuresInRow >= needed && recent.mostlyFailed(now)) trip(now);
      else if (!failed && seen.kind === 'half_open' && seen.answeredAt === null)
        state = { kind: 'half_open', answeredAt: now };
    },
    failuresInRow: () => failuresInRow,
    opened: () => opened,
  };
}

function rampLimit(state: HalfOpen, now: number): number {
  if (state.answeredAt === null) return 1;
  return 2 ** (1 + Math.floor((now - state.answeredAt) / rampStepMs));
}

/** Calls that ended in the last ten seconds, in buckets of one. */
interface Recent {
  readonly add: (failed: boolean, now: number) => void;
  readonly mostlyFailed: (now: number) => boolean;
}

const bucketMs = 1_000;
const bucketsMax = 10;

function openRecent(): Recent {
  const buckets = Array.from({ length: bucketsMax }, () => ({ second: -1, calls: 0, failed: 0 }));
  return {
    add: (failed, now) => {
      const second = Math.floor(now / bucketMs);
      const bucket = buckets[second % bucketsMax];
      if (bucket === undefined) return;
      if (bucket.second !== second) Object.assign(bucket, { second, calls: 0, failed: 0 });
      bucket.calls += 1;
      if (failed) bucket.failed += 1;
    },
    mostlyFailed: (now) => {
      const oldest = Math.floor(now / bucketMs) - bucketsMax;
      const fresh = buckets.filter((bucket) => bucket.second > oldest);
      const calls = fresh.reduce((sum, bucket) => sum + bucket.calls, 0);
      const failed = fresh.reduce((sum, bucket) => sum + bucket.failed, 0);
      return failed * 2 >= calls;
    },
  };
}
