import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { openServer } from './api/server.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Config } from './config.ts';
import { pulsesOf, readBreakers, readHealth, readOldestUnknown } from './health.ts';
import { newWorkerId, type WorkerId } from './ids.ts';
import {
  openCallbackDesk,
  openIntake,
  openOperating,
  openSettling,
  startWebhooks,
  startWork,
  type Work,
} from './journey.ts';
import { openPressure } from './payments/pressure.ts';
import type { Settle } from './payments/settle.ts';
import { type OldestUnknown, openOldestUnknown } from './payments/unknown.ts';
import { openPorts, type Ports } from './ports.ts';
import { StartRefused } from './refused.ts';
import { openFilesMax } from './runtime/open-files.ts';
import { type Service, stopAll } from './runtime/service.ts';
import { waitFor } from './runtime/wait.ts';
import type { Logger } from './telemetry/log.ts';
import { openMetrics } from './telemetry/metrics.ts';
import { startMetricsServer } from './telemetry/metrics-server.ts';
import { openResolveName } from './webhooks/resolve-name.ts';
import { startHeartbeat } from './workers/heartbeat.ts';
import type { WorkerRole } from './workers/store.ts';

/**
 * The composition root. One process has one role: `all` is API and worker (with embedded ports, the
 * whole gateway); `api` takes requests, `worker` takes payments to the bank, any number of each.
 */
export interface Gateway {
  /** Empty for a worker, which serves nobody. */
  readonly url: string;
  /** Takes nothing new, ends what is in flight within the deadline, closes in reverse order. */
  readonly stop: () => Promise<void>;
}

/** What every part is given; `services` is what was opened, newest last: closed in reverse. */
interface Foundation {
  readonly config: Config;
  readonly log: Logger;
  readonly clock: Clock;
  readonly role: WorkerRole;
  readonly worker: WorkerId;
  readonly services: Service[];
  isStopping: boolean;
}

export async function startGateway(
  asked: Config,
  log: Logger,
  role: WorkerRole = 'all',
): Promise<Gateway> {
  refuseAlone(asked, role);
  const config = fitToOpenFiles(asked, log);
  const foundation: Foundation = {
    config,
    log,
    clock: systemClock,
    role,
    worker: newWorkerId(),
    services: [],
    isStopping: false,
  };
  const stopOptions = { deadlineMs: config.SHUTDOWN_DEADLINE_SECONDS * 1000, log };
  try {
    const url = await startRole(foundation);
    log.info({ role, url }, 'ready');
    return {
      url,
      stop: async () => {
        foundation.isStopping = true;
        // A balancer that reads /health/ready sends the next request elsewhere before we close.
        if (role !== 'worker') await waitFor(config.SHUTDOWN_GRACE_SECONDS * 1000, never);
        await stopAll(foundation.services, stopOptions);
      },
    };
  } catch (error) {
    await stopAll(foundation.services, stopOptions);
    throw error;
  }
}

const never = new AbortController().signal;

/** For the database, the log, the queue and the coordination store. */
const otherFiles = 200;

/** A socket for each call to the bank: half of the open files are the API's clients' at most. */
function fitToOpenFiles(config: Config, log: Logger): Config {
  const fitting = Math.max(1, Math.floor(openFilesMax() / 2) - otherFiles);
  if (config.BANK_IN_FLIGHT_MAX <= fitting) return config;
  log.warn(
    { asked: config.BANK_IN_FLIGHT_MAX, lowered: fitting, openFiles: openFilesMax() },
    'BANK_IN_FLIGHT_MAX is lowered to what the limit of open files (ulimit -n) allows',
  );
  return { ...config, BANK_IN_FLIGHT_MAX: fitting };
}

/** What lives in one process cannot be shared by several. */
function refuseAlone(config: Config, role: WorkerRole): void {
  if (role === 'all') return;
  const embedded = (['DATABASE', 'QUEUE'] as const).filter((name) => config[name] === 'embedded');
  if (embedded.length > 0)
    throw new StartRefused(
      `A lone ${role} shares nothing with the others while ${embedded.join(' and ')} ` +
        `${embedded.length > 1 ? 'are' : 'is'} embedded: set DATABASE=external and QUEUE=rabbitmq.`,
    );
  if (config.BANK_URL === '')
    throw new StartRefused(`A lone ${role} needs BANK_URL: the bank is shared by all processes.`);
}

/** @returns the API's URL; empty for a worker */
async function startRole(foundation: Foundation): Promise<string> {
  const { role } = foundation;
  const ports = await openPorts(foundation);
  let work: Work | null = null;
  // Before the work, so that a stop that still waits for calls is seen as one.
  beat(foundation, ports, () => work);
  const settle = openSettling({ ...foundation, ports });
  if (role !== 'api') {
    startWebhooks({ ...foundation, ports });
    work = await startWork({ ...foundation, ports }, settle);
  }
  const oldestUnknown = openOldestUnknown(ports.database.keyed, foundation.clock.monotonic);
  const behind = { ports, settle, work, oldestUnknown };
  await serveMetrics(foundation, behind);
  return role === 'worker' ? '' : serve(foundation, behind);
}

/** What serving needs of the rest; `work` is null where others do it. */
interface Behind {
  readonly ports: Ports;
  readonly settle: Settle;
  readonly work: Work | null;
  readonly oldestUnknown: OldestUnknown;
}

async function serveMetrics(
  { config, log, services }: Foundation,
  { ports, work, oldestUnknown }: Behind,
): Promise<void> {
  if (config.METRICS_PORT === 0) return;
  const metrics = openMetrics({
    breakers: async () =>
      Object.entries(await readBreakers(ports, work)).map(([bank, { state }]) => ({ bank, state })),
    oldestUnknownSeconds: () => readOldestUnknown(oldestUnknown),
    callsInFlight: () => work?.inFlight() ?? 0,
  });
  const { METRICS_HOST: host, METRICS_PORT: port } = config;
  services.push(await startMetricsServer({ host, port, metrics, log }));
}

async function serve(
  foundation: Foundation,
  { ports, settle, work, oldestUnknown }: Behind,
): Promise<string> {
  const { config, log, clock, services } = foundation;
  const { database, coordination } = ports;
  const { accept } = openIntake({ ...foundation, ports });
  const pressure = openPressure({
    database: database.keyed,
    clock,
    log,
    backlogMax: config.BACKLOG_MAX,
    eventLoopDelayMsMax: config.EVENT_LOOP_DELAY_MAX_MS,
  });
  services.push(pressure);
  const api = await openServer({
    config,
    log,
    clock,
    database,
    coordination,
    accept,
    callbacks: openCallbackDesk({ ...foundation, ports }, settle),
    ...openOperating({ ...foundation, ports }, settle),
    pressure: pressure.retryAfterSeconds,
    resolveName: openResolveName(),
    health: () =>
      readHealth({ ports, version, isStopping: foundation.isStopping, work, oldestUnknown }),
  });
  services.push({ name: 'api', stop: api.close });
  return api.listen();
}

function beat(foundation: Foundation, ports: Ports, work: () => Work | null): void {
  const { config, log, role, worker, services } = foundation;
  const heartbeat = startHeartbeat({
    database: ports.database,
    log,
    pulse: () => ({
      id: worker,
      role,
      host: hostname(),
      pid: process.pid,
      version,
      inFlight: work()?.inFlight() ?? 0,
      inFlightMax: role === 'api' ? 0 : config.BANK_IN_FLIGHT_MAX,
      breakers: pulsesOf(work()?.breakers() ?? []),
      stopping: foundation.isStopping,
    }),
  });
  services.push(heartbeat);
}

// Proven by package.json, which npm refuses without a version.
const { version } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as { readonly version: string };
