import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { present } from '../src/assert.ts';
import { findEmbeddedServer } from '../src/db/embedded.ts';
import { takeFreePort } from '../src/runtime/ports.ts';
import { sendSignal } from '../src/runtime/processes.ts';
import { askBank } from './bank.ts';
import { startChild } from './child.ts';
import type { Closing } from './closing.ts';

/** The real gateway, started as a user starts it, on a data folder of its own below .bench/. */
export interface BenchGateway {
  readonly port: number;
  readonly bankPort: number;
  readonly pid: number;
  readonly postgresPid: number;
  readonly bankPid: number;
  readonly url: (role: 'app' | 'owner', database?: string) => string;
  /** What it wrote: warnings and errors only. */
  readonly log: () => string;
  readonly stop: () => Promise<void>;
}

export interface GatewayOptions {
  readonly closing: Closing;
  /** Seconds; 0 and 0 is a bank without delay. */
  readonly bankDelay: { readonly min: number; readonly max: number };
  readonly nodeArgs?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export const jwtSecret = 'benchmark-only-secret-of-thirty-two-characters';

/** Never reached, so that the limiter works for each request and refuses none. */
const unreachedLimit = '1000000000';

const root = fileURLToPath(new URL('..', import.meta.url));
let folders = 0;

export async function startBenchGateway(options: GatewayOptions): Promise<BenchGateway> {
  folders += 1;
  const dataDir = join(root, '.bench', `run-${process.pid}-${folders}`);
  mkdirSync(dataDir, { recursive: true });
  const { closing } = options;
  closing.add('data folder', async () => rmSync(dataDir, { recursive: true, force: true }));
  closing.add('what a killed gateway leaves', () => endLeftovers(dataDir));
  const port = await takeFreePort();
  const bankPort = await takeFreePort();
  const logFile = join(dataDir, 'bench.log');
  const log = openSync(logFile, 'a');
  const child = startChild({
    program: '../bin/tollgate.js',
    name: 'gateway',
    closing,
    args: ['gateway'],
    nodeArgs: options.nodeArgs ?? [],
    // Not the checkout's folder: its .env is somebody's own.
    cwd: dataDir,
    env: { ...settingsOf(options, { dataDir, port, bankPort }), ...options.env },
    stdio: ['ignore', log, log, 'ipc'],
    stopDeadlineMs: 60_000,
  });
  closeSync(log);
  await child.receive(isReady).catch((error: unknown) => {
    throw new Error(`the gateway did not start: ${readFileSync(logFile, 'utf8')}`, {
      cause: error,
    });
  });
  const server = present(findEmbeddedServer(dataDir), 'a ready gateway has its database');
  const { pid: bankPid } = await askBank(bankPort, '/health');
  return {
    port,
    bankPort,
    pid: child.pid,
    postgresPid: server.pid,
    bankPid: Number(bankPid),
    url: server.url,
    log: () => readFileSync(logFile, 'utf8'),
    stop: () => child.stop(),
  };
}

function settingsOf(
  options: GatewayOptions,
  place: { readonly dataDir: string; readonly port: number; readonly bankPort: number },
): Readonly<Record<string, string>> {
  return {
    DATA_DIR: place.dataDir,
    PORT: String(place.port),
    BANK_SIMULATOR_PORT: String(place.bankPort),
    BANK_SIMULATOR_MIN_DELAY: String(options.bankDelay.min),
    BANK_SIMULATOR_MAX_DELAY: String(options.bankDelay.max),
    BANK_SIMULATOR_SUCCESS_RATE: '1',
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
}

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
