import type { Draw } from './decide.ts';
import type { Order } from './order.ts';
import type { Transfer } from './store.ts';

/** What the bank is asked to work on, and how. */
export interface Submit {
  readonly order: Order;
  /** Null: drawn when the delay ends. */
  readonly forced: Draw | null;
  /** Null: drawn. */
  readonly delayMs: number | null;
  /** False: worked on and paid, whatever is known of its reference. */
  readonly deduplicates: boolean;
  /** False for one that was counted when it was sent, and arrives only now. */
  readonly isCounted: boolean;
}

/** The work is the caller's own unless it joined or repeated an earlier one's. */
export type Answer = (result: SubmitResult, isOwnWork: boolean) => void;

export type SubmitResult =
  /** Final, now or already: `transfer` is what the books say. */
  | { readonly kind: 'recorded'; readonly transfer: Transfer }
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'timeout' }
  /** The reference stands for another order. */
  | { readonly kind: 'conflict' };
