import type { Percentiles } from './histogram.ts';

/** What the load generator is told, and what it answers, over the channel to its parent. */
export interface LoadJob {
  readonly port: number;
  readonly connections: number;
  readonly request: RequestPlan;
  readonly pace: Pace;
}

export interface RequestPlan {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Access tokens, taken in turn: one is one hot account, 10,000 are a crowd. */
  readonly tokens: readonly string[];
  /** JSON, the same for each request; each carries its own Idempotency-Key. */
  readonly body: string | null;
  /** Keys are this and a number; unique per job. */
  readonly keyPrefix: string;
}

export type Pace =
  /** Each connection asks again when it has its answer. */
  | { readonly kind: 'closed' }
  /**
   * The same, but at most `unsettledMax` payments are accepted and not yet executed at the bank, so
   * that what is measured can be sustained: the backlog does not grow.
   */
  | { readonly kind: 'settled'; readonly unsettledMax: number; readonly bankPort: number }
  /** Poisson arrivals; a request is timed from when it should have left. */
  | { readonly kind: 'open'; readonly perSecond: number }
  /** One request on each connection in the same moment, then a rest. */
  | { readonly kind: 'burst'; readonly restMs: number };

export type ToLoad =
  | { readonly kind: 'job'; readonly job: LoadJob }
  /** Forget what was counted so far: the warm-up is over. */
  | { readonly kind: 'reset' }
  | { readonly kind: 'read' }
  /** Ask nothing new; answer when the last answer is in. */
  | { readonly kind: 'stop' };

export interface LoadReport {
  /** Since the last reset. */
  readonly seconds: number;
  readonly latencyMs: Percentiles;
  /** Answers by HTTP status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Connections that broke, and arrivals that found the queue full. */
  readonly broken: number;
  readonly dropped: number;
  /** Since the start of the job. */
  readonly sentInAll: number;
}

export type FromLoad =
  | { readonly kind: 'started' }
  | { readonly kind: 'report'; readonly report: LoadReport }
  | { readonly kind: 'stopped'; readonly report: LoadReport }
  | { readonly kind: 'failed'; readonly message: string };
