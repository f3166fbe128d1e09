import type { TestContext } from 'node:test';
import { type Home, type LogLine, openHome, type Settings, takePort } from './gateway-home.ts';
import { type Outside, type OutsideOptions, openOutside } from './gateway-outside.ts';
import { type GatewayProcess, startProcess } from './gateway-process.ts';
import { testModes } from './test-mode.ts';

/**
 * Several APIs and workers, each a real process that a test can freeze, kill and start alone, on
 * real RabbitMQ, Redis and PostgreSQL. Gone when the test is over; a failed test keeps its data.
 */
export interface TestCluster {
  /** Of the APIs. */
  readonly urls: readonly [string, ...string[]];
  readonly apis: readonly GatewayProcess[];
  readonly workers: readonly GatewayProcess[];
  readonly ownerUrl: string;
  readonly simulatorUrl: string;
  /** Begins the names of its exchanges, queues and keys. */
  readonly prefix: string;
  readonly log: () => readonly LogLine[];
  /** One more, or one with settings of its own. */
  readonly addWorker: (env?: Settings) => Promise<GatewayProcess>;
}

export interface ClusterOptions extends Omit<OutsideOptions, 'database'> {
  readonly apis?: number;
  readonly workers?: number;
}

export async function startCluster(
  t: TestContext,
  options: ClusterOptions = {},
): Promise<TestCluster> {
  const { apis: apiCount = 1, workers: workerCount = 2 } = options;
  const home = openHome(t);
  const outside = await openOutside(home, testModes.distributed, options);
  await outside.start();
  const ports: [number, ...number[]] = [await takePort()];
  while (ports.length < apiCount) ports.push(await takePort());
  const apis = ports.map((port, index) => startApi(home, outside, { port, index }));
  const workers = Array.from({ length: workerCount }, (_, index) =>
    startWorker(home, outside, { index }),
  );
  const started = { apis: await Promise.all(apis), workers: await Promise.all(workers) };
  const [first, ...others] = ports;
  return {
    ...started,
    urls: [urlOf(first), ...others.map(urlOf)],
    ownerUrl: outside.ownerUrl(),
    simulatorUrl: outside.simulatorUrl,
    prefix: outside.prefix,
    log: home.log,
    addWorker: async (env = {}) => {
      const worker = await startWorker(home, outside, { index: started.workers.length, env });
      started.workers.push(worker);
      return worker;
    },
  };
}

const urlOf = (port: number): string => `http://127.0.0.1:${port}`;

function startApi(
  home: Home,
  outside: Outside,
  { port, index }: { readonly port: number; readonly index: number },
): Promise<GatewayProcess> {
  const env = { ...outside.env, PORT: String(port) };
  return startProcess({ home, name: `api-${index + 1}`, role: 'api', env });
}

function startWorker(
  home: Home,
  outside: Outside,
  { index, env = {} }: { readonly index: number; readonly env?: Settings },
): Promise<GatewayProcess> {
  const name = `worker-${index + 1}`;
  return startProcess({ home, name, role: 'worker', env: { ...outside.env, ...env } });
}
