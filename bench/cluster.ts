import { startEmbeddedServer } from '../src/db/embedded.ts';
import { migrate } from '../src/db/migrate.ts';
import { takeFreePort } from '../src/runtime/ports.ts';
import { openLog } from '../src/telemetry/log.ts';
import { killBelow, watchBelow } from '../test/support/process-tree.ts';
import { startRabbit } from '../test/support/rabbitmq.ts';
import { startRedis } from '../test/support/redis.ts';
import { startBank } from './bank.ts';
import type { Child } from './child.ts';
import {
  type BenchGateway,
  type GatewayOptions,
  makeRunFolder,
  readLog,
  startTollgate,
} from './gateway.ts';

/** Distributed mode: an API and some workers on a PostgreSQL, a RabbitMQ and a Redis of our own. */
export interface BenchCluster extends BenchGateway {
  /** Starts those that are missing, stops those that are too many. */
  readonly setWorkers: (count: number) => Promise<void>;
}

/** With one worker. */
export async function startBenchCluster(options: GatewayOptions): Promise<BenchCluster> {
  const { closing, nodeArgs = [] } = options;
  const dataDir = makeRunFolder(closing);
  const watchdog = watchBelow(dataDir);
  closing.add('what a killed process leaves', async () => {
    await killBelow(dataDir);
    watchdog.kill('SIGKILL');
  });
  const servers = await startServers(options, dataDir);
  const { postgres, bank } = servers;
  const port = await takeFreePort();
  const env = { ...servers.env, ...options.env, PORT: String(port) };
  const start = (role: 'api' | 'worker'): Promise<Child> =>
    startTollgate({ role, closing, dataDir, nodeArgs, env });
  const api = await start('api');
  const workers: Child[] = [];
  const setWorkers = async (count: number): Promise<void> => {
    while (workers.length < count) workers.push(await start('worker'));
    await Promise.all(workers.splice(count).map((worker) => worker.stop()));
  };
  await setWorkers(1);
  return {
    port,
    bankPort: bank.port,
    pid: api.pid,
    bankPid: bank.pid,
    postgresPid: postgres.pid,
    beside: () => ({ ...servers.pids, workers: workers.map(({ pid }) => pid) }),
    url: postgres.url,
    log: () => readLog(dataDir),
    setWorkers,
  };
}

async function startServers({ closing, bankDelay }: GatewayOptions, dataDir: string) {
  const log = openLog({ level: 'warn', format: 'json', process: 'bench' });
  const postgres = await startEmbeddedServer({
    ...{ dataDir, port: 0, log },
    // Five processes of ours and pgbench.
    settings: { max_connections: '300' },
  });
  closing.add('PostgreSQL', postgres.stop);
  await migrate({ ownerUrl: postgres.url('owner'), log });
  const bank = await startBank(closing, dataDir, bankDelay);
  const rabbit = await startRabbit();
  closing.add('RabbitMQ', rabbit.stop);
  const redis = await startRedis();
  closing.add('Redis', redis.stop);
  const about = String(await redis.command('INFO', 'server'));
  return {
    postgres,
    bank,
    pids: {
      broker: rabbit.pids().filter((pid) => pid !== null),
      redis: [Number(/^process_id:(\d+)/m.exec(about)?.[1])],
    },
    env: {
      DATABASE: 'external',
      DATABASE_URL: postgres.url('app'),
      DATABASE_OWNER_URL: postgres.url('owner'),
      QUEUE: 'rabbitmq',
      AMQP_URL: rabbit.url,
      COORDINATION: 'redis',
      REDIS_URL: redis.url,
      BANK_URL: `http://127.0.0.1:${bank.port}`,
    },
  };
}
