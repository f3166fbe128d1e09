import { readFileSync } from 'node:fs';
import { type ApiServer, type HealthReport, openServer } from './api/server.ts';
import type { Bank } from './bank/bank.ts';
import { openHttpBank } from './bank/http/connector.ts';
import { startSimulator } from './bank/simulated.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Config } from './config.ts';
import type { Coordination } from './coordination/coordination.ts';
import { openMemoryCoordination } from './coordination/memory.ts';
import { type Database, DatabaseAway, StatementRefused } from './db/database.ts';
import { assertDurability } from './db/durability.ts';
import { startEmbeddedServer } from './db/embedded.ts';
import { openDatabase } from './db/external.ts';
import { migrate } from './db/migrate.ts';
import { newWorkerId } from './ids.ts';
import { openClearing } from './ledger/clearing.ts';
import { openAccept } from './payments/accept.ts';
import { openDispatch } from './payments/dispatch.ts';
import { type Execute, openExecute } from './payments/execute.ts';
import { openSettle } from './payments/settle.ts';
import type { ContactPolicy } from './payments/settle-rules.ts';
import { openEmbeddedQueue } from './queue/embedded.ts';
import type { Queue } from './queue/queue.ts';
import { StartRefused } from './refused.ts';
import { keepRunning } from './runtime/child.ts';
import { openKillPoints } from './runtime/kill-point.ts';
import { startLoop } from './runtime/loop.ts';
import { type Service, stopAll } from './runtime/service.ts';
import { waitFor } from './runtime/wait.ts';
import type { Logger } from './telemetry/log.ts';
import { seedDemo } from './users/seed.ts';

/**
 * The composition root: the only file that names the concrete ports. One gateway process is API and
 * worker; in embedded mode PostgreSQL and the simulated bank are started beside it.
 */
export interface Gateway {
  readonly url: string;
  /** Takes nothing new, ends what is in flight within the deadline, closes in reverse order. */
  readonly stop: () => Promise<void>;
}

/** Everything that was opened, newest last: what `stop` closes in reverse. */
interface Foundation {
  readonly config: Config;
  readonly log: Logger;
  readonly clock: Clock;
  readonly services: Service[];
}

interface Ports {
  readonly database: Database;
  readonly queue: Queue;
  readonly coordination: Coordination;
  readonly bank: Bank;
}

export async function startGateway(config: Config, log: Logger): Promise<Gateway> {
  const foundation: Foundation = { config, log, clock: systemClock, services: [] };
  const stopOptions = { deadlineMs: config.SHUTDOWN_DEADLINE_SECONDS * 1000, log };
  let isStopping = false;
  try {
    const ports = await openPorts(foundation);
    const url = await openJourney(foundation, ports, () => isStopping);
    log.info({ url }, 'gateway ready');
    return {
      url,
      stop: async () => {
        isStopping = true;
        await stopAll(foundation.services, stopOptions);
      },
    };
  } catch (error) {
    await stopAll(foundation.services, stopOptions);
    throw error;
  }
}

async function openPorts(foundation: Foundation): Promise<Ports> {
  const { log, clock, services } = foundation;
  const database = await openBooks(foundation);
  const coordination = openMemoryCoordination(clock);
  const queue = openEmbeddedQueue({
    onBuried: (hint, error) =>
      log.error({ payments: hint.paymentIds.length, err: error }, 'hint dropped'),
  });
  services.push({ name: 'coordination', stop: coordination.close });
  services.push({ name: 'queue', stop: queue.close });
  const bank = await openBank(foundation);
  return { database, queue, coordination, bank };
}

async function openBooks(foundation: Foundation): Promise<Database> {
  const { config, log, services } = foundation;
  const urls = await databaseUrls(foundation);
  if (urls.owner !== '') await migrate({ ownerUrl: urls.owner, log });
  const database = await openDatabase({
    url: urls.app,
    connectionsMax: config.DATABASE_CONNECTIONS_MAX,
    groupConnections: groupConnections,
    log,
  }).catch((error: unknown) => {
    throw refusalOf(error);
  });
  services.push({ name: 'database', stop: database.close });
  await assertDurability(database);
  if (config.ENVIRONMENT === 'development') await seedDemo(database, config);
  return database;
}

/** What the operator can act on: no server there, or one that does not know us. */
function refusalOf(error: unknown): unknown {
  if (!(error instanceof DatabaseAway || error instanceof StatementRefused)) return error;
  return new StartRefused(`The database of DATABASE_URL cannot be used: ${error.message}.`);
}

/** Accept has two slots and one in line, settle two, claim two, the sweeper one. */
const groupConnections = 8;

async function databaseUrls(foundation: Foundation): Promise<{ app: string; owner: string }> {
  const { config, log, services } = foundation;
  if (config.DATABASE === 'external')
    return { app: config.DATABASE_URL, owner: config.DATABASE_OWNER_URL };
  const { dataDir } = config;
  // Started again on the port it had: the connections of this process know no other.
  let port = config.DATABASE_PORT;
  const postgres = await keepRunning(
    'postgres',
    async () => {
      const server = await startEmbeddedServer({ dataDir, port, log });
      port = server.port;
      return server;
    },
    log,
  );
  services.push(postgres);
  return { app: postgres.first.url('app'), owner: postgres.first.url('owner') };
}

async function openBank(foundation: Foundation): Promise<Bank> {
  const { config, log, clock, services } = foundation;
  let url = config.BANK_URL;
  if (url === '') {
    const simulator = {
      dataDir: config.dataDir,
      port: config.BANK_SIMULATOR_PORT,
      env: {
        BANK_SIMULATOR_MIN_DELAY: String(config.BANK_SIMULATOR_MIN_DELAY),
        BANK_SIMULATOR_MAX_DELAY: String(config.BANK_SIMULATOR_MAX_DELAY),
        BANK_SIMULATOR_SUCCESS_RATE: String(config.BANK_SIMULATOR_SUCCESS_RATE),
        LOG_LEVEL: config.LOG_LEVEL,
      },
      log,
    };
    const kept = await keepRunning('simulator', () => startSimulator(simulator), log);
    services.push(kept);
    url = kept.first.url;
  }
  const bank = openHttpBank({
    name: 'simulator',
    url,
    connectionsMax: config.BANK_IN_FLIGHT_MAX,
    capabilities: policyOf(config).bank,
    clock,
  });
  services.push({ name: 'bank', stop: bank.close });
  return bank;
}

/** Wires the stops of the journey to each other, the last one first. @returns the API's URL */
async function openJourney(
  foundation: Foundation,
  ports: Ports,
  isStopping: () => boolean,
): Promise<string> {
  const { config, log, clock, services } = foundation;
  const { database, queue, coordination, bank } = ports;
  const reach = openKillPoints(config.KILL_POINT);
  const worker = newWorkerId();

  const settle = openSettle({
    database,
    coordination,
    clearing: openClearing(database),
    policy: policyOf(config),
    worker,
    monotonic: clock.monotonic,
    random: Math.random,
    reach,
  });
  const execute = openExecute({
    database,
    bank,
    settle: settle.settle,
    clock,
    log,
    reach,
    inFlightMax: config.BANK_IN_FLIGHT_MAX,
    callTimeoutMs: config.BANK_CALL_TIMEOUT_SECONDS * 1000,
    leaseMs: config.PAYMENT_LEASE_SECONDS * 1000,
    deadlineMs: config.PAYMENT_DEADLINE_HOURS * 3_600_000,
  });
  services.push({ name: 'calls in flight', stop: execute.stop });
  services.push({ name: 'consumer', stop: (await consume(queue, execute)).stop });

  const dispatch = openDispatch({ database, queue, log, reach });
  const idleMs = config.SWEEP_INTERVAL_SECONDS * 1000;
  services.push(startLoop('sweeper', dispatch.sweepOnce, { idleMs, errorMsMax: 5_000, log }));

  const accepting = openAccept({
    database,
    clock,
    bank: bank.name,
    waitingMax: config.ACCEPT_WAITING_MAX,
    deadlineMs: config.ACCEPT_DEADLINE_SECONDS * 1000,
    onAccepted: dispatch.announce,
    reach,
  });
  services.push({ name: 'accepts in flight', stop: accepting.drained });

  const health = (): Promise<HealthReport> => readHealth(ports, isStopping());
  const { accept } = accepting;
  const api: ApiServer = await openServer({
    config,
    log,
    clock,
    database,
    coordination,
    accept,
    health,
  });
  services.push({ name: 'api', stop: api.close });
  return api.listen();
}

/** Messages handed out at one time: each is a group of up to 250 payments. */
const prefetch = 10;

function consume(queue: Queue, execute: Execute): ReturnType<Queue['consume']> {
  return queue.consume(execute.handle, { prefetch });
}

function policyOf(config: Config): ContactPolicy {
  const toMs = (seconds: number): number => seconds * 1000;
  return {
    retryDelaysMs: config.BANK_RETRY_DELAYS_SECONDS.map(toMs),
    inquiryDelaysMs: config.BANK_INQUIRY_DELAYS_SECONDS.map(toMs),
    reviewInquiryDelayMs: 24 * 3_600_000,
    bank: {
      deduplicationWindowMs: config.BANK_DEDUPLICATION_WINDOW_HOURS * 3_600_000,
      processingTimeMaxMs: toMs(config.BANK_PROCESSING_TIME_MAX_SECONDS),
    },
  };
}

const healthDeadlineMs = 1_000;

async function readHealth(ports: Ports, isStopping: boolean): Promise<HealthReport> {
  const [database, queue, coordination, bank] = await Promise.all([
    answers(ports.database.ping()),
    answers(ports.queue.ping()),
    answers(ports.coordination.ping()),
    ports.bank.ping(healthDeadlineMs),
  ]);
  const say = (isUp: boolean): { status: 'ok' | 'away' } => ({ status: isUp ? 'ok' : 'away' });
  const isWhole = database && queue && coordination && bank;
  return {
    status: isStopping ? 'stopping' : isWhole ? 'ok' : 'degraded',
    version,
    dependencies: {
      database: say(database),
      queue: say(queue),
      coordination: say(coordination),
      bank: say(bank),
    },
  };
}

/** A frozen server neither answers nor refuses: health must say so, not wait for it. */
async function answers(ping: Promise<void>): Promise<boolean> {
  const answered = new AbortController();
  const late = waitFor(healthDeadlineMs, answered.signal).then(() => false);
  try {
    return await Promise.race([ping.then(() => true), late]);
  } catch {
    return false;
  } finally {
    answered.abort();
  }
}

// Proven by package.json, which npm refuses without a version.
const { version } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as { readonly version: string };
