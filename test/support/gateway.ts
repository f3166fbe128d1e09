import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Home, type LogLine, openHome, type Settings, takePort } from './gateway-home.ts';
import { type Outside, type OutsideOptions, openOutside } from './gateway-outside.ts';
import { type Ended, type GatewayProcess, refuseProcess, startProcess } from './gateway-process.ts';
import { parseLogLines } from './log-lines.ts';
import { type TestMode, testMode, testModes } from './test-mode.ts';

export type { LogLine, Settings } from './gateway-home.ts';
export type { Ended } from './gateway-process.ts';

/**
 * A real gateway in processes of its own, with a data folder and ports that nobody else has: one
 * process, or an API and two workers on RabbitMQ and Redis (see test-mode.ts). They are gone when
 * the test is over, with everything that they started; a failed test keeps its data.
 */
export interface TestGateway {
  /** The same through every restart. */
  readonly url: string;
  readonly dataDir: string;
  readonly ownerUrl: string;
  readonly simulatorUrl: string;
  /** Of the process that serves the API. */
  readonly pid: () => number;
  /** The log lines of all its processes and of all their lives. */
  readonly log: () => readonly LogLine[];
  readonly simulatorLog: () => readonly LogLine[];
  /** How it ended: by itself, by a kill point, by a signal; of several, who ended worst. */
  readonly ended: () => Promise<Ended>;
  /** All of its processes at once. */
  readonly kill9: () => Promise<void>;
  /** SIGTERM to all of them, and waits for the orderly end of the last. */
  readonly stop: () => Promise<Ended>;
  /** Another life on the same data and ports; `env` is for that life only. */
  readonly restart: (env?: Settings) => Promise<void>;
}

export interface TestGatewayOptions extends OutsideOptions {
  /** Not TEST_MODE's: what is tested belongs to this mode. */
  readonly mode?: TestMode;
  /** Of each of its processes: `ulimit -n`. */
  readonly openFilesMax?: number;
}

export async function startTestGateway(
  t: TestContext,
  options: TestGatewayOptions = {},
): Promise<TestGateway> {
  const mode = options.mode ?? testModes[testMode()];
  const home = openHome(t);
  const outside = await openOutside(home, mode, options);
  const port = await takePort();
  await outside.start();
  const processes = await Promise.all(
    mode.roles.map((role, index) => {
      const name = role === 'all' ? 'gateway' : `${role}-${index}`;
      const env = { ...outside.env, PORT: String(port), ...options.env };
      const { openFilesMax } = options;
      const limit = openFilesMax === undefined ? {} : { openFilesMax };
      return startProcess({ home, name, role, env, ...limit });
    }),
  );
  return describe(home, outside, { url: `http://127.0.0.1:${port}`, processes });
}

interface Served {
  readonly url: string;
  /** The first one serves the API. */
  readonly processes: readonly GatewayProcess[];
}

function describe(home: Home, outside: Outside, { url, processes }: Served): TestGateway {
  const all = <T>(work: (one: GatewayProcess) => Promise<T>): Promise<T[]> =>
    Promise.all(processes.map(work));
  return {
    url,
    dataDir: home.dataDir,
    get ownerUrl() {
      return outside.ownerUrl();
    },
    simulatorUrl: outside.simulatorUrl,
    pid: () => processes[0]?.pid() ?? 0,
    log: home.log,
    simulatorLog: () => parseLogLines(join(home.dataDir, 'logs', 'simulator.log')),
    ended: async () => worstOf(await all((one) => one.ended())),
    kill9: async () => {
      await all((one) => one.kill9());
    },
    stop: async () => {
      const ended = worstOf(await all((one) => one.stop()));
      await outside.stop();
      return ended;
    },
    restart: async (env) => {
      await all((one) => one.ended());
      await outside.start();
      await all((one) => one.restart(env));
    },
  };
}

function worstOf(ends: readonly Ended[]): Ended {
  return ends.find(({ code }) => code !== 0) ?? { code: 0, signal: null };
}

/** A start that is expected to fail. */
export interface RefusedStart {
  readonly ended: Ended;
  /** What it said, log lines left out. */
  readonly said: string;
}

/**
 * Starts an embedded gateway in a new data folder, or on that of another one, and waits for its
 * refusal.
 */
export async function startRefused(
  t: TestContext,
  env: Settings,
  beside?: TestGateway,
): Promise<RefusedStart> {
  const home = openHome(t);
  const outside = await openOutside(home, testModes.embedded, { database: 'embedded', env });
  const dataDir = beside === undefined ? home.dataDir : beside.dataDir;
  const settings = { PORT: String(await takePort()), ...outside.env, DATA_DIR: dataDir };
  return refuseProcess({ home, name: 'gateway', role: 'all', env: settings });
}
