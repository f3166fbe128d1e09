import { readFileSync } from 'node:fs';
import { startRabbit } from '../test/support/rabbitmq.ts';
import { startRedis } from '../test/support/redis.ts';

/** One server for a whole run, for the tests that can share it by a prefix of their own. */
interface SharedServer {
  readonly name: string;
  /** What a test file names when it uses the server. */
  readonly word: string;
  /** Where the tests look for it; set already, it is used and not started. */
  readonly variable: string;
  readonly start: () => Promise<{ readonly url: string; readonly stop: () => Promise<void> }>;
}

const sharedServers: readonly SharedServer[] = [
  { name: 'redis', word: 'sharedRedis', variable: 'TEST_REDIS_URL', start: startRedis },
  { name: 'rabbitmq', word: 'sharedRabbit', variable: 'TEST_AMQP_URL', start: startRabbit },
];

export interface StartedServers {
  readonly names: readonly string[];
  /** For the processes that run the test files. */
  readonly env: Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
}

/** Those that these test files use. */
export async function startSharedServers(files: readonly string[]): Promise<StartedServers> {
  const texts = files.map((file) => readFileSync(file, 'utf8'));
  const wanted = sharedServers.filter(
    ({ word, variable }) =>
      (process.env[variable] ?? '') === '' && texts.some((text) => text.includes(word)),
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
