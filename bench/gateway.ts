import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { present } from '../src/assert.ts';
import { findEmbeddedServer } from '../src/db/embedded.ts';
import { takeFreePort } from '../src/runtime/ports.ts';
import { sendSignal } from '../src/runtime/processes.ts';
import { askBank, type BankDelay } from './bank.ts';
import { type Child, startChild } from './child.ts';
import type { Closing } from './closing.ts';

/** The real gateway, started as a user starts it, on a data folder of its own below .bench/. */
export interface BenchGateway {
  readonly port: number;
  readonly bankPort: number;
  readonly pid: number;
  readonly postgresPid: number;
  readonly bankPid: number;
  /** What else works for it, by kind; where there are workers, `pid` is the API's. */
  readonly beside: () => Readonly<Record<string, readonly number[]>>;
  readonly url: (role: 'app' | 'owner', database?: string) => string;
  /** What it wrote: warnings and errors only. */
  readonly log: () => string;
}

export interface GatewayOptions {
  readonly closing: Closing;
  readonly bankDelay: BankDelay;
  readonly nodeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export const jwtSecret = 'benchmark-only-secret-of-thirty-two-characters';

/** Never reached, so that the limiter works for each request and refuses none. */
const unreachedLimit = '1000000000';

const root = fileURLToPath(new URL('..', import.meta.url));
let folders = 0;

export async function startBenchGateway(options: GatewayOptions): Promise<BenchGateway> {
  const { closing } = options;
  const dataDir = makeRunFolder(closing);
  closing.add('what a killed gateway leaves', () => endLeftovers(dataDir));
  const port = await takeFreePort();
  const bankPort = await takeFreePort();
  const child = await startTollgate({
    role: 'gateway',
    closing,
    dataDir,
    nodeArgs: options.nodeArgs ?? [],
    env: { ...settingsOf(options, { port, bankPort }), ...options.env },
  });
  const server = present(findEmbeddedServer(dataDir), 'a ready gateway has its database');
  const { pid: bankPid } = await askBank(bankPort, '/health');
  return {
    port,
    bankPort,
    pid: child.pid,
    postgresPid: server.pid,
    bankPid: Number(bankPid),
    beside: () => ({}),
    url: server.url,
    log: () => readLog(dataDir),
  };
}

/** Below .bench/, and gone afterwards. */
export function makeRunFolder(closing: Closing): string {
  folders += 1;
  const dataDir = join(root, '.bench', `run-${process.pid}-${folders}`);
  mkdirSync(dataDir, { recursive: true });
  closing.add('data folder', async () => rmSync(dataDir, { recursive: true, force: true }));
  return dataDir;
}

export interface TollgatePlan {
  readonly role: 'gateway' | 'api' | 'worker';
  readonly closing: Closing;
  readonly dataDir: string;
  readonly nodeArgs?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** One process of ours; resolves when it is ready. */
export async function startTollgate(plan: TollgatePlan): Promise<Child> {
  const { role, closing, dataDir, nodeArgs = [], env } = plan;
  const log = openSync(logFileIn(dataDir), 'a');
  const child = startChild({
    program: '../bin/tollgate.js',
    name: role,
    closing,
    args: [role],
    nodeArgs,
    // Not the checkout's folder: its .env is somebody's own.
    cwd: dataDir,
    env: { ...commonSettings, DATA_DIR: dataDir, ...env },
    stdio: ['ignore', log, log, 'ipc'],
    stopDeadlineMs: 60_000,
  });
  closeSync(log);
  await child.receive(isReady).catch((error: unknown) => {
    throw new Error(`the ${role} did not start: ${readLog(dataDir)}`, { cause: error });
  });
  return child;
}

const logFileIn = (dataDir: string): string => join(dataDir, 'bench.log');

/** What all processes of that folder wrote. */
export const readLog = (dataDir: string): string => readFileSync(logFileIn(dataDir), 'utf8');

function settingsOf(
  options: GatewayOptions,
  place: { readonly port: number; readonly bankPort: number },
): Readonly<Record<string, string>> {
  return {
    PORT: String(place.port),
    BANK_SIMULATOR_PORT: String(place.bankPort),
    BANK_SIMULATOR_MIN_DELAY: String(options.bankDelay.min),
    BANK_SIMULATOR_MAX_DELAY: String(options.bankDelay.max),
    BANK_SIMULATOR_SUCCESS_RATE: '1',
  };
}

const commonSettings: Readonly<Record<string, string>> = {
  LOG_LEVEL: 'warn',
  LOG_FORMAT: 'json',
  JWT_SECRET_KEY: jwtSecret,
  RATE_LIMIT_GLOBAL_PER_MINUTE: unreachedLimit,
  RATE_LIMIT_BALANCE_PER_MINUTE: unreachedLimit,
  RATE_LIMIT_TRANSACTIONS_PER_MINUTE: unreachedLimit,
  // Only the demo users have passwords here.
  PASSWORD_BCRYPT_COST: '4',
  SHUTDOWN_DEADLINE_SECONDS: '5',
};

function isReady(message: unknown): true | null {
  const isObject = typeof message === 'object' && message !== null && 'kind' in message;
  return isObject && message.kind === 'ready' ? true : null;
}

/** A gateway that was killed leaves its children to the next start; here nobody will start it. */
async function endLeftovers(dataDir: string): Promise<void> {
  const pidFile = join(dataDir, 'run', 'simulator.pid');
  const pid = readPid(pidFile);
  if (pid !== null) sendSignal(pid, 'SIGTERM');
  await findEmbeddedServer(dataDir)?.stop();
}

/**
 * The pid file goes when the simulator ends in order, so one that is there names a live process.
 */
function readPid(path: string): number | null {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
