import { startEmbeddedServer } from '../src/db/embedded.ts';
import { migrate } from '../src/db/migrate.ts';
import { takeFreePort } from '../src/runtime/ports.ts';
import { openLog } from '../src/telemetry/log.ts';
import { killBelow, watchBelow } from '../test/support/process-tree.ts';
import { startRabbit } from '../test/support/rabbitmq.ts';
import { startRedis } from '../test/support/redis.ts';
import { startBank } from './bank.ts';
import type { Child } from './child.ts';
import type { Closing } from './closing.ts';
import { makeRunFolder, readLog, startTollgate } from './gateway.ts';
import { gatewayCounts, type System } from './measure.ts';
import type { Books } from './money.ts';

/** Distributed mode: an API and some workers on a PostgreSQL, a RabbitMQ and a Redis of our own. */
export interface BenchCluster extends Books {
  /** With the workers of this moment. */
  readonly system: () => System;
  /** Starts those that are missing, stops those that are too many. */
  readonly setWorkers: (count: number) => Promise<void>;
}

export async function startBenchCluster(closing: Closing): Promise<BenchCluster> {
  const dataDir = makeRunFolder(closing);
  const watchdog = watchBelow(dataDir);
  closing.add('what a killed process leaves', async () => {
    await killBelow(dataDir);
    watchdog.kill('SIGKILL');
  });
  const servers = await startServers(closing, dataDir);
  const { postgres, bank } = servers;
  const port = await takeFreePort();
  const env = { ...servers.env, PORT: String(port) };
  const api = await startTollgate({ role: 'api', closing, dataDir, env });
  const workers: Child[] = [];
  return {
    bankPort: bank.port,
    url: postgres.url,
    log: () => readLog(dataDir),
    system: () => ({
      ...gatewayCounts,
      port,
      bankPort: bank.port,
      pid: api.pid,
      bankPid: bank.pid,
      postgresPid: postgres.pid,
      ownerUrl: postgres.url('owner'),
      beside: { ...servers.pids, workers: workers.map(({ pid }) => pid) },
    }),
    setWorkers: async (count) => {
      while (workers.length < count)
        workers.push(await startTollgate({ role: 'worker', closing, dataDir, env: servers.env }));
      await Promise.all(workers.splice(count).map((worker) => worker.stop()));
    },
  };
}

async function startServers(closing: Closing, dataDir: string) {
  const log = openLog({ level: 'warn', format: 'json', process: 'bench' });
  const postgres = await startEmbeddedServer({
    ...{ dataDir, port: 0, log },
    // Five processes of ours and pgbench.
    settings: { max_connections: '300' },
  });
  closing.add('PostgreSQL', postgres.stop);
  await migrate({ ownerUrl: postgres.url('owner'), log });
  const bank = await startBank(closing, dataDir);
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
