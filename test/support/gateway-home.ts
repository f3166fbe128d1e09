import { randomBytes, randomInt } from 'node:crypto';
import { globSync, mkdirSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isPortFree } from '../../src/runtime/ports.ts';
import { parseLogLines } from './log-lines.ts';
import { killBelow, watchBelow } from './process-tree.ts';

export type Settings = Readonly<Record<string, string>>;
export type LogLine = Readonly<Record<string, unknown>>;

/**
 * Where a test's processes work and log: a data folder that nobody else has. They are gone when the
 * test is over, with everything that they started; a failed test keeps its data.
 */
export interface Home {
  readonly dataDir: string;
  /** Of all processes, and of all their lives. */
  readonly log: () => readonly LogLine[];
  /** Called when a test has passed and its processes are gone, newest first. */
  readonly cleanUp: (work: () => Promise<unknown>) => void;
}

const testFolder = fileURLToPath(new URL('../../.test', import.meta.url));

export function openHome(t: TestContext): Home {
  const made = join(testFolder, `gateway-${randomBytes(6).toString('hex')}`);
  mkdirSync(made, { recursive: true, mode: 0o700 });
  // The real path: it is what the system says a process works in.
  const dataDir = realpathSync(made);
  const watchdog = watchBelow(dataDir);
  const cleanUps: (() => Promise<unknown>)[] = [];
  const log = (): readonly LogLine[] => globSync(join(dataDir, '*.log')).flatMap(parseLogLines);
  t.after(async () => {
    await killBelow(dataDir);
    watchdog.kill('SIGKILL');
    // A promise that nobody awaited, an error that nobody caught: no test may pass over one.
    const fatal = log().find((line) => line['level'] === 'fatal');
    if ('passed' in t && t.passed === true && fatal === undefined) {
      for (const work of cleanUps.toReversed()) await work();
      rmSync(dataDir, { recursive: true, force: true });
    } else t.diagnostic(`kept: ${dataDir}`);
    if (fatal !== undefined) throw new Error(`the gateway crashed: ${JSON.stringify(fatal)}`);
  });
  return { dataDir, log, cleanUp: (work) => void cleanUps.push(work) };
}

/**
 * Below the ports that the system hands out by itself: while the gateway is dead, a client that
 * tries to reach it could otherwise be given that very port, and reach itself.
 */
export async function takePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 30_000);
    if (await isPortFree(port)) return port;
  }
}

/** Delays short enough for a test, in the same order as the defaults. */
export const quickSettings: Settings = {
  BANK_SIMULATOR_MIN_DELAY: '0.02',
  BANK_SIMULATOR_MAX_DELAY: '0.05',
  BANK_SIMULATOR_SUCCESS_RATE: '1',
  // A bank that a test has killed is tried again within the test.
  BANK_BREAKER_OPEN_SECONDS: '0.5',
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
