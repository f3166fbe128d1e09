import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A simulated bank of a test's own: a free port, a ledger in a folder that goes with it. */
export interface TestSimulator {
  readonly url: string;
  readonly port: number;
  readonly dataFile: string;
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
  /** Kills it and starts another on the same ledger (another port). */
  readonly restart: (signal: NodeJS.Signals) => Promise<TestSimulator>;
  readonly stop: () => Promise<void>;
}

/** Without delay and without failures unless `env` says otherwise. */
export async function startTestSimulator(
  env: Readonly<Record<string, string>> = {},
  folder = mkdtempSync(join(tmpdir(), 'tollgate-bank-')),
): Promise<TestSimulator> {
  const dataFile = join(folder, 'bank.sqlite');
  const child = fork(new URL('../../simulator/main.ts', import.meta.url), {
    env: {
      BANK_SIMULATOR_PORT: '0',
      BANK_SIMULATOR_MIN_DELAY: '0',
      BANK_SIMULATOR_MAX_DELAY: '0',
      BANK_SIMULATOR_SUCCESS_RATE: '1',
      LOG_LEVEL: 'fatal',
      ...env,
      BANK_SIMULATOR_DATA: dataFile,
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const port = await listeningPort(child, exited);
  // The channel has said what it was for; it would keep this process alive.
  child.disconnect();
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await exited;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    dataFile,
    child,
    exited,
    restart: async (signal) => {
      await end(signal);
      return startTestSimulator(env, folder);
    },
    stop: async () => {
      await end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listeningPort(child: ChildProcess, exited: Promise<unknown>): Promise<number> {
  const message: unknown = await Promise.race([
    once(child, 'message').then(([first]: unknown[]) => first),
    exited.then(() => null),
  ]);
  if (typeof message !== 'object' || message === null || !('port' in message))
    throw new Error(`the simulated bank did not start: exit code ${child.exitCode}`);
  return Number(message.port);
}
