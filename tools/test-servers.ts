import { readFileSync } from 'node:fs';
import { startRabbit } from '../test/support/rabbitmq.ts';
import { startRedis } from '../test/support/redis.ts';
import { type TestMode, testModes } from '../test/support/test-mode.ts';
import type { TestGroup } from './test-files.ts';

/** One server for a whole run, for the tests that can share it by a prefix of their own. */
interface SharedServer {
  readonly name: string;
  /** What a test file names when it uses the server. */
  readonly words: readonly string[];
  /** Whether gateways of this mode use it, whatever the file names. */
  readonly isOf: (mode: TestMode) => boolean;
  /** Where the tests look for it; set already, it is used and not started. */
  readonly variable: string;
  readonly start: () => Promise<{ readonly url: string; readonly stop: () => Promise<void> }>;
}

const sharedServers: readonly SharedServer[] = [
  {
    name: 'redis',
    words: ['sharedRedis', 'startCluster'],
    isOf: (mode) => mode.coordination === 'redis',
    variable: 'TEST_REDIS_URL',
    start: startRedis,
  },
  {
    name: 'rabbitmq',
    words: ['sharedRabbit', 'startCluster'],
    isOf: (mode) => mode.queue === 'rabbitmq',
    variable: 'TEST_AMQP_URL',
    start: startRabbit,
  },
];

export interface StartedServers {
  readonly names: readonly string[];
  /** For the processes that run the test files. */
  readonly env: Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
}

/** Those that these test files use, in the modes of their groups. */
export async function startSharedServers(groups: readonly TestGroup[]): Promise<StartedServers> {
  const texts = groups.flatMap(({ files }) => files).map((file) => readFileSync(file, 'utf8'));
  const modes = groups.filter(({ files }) => files.length > 0).map(({ mode }) => testModes[mode]);
  const wanted = sharedServers.filter(
    ({ words, isOf, variable }) =>
      (process.env[variable] ?? '') === '' &&
      (modes.some(isOf) || texts.some((text) => words.some((word) => text.includes(word)))),
  );
  const results = await Promise.allSettled(wanted.map(({ start }) => start()));
  const started = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.stop()));
  };
  const failed = results.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  return {
    names: wanted.map(({ name }) => name),
    env: Object.fromEntries(wanted.map(({ variable }, i) => [variable, started[i]?.url ?? ''])),
    stop,
  };
}
