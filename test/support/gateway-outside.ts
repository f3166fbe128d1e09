import { randomBytes } from 'node:crypto';
import { startSimulator } from '../../src/bank/simulated.ts';
import {
  type EmbeddedServer,
  findEmbeddedServer,
  startEmbeddedServer,
} from '../../src/db/embedded.ts';
import { silentLog } from './books.ts';
import { openBrokerObjects } from './broker-objects.ts';
import { type Home, quickSettings, type Settings, takePort } from './gateway-home.ts';
import { openTestDatabase } from './postgres.ts';
import { sharedRabbit } from './rabbitmq.ts';
import { sharedRedis } from './redis.ts';
import type { TestMode } from './test-mode.ts';

/** What the processes of one gateway share, and nobody else does: books, bank, names on servers. */
export interface Outside {
  /** For each of them. */
  readonly env: Settings;
  /** Known after the first start: an embedded server takes a port then. */
  readonly ownerUrl: () => string;
  readonly simulatorUrl: string;
  /** Of AMQP_PREFIX and REDIS_PREFIX. */
  readonly prefix: string;
  /** What does not belong to one of the processes alone; starts again after `stop`. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export interface OutsideOptions {
  readonly env?: Settings;
  /**
   * `shared`: a fresh database on the test run's server, which survives whatever is killed.
   * `embedded`: a PostgreSQL of its own below its data folder, as users have it; where several
   * processes share it, it is started beside them.
   */
  readonly database?: 'shared' | 'embedded';
  /** What the gateway reaches its shared database by, where something stands between. */
  readonly databaseUrl?: (url: string) => Promise<string>;
  /** A server of the test's own, in place of the run's. */
  readonly amqpUrl?: string;
  readonly redisUrl?: string;
}

export async function openOutside(
  home: Home,
  mode: TestMode,
  options: OutsideOptions,
): Promise<Outside> {
  const { env = {} } = options;
  const prefix = `test-${randomBytes(6).toString('hex')}`;
  const isAlone = mode.roles[0] === 'all';
  const bankPort = await takePort();
  const bankUrl = env['BANK_URL'] ?? `http://127.0.0.1:${bankPort}`;
  const books = await openBooksFor(home, mode, options);
  const settings = {
    ...quickSettings,
    BANK_SIMULATOR_PORT: String(bankPort),
    ...(isAlone ? {} : { BANK_URL: bankUrl }),
    ...(await queueSettings(home, mode, prefix, options)),
    ...(await coordinationSettings(mode, prefix, options)),
    DATA_DIR: home.dataDir,
    ...env,
  };
  const hasOwnBank = !isAlone && env['BANK_URL'] === undefined;
  const bank = hasOwnBank ? bankOf(home, bankPort, settings) : null;
  return {
    get env() {
      return { ...settings, ...books.env(), ...env };
    },
    ownerUrl: books.ownerUrl,
    simulatorUrl: bankUrl,
    prefix,
    start: async () => {
      await Promise.all([books.start(), bank?.start()]);
    },
    stop: async () => {
      await Promise.all([books.stop(), bank?.stop()]);
    },
  };
}

interface BooksOutside {
  readonly env: () => Settings;
  readonly ownerUrl: () => string;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const nothing = async (): Promise<void> => {};

async function openBooksFor(
  home: Home,
  mode: TestMode,
  { database = 'shared', databaseUrl }: OutsideOptions,
): Promise<BooksOutside> {
  if (database === 'shared') {
    const { appUrl, ownerUrl, drop } = await openTestDatabase();
    home.cleanUp(drop);
    const url = databaseUrl === undefined ? appUrl : await databaseUrl(appUrl);
    const env = { DATABASE: 'external', DATABASE_URL: url, DATABASE_OWNER_URL: ownerUrl };
    return { env: () => env, ownerUrl: () => ownerUrl, start: nothing, stop: nothing };
  }
  const isEmbedded = mode.queue === 'embedded' && mode.coordination === 'memory';
  const ownerUrl = (): string => {
    const server = findEmbeddedServer(home.dataDir);
    if (server === null) throw new Error(`no PostgreSQL runs below ${home.dataDir}`);
    return server.url('owner');
  };
  if (isEmbedded) return { env: () => ({}), ownerUrl, start: nothing, stop: nothing };
  return { ownerUrl, ...ownServerOf(home) };
}

function ownServerOf(home: Home): Omit<BooksOutside, 'ownerUrl'> {
  let server: EmbeddedServer | null = null;
  return {
    env: () => {
      if (server === null) throw new Error('the PostgreSQL of this test has not been started');
      return {
        DATABASE: 'external',
        DATABASE_URL: server.url('app'),
        DATABASE_OWNER_URL: server.url('owner'),
      };
    },
    start: async () => {
      const port = server?.port ?? 0;
      server = await startEmbeddedServer({ dataDir: home.dataDir, port, log: silentLog });
    },
    stop: async () => server?.stop(),
  };
}

function bankOf(home: Home, port: number, settings: Settings) {
  const env = { LOG_LEVEL: 'info', ...settings };
  let stop = nothing;
  return {
    start: async () => {
      const bank = await startSimulator({ dataDir: home.dataDir, port, env, log: silentLog });
      stop = bank.stop;
    },
    stop: () => stop(),
  };
}

/** One for a test file that runs alone; for a whole run the runner has one, and gives its URL. */
let broker: ReturnType<typeof sharedRabbit> | null = null;
let redis: ReturnType<typeof sharedRedis> | null = null;

async function runBroker(): Promise<string> {
  broker ??= sharedRabbit();
  return (await broker).url;
}

async function runRedis(): Promise<string> {
  redis ??= sharedRedis();
  return (await redis).url;
}

async function removeObjects(url: string, prefix: string): Promise<void> {
  const objects = openBrokerObjects(url, prefix);
  await objects.remove();
  await objects.close();
}

async function queueSettings(
  home: Home,
  mode: TestMode,
  prefix: string,
  options: OutsideOptions,
): Promise<Settings> {
  if (mode.queue === 'embedded') return {};
  const url = options.amqpUrl ?? (await runBroker());
  // A server of the test's own goes with all that is in it.
  if (options.amqpUrl === undefined) home.cleanUp(() => removeObjects(url, prefix));
  return { QUEUE: 'rabbitmq', AMQP_URL: url, AMQP_PREFIX: prefix };
}

async function coordinationSettings(
  mode: TestMode,
  prefix: string,
  options: OutsideOptions,
): Promise<Settings> {
  if (mode.coordination === 'memory') return {};
  const url = options.redisUrl ?? (await runRedis());
  return { COORDINATION: 'redis', REDIS_URL: url, REDIS_PREFIX: prefix };
}
