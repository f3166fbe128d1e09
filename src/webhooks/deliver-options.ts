import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import type { WorkerId } from '../ids.ts';
import type { KillPoints } from '../runtime/kill-point.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Seal } from './seal.ts';
import type { Sender } from './send.ts';

export interface DeliverOptions {
  readonly database: Pick<Database, 'keyed' | 'transaction'>;
  readonly sender: Sender;
  readonly seal: Pick<Seal, 'open'>;
  readonly clock: Clock;
  /** 0 to 1. */
  readonly random: () => number;
  readonly log: Logger;
  readonly worker: WorkerId;
  readonly reach: KillPoints;
  readonly policy: DeliveryPolicy;
}

export interface DeliveryPolicy {
  /** Of one exchange. */
  readonly timeoutMs: number;
  /** Before attempt 2, 3, … */
  readonly delaysMs: readonly number[];
  readonly inFlightMax: number;
  readonly endpointInFlightMax: number;
  /** An endpoint that fails for so long is switched off. */
  readonly disableAfterMs: number;
}

/** How long a claimed row may wait here for its turn; after it, its lease holds for an exchange. */
export const turnMs = 10_000;
/** For what comes after the exchange. */
const recordMs = 5_000;

/** How long a claimed delivery is its claimer's. */
export function leaseMsOf(timeoutMs: number): number {
  return turnMs + timeoutMs + recordMs;
}
