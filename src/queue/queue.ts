import type { PaymentId } from '../ids.ts';

/**
 * The queue port. A message is a hint that some payments are due now; the truth is in PostgreSQL,
 * and the sweeper finds by `due_at` whatever a hint did not reach.
 *
 * Promised: bounded memory; a message is handed to one consumer at a time; a handler that throws
 * gets its message again, a few times. Not promised: order, exactly once, or that a message
 * survives. `embedded` loses all on exit.
 */
export interface Hint {
  readonly paymentIds: readonly PaymentId[];
}

/** `refused`: full or away. The caller drops the hint; `due_at` brings the payments back. */
export type PublishResult = 'sent' | 'refused';

export interface Consumer {
  /** Takes no further message and resolves when the running handlers have ended. */
  readonly stop: () => Promise<void>;
}

export interface ConsumeOptions {
  /** Messages handed out and not yet acknowledged. */
  readonly prefetch: number;
}

export interface Queue {
  readonly publish: (hint: Hint) => Promise<PublishResult>;
  /** The message is acknowledged when the handler resolves. */
  readonly consume: (
    handler: (hint: Hint) => Promise<void>,
    options: ConsumeOptions,
  ) => Promise<Consumer>;
  /** Payments named by messages not yet handed out, as far as this process can tell. */
  readonly depth: () => Promise<number>;
  readonly ping: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * Payments named by one message: a lost or repeated message stays small, and a group stays one
 * write.
 */
export const hintPaymentsMax = 250;

/**
 * A handler that throws this often has a message that nobody can handle: it is dropped, and logged.
 */
export const deliveriesMax = 4;
