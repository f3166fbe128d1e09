import type { Bank } from './bank/bank.ts';
import { openHttpBank } from './bank/http/connector.ts';
import { startSimulator } from './bank/simulated.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import type { Coordination } from './coordination/coordination.ts';
import { openMemoryCoordination } from './coordination/memory.ts';
import { openRedisCoordination } from './coordination/redis.ts';
import { type Database, DatabaseAway, StatementRefused } from './db/database.ts';
import { assertDurability } from './db/durability.ts';
import { startEmbeddedServer } from './db/embedded.ts';
import { openDatabase } from './db/external.ts';
import { migrate } from './db/migrate.ts';
import { bury } from './payments/bury.ts';
import { bankName, policyOf } from './policy.ts';
import { openEmbeddedQueue } from './queue/embedded.ts';
import type { Queue } from './queue/queue.ts';
import { openRabbitQueue } from './queue/rabbitmq.ts';
import { StartRefused } from './refused.ts';
import { keepRunning } from './runtime/child.ts';
import type { Service } from './runtime/service.ts';
import type { Logger } from './telemetry/log.ts';
import { seedDemo } from './users/seed.ts';

/**
 * The outside world of the journey, as the settings name it: the only file that knows who is who.
 */
export interface Ports {
  readonly database: Database;
  readonly queue: Queue;
  readonly coordination: Coordination;
  readonly bank: Bank;
}

export interface PortsOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly clock: Clock;
  /** Whatever was opened, newest last: closed in reverse by whoever asked. */
  readonly services: Service[];
}

export async function openPorts(options: PortsOptions): Promise<Ports> {
  const database = await openBooks(options);
  const coordination = await openCoordination(options);
  const queue = await openQueue(options, database);
  const bank = await openBank(options);
  return { database, queue, coordination, bank };
}

async function openBooks(options: PortsOptions): Promise<Database> {
  const { config, log, services } = options;
  const urls = await databaseUrls(options);
  if (urls.owner !== '') await migrate({ ownerUrl: urls.owner, log });
  const database = await openDatabase({
    url: urls.app,
    connectionsMax: config.DATABASE_CONNECTIONS_MAX,
    groupConnections,
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

/** Accept has two slots and one in line, settle two, claim two, the sweeper one, callbacks one. */
const groupConnections = 9;

async function databaseUrls(options: PortsOptions): Promise<{ app: string; owner: string }> {
  const { config, log, services } = options;
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
    { log },
  );
  services.push(postgres);
  return { app: postgres.first.url('app'), owner: postgres.first.url('owner') };
}

async function openCoordination(options: PortsOptions): Promise<Coordination> {
  const { config, log, clock, services } = options;
  const memory = openMemoryCoordination(clock);
  const coordination =
    config.COORDINATION === 'memory'
      ? memory
      : await openRedisCoordination({
          url: config.REDIS_URL,
          prefix: config.REDIS_PREFIX,
          log,
          clock,
          fallback: memory,
        });
  services.push({ name: 'coordination', stop: coordination.close });
  return coordination;
}

async function openQueue(options: PortsOptions, database: Database): Promise<Queue> {
  const { config, log, clock, services } = options;
  const queue =
    config.QUEUE === 'embedded'
      ? openEmbeddedQueue({
          onBuried: (hint, error) => {
            // Nobody keeps the message of an embedded queue: the sweeper's next look is the way
            // back.
            bury({ database, log }, hint, String(error)).catch((failure: unknown) =>
              log.warn({ err: failure }, 'a buried message is left to the sweeper'),
            );
          },
        })
      : await openRabbitQueue({
          urls: config.AMQP_URL.split(',').map((url) => url.trim()),
          prefix: config.AMQP_PREFIX,
          log,
          clock,
          onBuried: (hint, raw, reason) => bury({ database, log }, hint, `${reason}: ${raw}`),
        });
  services.push({ name: 'queue', stop: queue.close });
  return queue;
}

async function openBank(options: PortsOptions): Promise<Bank> {
  const { config, log, clock, services } = options;
  const bank = openHttpBank({
    name: bankName,
    url: config.BANK_URL === '' ? await startOwnBank(options) : config.BANK_URL,
    // One more for the question whether it is there: a full worker is no absent bank.
    connectionsMax: config.BANK_IN_FLIGHT_MAX + 1,
    capabilities: policyOf(config).bank,
    clock,
    log,
  });
  services.push({ name: 'bank', stop: bank.close });
  return bank;
}

/** Where the simulated bank reaches the gateway that started it. */
function callbackUrl(config: Config): string {
  if (config.BANK_SIMULATOR_CALLBACK_URL !== '') return config.BANK_SIMULATOR_CALLBACK_URL;
  const isEverywhere = config.HOST === '0.0.0.0' || config.HOST === '::';
  const host = config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST;
  return `http://${isEverywhere ? '127.0.0.1' : host}:${config.PORT}/webhooks/bank-callback`;
}

/** @returns the URL of the simulated bank beside us */
async function startOwnBank({ config, log, services }: PortsOptions): Promise<string> {
  const simulator = {
    dataDir: config.dataDir,
    port: config.BANK_SIMULATOR_PORT,
    env: {
      BANK_SIMULATOR_MIN_DELAY: String(config.BANK_SIMULATOR_MIN_DELAY),
      BANK_SIMULATOR_MAX_DELAY: String(config.BANK_SIMULATOR_MAX_DELAY),
      BANK_SIMULATOR_SUCCESS_RATE: String(config.BANK_SIMULATOR_SUCCESS_RATE),
      BANK_SIMULATOR_SCENARIO: config.BANK_SIMULATOR_SCENARIO,
      BANK_SIMULATOR_CALLBACK_URL: callbackUrl(config),
      BANK_WEBHOOK_SECRET: config.BANK_WEBHOOK_SECRET,
      LOG_LEVEL: config.LOG_LEVEL,
    },
    log,
  };
  const kept = await keepRunning('simulator', () => startSimulator(simulator), { log });
  services.push(kept);
  return kept.first.url;
}
