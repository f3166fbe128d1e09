import { type Queryable, statement } from '../db/database.ts';
import type { WorkerId } from '../ids.ts';

export type WorkerRole = 'all' | 'api' | 'worker';

/** What a process says of itself. */
export interface Pulse {
  readonly id: WorkerId;
  readonly role: WorkerRole;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly inFlight: number;
  readonly inFlightMax: number;
  /** Circuit breaker by bank. */
  readonly breakers: Readonly<
    Record<string, { readonly state: 'closed' | 'open' | 'half_open'; readonly since: string }>
  >;
  readonly stopping: boolean;
}

const pulseUpsert = statement<Record<never, never>>(
  'workers_pulse',
  `INSERT INTO workers (id, role, host, pid, version, in_flight, in_flight_max, breakers, stopping)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9)
   ON CONFLICT (id) DO UPDATE
      SET heartbeat_at = clock_timestamp(), in_flight = excluded.in_flight,
          breakers = excluded.breakers, stopping = excluded.stopping`,
);

export async function savePulse(database: Queryable, pulse: Pulse): Promise<void> {
  await database.query(pulseUpsert, [
    pulse.id,
    pulse.role,
    pulse.host,
    pulse.pid,
    pulse.version,
    pulse.inFlight,
    pulse.inFlightMax,
    JSON.stringify(pulse.breakers),
    pulse.stopping,
  ]);
}

const workerDelete = statement<Record<never, never>>(
  'workers_delete',
  'DELETE FROM workers WHERE id = $1',
);

export async function removeWorker(database: Queryable, id: WorkerId): Promise<void> {
  await database.query(workerDelete, [id]);
}

const silentDelete = statement<Record<never, never>>(
  'workers_silent_delete',
  `DELETE FROM workers WHERE heartbeat_at < clock_timestamp() - $1 * interval '1 ms'`,
);

/** Forgets who has said nothing for `silentMs`. */
export async function removeSilent(database: Queryable, silentMs: number): Promise<void> {
  await database.query(silentDelete, [silentMs]);
}

export interface WorkerRow extends Pulse {
  readonly startedAt: Date;
  readonly heartbeatAt: Date;
}

const workersList = statement<WorkerRow>(
  'workers_list',
  `SELECT id, role, host, pid, version, in_flight AS "inFlight", in_flight_max AS "inFlightMax",
          breakers, stopping, started_at AS "startedAt", heartbeat_at AS "heartbeatAt"
     FROM workers ORDER BY started_at, id`,
);

export function listWorkers(database: Queryable): Promise<readonly WorkerRow[]> {
  return database.query(workersList, []);
}
