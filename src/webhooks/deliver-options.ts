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
