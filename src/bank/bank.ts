/**
 * The bank port. A bank is somebody else's system: slow, unreliable, and the only one who knows
 * whether money moved.
 *
 * Promised: both calls end by their deadline, never throw, and answer one of the outcomes below.
 * What an implementation does not recognise is `unknown`: neither success nor failure. Not
 * promised: that two calls with one reference are answered alike, or that an answer comes before
 * the bank has done the work.
 */

/** What happened, in the bank's words and ours: written to `attempts`, shown to operators. */
export type Evidence = string;

export type SubmitOutcome =
  | { readonly kind: 'approved'; readonly bankTransactionId: string; readonly evidence: Evidence }
  | { readonly kind: 'declined'; readonly errorCode: string; readonly evidence: Evidence }
  /** The bank certainly did nothing: no connection was made, or its own documented refusal. */
  | { readonly kind: 'retryable'; readonly errorCode: string; readonly evidence: Evidence }
  /** Money may have moved. Only the bank's own later word ends this. */
  | { readonly kind: 'unknown'; readonly evidence: Evidence };

export type InquiryOutcome =
  | { readonly kind: 'approved'; readonly bankTransactionId: string; readonly evidence: Evidence }
  | { readonly kind: 'declined'; readonly errorCode: string; readonly evidence: Evidence }
  | { readonly kind: 'pending'; readonly evidence: Evidence }
  /** The bank has no such reference now. It may still have one later: see `processingTimeMaxMs`. */
  | { readonly kind: 'not_found'; readonly evidence: Evidence }
  | { readonly kind: 'unknown'; readonly evidence: Evidence };

export type BankOutcome = SubmitOutcome | InquiryOutcome;

/**
 * What the bank is asked to do. Money in (deposit) or out (withdrawal, refund), from its point of
 * view too.
 */
export interface BankOrder {
  /** One per payment, the same on every attempt. */
  readonly reference: string;
  readonly kind: 'deposit' | 'withdrawal' | 'refund';
  readonly amountMinor: bigint;
  readonly currency: string;
  /** Of a refund: the reference of what it gives back. */
  readonly relatedReference?: string;
}

export interface BankCall {
  /** Milliseconds from now by which the call has ended, connection and body included. */
  readonly deadlineMs: number;
  /** Follows the payment into the bank's own logs. */
  readonly requestId: string;
  /** Aborted when the process must go: the outcome is then `unknown`. */
  readonly signal?: AbortSignal;
}

/** What differs between banks is data, not a branch. */
export interface BankCapabilities {
  /** How long after the first submit a repeated reference is still recognised; 0: never. */
  readonly deduplicationWindowMs: number;
  /** How long after a submit the bank may still execute it: until then "not found" is no answer. */
  readonly processingTimeMaxMs: number;
  /** False: nobody there can be asked, so that its callback is its whole word. */
  readonly inquires: boolean;
}

export interface Bank {
  /** As in `payments.bank`. */
  readonly name: string;
  readonly capabilities: BankCapabilities;
  readonly submit: (order: BankOrder, call: BankCall) => Promise<SubmitOutcome>;
  /**
   * An approval counts only where amount, currency and kind are the order's; else it is `unknown`.
   */
  readonly inquire: (order: BankOrder, call: BankCall) => Promise<InquiryOutcome>;
  /** Whether the bank answers at all, for /health. */
  readonly ping: (deadlineMs: number) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

/**
 * Around any bank: its calls are watched by a circuit breaker, and what it throws against its
 * promise is `unknown`.
 *
 * Not promised: that a call is refused while the breaker is open. Whoever claims payments asks
 * `callsMax` before it claims: a call refused later would be an attempt spent, and a row written.
 * The connector keeps the deadline of each call, the schedule of contacts is settle's, the bulkhead
 * is execute's.
 */
export interface ResilientBank extends Bank {
  /** Calls there may be now; 0 while the breaker is open. */
  readonly callsMax: () => number;
  /** Looks at the time, too: an open breaker is half open from its moment on. */
  readonly snapshot: () => BreakerSnapshot;
  /** Told after each change, at once. */
  readonly onChange: (listener: () => void) => void;
}

/** For health, heartbeats and metrics. */
export interface BreakerSnapshot {
  readonly bank: string;
  readonly state: BreakerState;
  /** When it came into this state; the start of the process for one that never opened. */
  readonly since: Date;
  readonly callsMax: number;
  readonly failuresInRow: number;
  /** How often it has opened since the process began. */
  readonly opened: number;
}

export type BreakerState = 'closed' | 'open' | 'half_open';

/** The same as heartbeats and /health tell it. */
export interface BreakerPulse {
  readonly state: BreakerState;
  /** RFC 3339. */
  readonly since: string;
}
