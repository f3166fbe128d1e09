import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { environment } from '../../src/config.ts';
import { findEmbeddedServer } from '../../src/db/embedded.ts';
import { isPortFree } from '../../src/runtime/ports.ts';
import { parseLogLines } from './log-lines.ts';
import { openTestDatabase, type TestDatabase } from './postgres.ts';
import { killBelow, watchBelow } from './process-tree.ts';

/**
 * A real gateway in a process of its own, with a data folder and ports that nobody else has. It is
 * gone when the test is over, with everything that it started; a failed test keeps its data.
 */
export interface TestGateway {
  /** The same through every restart. */
  readonly url: string;
  readonly dataDir: string;
  readonly ownerUrl: string;
  readonly simulatorUrl: string;
  readonly pid: () => number;
  /** The gateway's log lines of all its lives. */
  readonly log: () => readonly LogLine[];
  readonly simulatorLog: () => readonly LogLine[];
  /** How it ended: by itself, by a kill point, by a signal. */
  readonly ended: () => Promise<Ended>;
  readonly kill9: () => Promise<void>;
  /** SIGTERM, and waits for the orderly end. */
  readonly stop: () => Promise<Ended>;
  /** Another life on the same data and ports; `env` is for that life only. */
  readonly restart: (env?: Settings) => Promise<void>;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export type Settings = Readonly<Record<string, string>>;
export type LogLine = Readonly<Record<string, unknown>>;

export interface TestGatewayOptions {
  readonly env?: Settings;
  /**
   * `shared`: a fresh database on the test run's server, which survives whatever is killed.
   * `embedded`: a PostgreSQL of its own below its data folder, as users have it.
   */
  readonly database?: 'shared' | 'embedded';
  /** What the gateway reaches its shared database by, where something stands between. */
  readonly databaseUrl?: (url: string) => Promise<string>;
}

/** Delays short enough for a test, in the same order as the defaults. */
const quickSettings: Settings = {
  BANK_SIMULATOR_MIN_DELAY: '0.02',
  BANK_SIMULATOR_MAX_DELAY: '0.05',
  BANK_SIMULATOR_SUCCESS_RATE: '1',
  BANK_CALL_TIMEOUT_SECONDS: '1.5',
  BANK_RETRY_DELAYS_SECONDS: '0.05,0.1,0.2',
  BANK_INQUIRY_DELAYS_SECONDS: '0.1,0.2,0.5',
  BANK_PROCESSING_TIME_MAX_SECONDS: '2',
  PAYMENT_LEASE_SECONDS: '2',
  SWEEP_INTERVAL_SECONDS: '0.05',
  PASSWORD_BCRYPT_COST: '4',
  RATE_LIMIT_ENABLED: 'false',
  LOG_FORMAT: 'json',
};

export async function startTestGateway(
  t: TestContext,
  options: TestGatewayOptions = {},
): Promise<TestGateway> {
  const home = await prepareHome(t, options);
  let life = await startLife(home, {});
  return {
    url: home.url,
    dataDir: home.dataDir,
    // Known after the first start: an embedded server takes a port then.
    get ownerUrl() {
      return ownerUrlOf(home);
    },
    simulatorUrl: home.simulatorUrl,
    pid: () => pidOf(life.child),
    log: () => parseLogLines(home.logFile),
    simulatorLog: () => parseLogLines(join(home.dataDir, 'logs', 'simulator.log')),
    ended: () => life.ended,
    kill9: async () => {
      life.child.kill('SIGKILL');
      await life.ended;
    },
    stop: () => {
      life.child.kill('SIGTERM');
      return life.ended;
    },
    restart: async (env = {}) => {
      await life.ended;
      life = await startLife(home, env);
    },
  };
}

/** A start that is expected to fail. */
export interface RefusedStart {
  readonly ended: Ended;
  /** What it said, log lines left out. */
  readonly said: string;
}

/** Starts a gateway in a new data folder, or on that of another one, and waits for its refusal. */
export async function startRefused(
  t: TestContext,
  env: Settings,
  beside?: TestGateway,
): Promise<RefusedStart> {
  const home = await prepareHome(t, { database: 'embedded', env });
  const dataDir = beside === undefined ? home.dataDir : beside.dataDir;
  const { child, ended } = spawnGateway(home, { DATA_DIR: dataDir });
  child.disconnect();
  const how = await ended;
  const lines = readFileSync(home.logFile, 'utf8').split('\n');
  return { ended: how, said: lines.filter((line) => !line.startsWith('{')).join('\n') };
}

interface Home {
  readonly url: string;
  readonly simulatorUrl: string;
  readonly dataDir: string;
  readonly logFile: string;
  readonly env: Settings;
  readonly database: TestDatabase | null;
}

const testFolder = fileURLToPath(new URL('../../.test', import.meta.url));

async function prepareHome(t: TestContext, options: TestGatewayOptions): Promise<Home> {
  const { env = {}, database: mode = 'shared' } = options;
  const made = join(testFolder, `gateway-${randomBytes(6).toString('hex')}`);
  mkdirSync(made, { recursive: true, mode: 0o700 });
  // The real path: it is what the system says a process works in.
  const dataDir = realpathSync(made);
  const watchdog = watchBelow(dataDir);
  const database = mode === 'shared' ? await openTestDatabase() : null;
  const [port, simulatorPort] = [await takePort(), await takePort()];
  const logFile = join(dataDir, 'gateway.log');
  t.after(async () => {
    await killBelow(dataDir);
    watchdog.kill('SIGKILL');
    // A promise that nobody awaited, an error that nobody caught: no test may pass over one.
    const fatal = parseLogLines(logFile).find((line) => line['level'] === 'fatal');
    if ('passed' in t && t.passed === true && fatal === undefined) {
      await database?.drop();
      rmSync(dataDir, { recursive: true, force: true });
    } else t.diagnostic(`kept: ${dataDir}${database === null ? '' : ` and ${database.name}`}`);
    if (fatal !== undefined) throw new Error(`the gateway crashed: ${JSON.stringify(fatal)}`);
  });
  return {
    url: `http://127.0.0.1:${port}`,
    simulatorUrl: env['BANK_URL'] ?? `http://127.0.0.1:${simulatorPort}`,
    dataDir,
    logFile,
    database,
    env: {
      ...quickSettings,
      PORT: String(port),
      BANK_SIMULATOR_PORT: String(simulatorPort),
      DATA_DIR: dataDir,
      ...(database === null ? {} : await externalSettings(database, options)),
      ...env,
    },
  };
}

async function externalSettings(
  { appUrl, ownerUrl }: TestDatabase,
  { databaseUrl }: TestGatewayOptions,
): Promise<Settings> {
  return {
    DATABASE: 'external',
    DATABASE_URL: databaseUrl === undefined ? appUrl : await databaseUrl(appUrl),
    DATABASE_OWNER_URL: ownerUrl,
  };
}

/**
 * Below the ports that the system hands out by itself: while the gateway is dead, a client that
 * tries to reach it could otherwise be given that very port, and reach itself.
 */
async function takePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 30_000);
    if (await isPortFree(port)) return port;
  }
}

interface Life {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

async function startLife(home: Home, env: Settings): Promise<Life> {
  const life = spawnGateway(home, env);
  const message: unknown = await Promise.race([
    once(life.child, 'message').then(([first]: unknown[]) => first),
    life.ended.then(() => null),
  ]);
  const isReady =
    typeof message === 'object' &&
    message !== null &&
    'kind' in message &&
    message.kind === 'ready';
  if (!isReady) {
    const told = readFileSync(home.logFile, 'utf8').split('\n').slice(-20).join('\n');
    throw new Error(`the gateway did not start:\n${told}`);
  }
  life.child.disconnect();
  return life;
}

function spawnGateway(home: Home, env: Settings): Life {
  const program = fileURLToPath(new URL('../../bin/tollgate.js', import.meta.url));
  const output = openSync(home.logFile, 'a');
  const { PATH, HOME, NODE_V8_COVERAGE } = environment();
  const inherited = Object.entries({ PATH, HOME, NODE_V8_COVERAGE }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  // In its data folder: a developer's .env is not read, and the process is found there.
  const child = spawn(process.execPath, [program, 'gateway'], {
    cwd: home.dataDir,
    env: { ...Object.fromEntries(inherited), ...home.env, ...env },
    stdio: ['ignore', output, output, 'ipc'],
  });
  closeSync(output);
  const ended = new Promise<Ended>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  return { child, ended };
}

function ownerUrlOf(home: Home): string {
  if (home.database !== null) return home.database.ownerUrl;
  const server = findEmbeddedServer(home.dataDir);
  if (server === null) throw new Error(`no PostgreSQL runs below ${home.dataDir}`);
  return server.url('owner');
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('the gateway has no pid');
  return child.pid;
}
