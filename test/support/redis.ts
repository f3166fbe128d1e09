import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { waitForEnd } from '../../src/runtime/processes.ts';
import { installPackages } from './debian-packages.ts';
import { killBelow, watchBelow } from './process-tree.ts';
import { until } from './wait.ts';

/** One redis-server of a test's own: private port, private folder, gone when the test is. */
export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** SIGSTOP is a server that hangs, SIGCONT wakes it. */
  readonly signal: (name: 'SIGSTOP' | 'SIGCONT') => void;
  /** As a crash: nothing is said, nothing is written. */
  readonly kill9: () => Promise<void>;
  /** Starts a killed server again on its port, empty. */
  readonly restart: () => Promise<void>;
  /** One command on a connection of its own: what the test does to the server. */
  readonly command: (name: string, ...args: readonly (string | number)[]) => Promise<unknown>;
}

export interface StartedRedis extends TestRedis {
  readonly stop: () => Promise<void>;
}

/** A server alone is ready after 0.1 s. */
export async function startRedis(): Promise<StartedRedis> {
  const fleet = await openFleet(1);
  try {
    const [server] = await Promise.all(fleet.ports.map((port) => fleet.start({ port })));
    if (server === undefined) throw new Error('a fleet of one has a server');
    return { ...server, stop: fleet.stop };
  } catch (error) {
    await fleet.stop();
    throw error;
  }
}

/**
 * The server of the whole test run (tools/test.ts starts it where a test file names this function),
 * or one of this file's own when it runs alone, and a prefix that nobody else there has.
 */
export async function sharedRedis(): Promise<{
  readonly url: string;
  readonly prefix: string;
  readonly stop: () => Promise<void>;
}> {
  const prefix = `test-${randomBytes(6).toString('hex')}`;
  const url = process.env['TEST_REDIS_URL'] ?? '';
  if (url !== '') return { url, prefix, stop: async () => {} };
  const server = await startRedis();
  return { url: server.url, prefix, stop: server.stop };
}

export interface TestSentinel {
  /** redis+sentinel://… */
  readonly url: string;
  readonly master: TestRedis;
  readonly replica: TestRedis;
  readonly stop: () => Promise<void>;
}

/** A master, its replica and three sentinels that agree after a second; ready after about 12 s. */
export async function startRedisSentinel(): Promise<TestSentinel> {
  const fleet = await openFleet(5);
  try {
    const [masterPort = 0, replicaPort = 0, ...sentinelPorts] = fleet.ports;
    const master = await fleet.start({ port: masterPort });
    const replica = await fleet.start({
      port: replicaPort,
      settings: [`replicaof 127.0.0.1 ${masterPort}`],
    });
    await until(async () => String(await replica.command('ROLE')).includes('connected'), {
      what: 'the replica to follow its master',
    });
    const settings = [
      `sentinel monitor tollgate 127.0.0.1 ${masterPort} 2`,
      'sentinel down-after-milliseconds tollgate 1000',
      'sentinel failover-timeout tollgate 5000',
    ];
    const sentinels = await Promise.all(
      sentinelPorts.map((port) => fleet.start({ port, settings, isSentinel: true })),
    );
    for (const sentinel of sentinels) await until(() => knowsAll(sentinel), sentinelWait);
    const hosts = sentinelPorts.map((port) => `127.0.0.1:${port}`).join(',');
    return { url: `redis+sentinel://${hosts}/tollgate`, master, replica, stop: fleet.stop };
  } catch (error) {
    await fleet.stop();
    throw error;
  }
}

/** They ask their master for its replicas every ten seconds. */
const sentinelWait = { what: 'the sentinels to know all', deadlineMs: 30_000, everyMs: 100 };

async function knowsAll(sentinel: TestRedis): Promise<boolean> {
  const about = await sentinel.command('SENTINEL', 'MASTER', 'tollgate');
  const fields = Array.isArray(about) ? about.map(String) : [];
  const count = (name: string): string | undefined => fields[fields.indexOf(name) + 1];
  return count('num-slaves') === '1' && count('num-other-sentinels') === '2';
}

export interface TestRedisCluster {
  /** redis+cluster://… */
  readonly url: string;
  /** Three masters, each with a third of the slots, and then a replica of each. */
  readonly nodes: readonly TestRedis[];
  /** The master that has the slot of this key. */
  readonly masterOf: (key: string) => Promise<TestRedis>;
  readonly stop: () => Promise<void>;
}

const mastersOfCluster = 3;

/** Six nodes; ready after about 5 s. A dead master is replaced after 1.5 s and an election. */
export async function startRedisCluster(): Promise<TestRedisCluster> {
  const fleet = await openFleet(4 * mastersOfCluster);
  try {
    const half = 2 * mastersOfCluster;
    const nodes = await Promise.all(
      fleet.ports.slice(0, half).map((port, i) => {
        // Said because the default, port + 10000, may be no port at all.
        const bus = `cluster-port ${fleet.ports[half + i]}`;
        const settings = ['cluster-enabled yes', bus, 'cluster-node-timeout 1500'];
        return fleet.start({ port, settings });
      }),
    );
    await joinNodes(nodes, fleet.ports.slice(half));
    const url = `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
    return { url, nodes, masterOf: (key) => masterOf(nodes, key), stop: fleet.stop };
  } catch (error) {
    await fleet.stop();
    throw error;
  }
}

async function joinNodes(nodes: readonly TestRedis[], busPorts: readonly number[]): Promise<void> {
  const [first, ...others] = nodes;
  if (first === undefined) throw new Error('a cluster has nodes');
  for (const [i, other] of others.entries())
    await first.command('CLUSTER', 'MEET', '127.0.0.1', other.port, busPorts[i + 1] ?? 0);
  const masters = nodes.slice(0, mastersOfCluster);
  const slots = 16_384;
  for (const [i, master] of masters.entries()) {
    const from = Math.floor((i * slots) / mastersOfCluster);
    const to = Math.floor(((i + 1) * slots) / mastersOfCluster) - 1;
    await master.command('CLUSTER', 'ADDSLOTSRANGE', from, to);
  }
  for (const [i, replica] of nodes.slice(mastersOfCluster).entries()) {
    const id = await masters[i]?.command('CLUSTER', 'MYID');
    await until(async () => (await replica.command('CLUSTER', 'REPLICATE', String(id))) === 'OK', {
      what: 'a replica to know its master',
    });
  }
  for (const node of nodes)
    await until(() => isWhole(node, nodes.length), {
      what: 'every node to know the whole cluster',
      deadlineMs: 30_000,
    });
}

async function isWhole(node: TestRedis, size: number): Promise<boolean> {
  const info = String(await node.command('CLUSTER', 'INFO'));
  const list = String(await node.command('CLUSTER', 'NODES'));
  const replicas = list.match(/ (?:myself,)?slave /g)?.length ?? 0;
  const isJoined = info.includes('cluster_state:ok') && info.includes(`known_nodes:${size}`);
  return isJoined && replicas === size - mastersOfCluster;
}

async function masterOf(nodes: readonly TestRedis[], key: string): Promise<TestRedis> {
  for (const node of nodes) {
    try {
      await node.command('SET', `${key}:probe`, 1, 'PX', 1);
      return node;
    } catch (error) {
      if (!(error instanceof Error && /^(MOVED|READONLY)/.test(error.message))) throw error;
    }
  }
  throw new Error(`no node has ${key}`);
}

interface ServerPlan {
  readonly port: number;
  readonly settings?: readonly string[];
  readonly isSentinel?: boolean;
}

interface Fleet {
  readonly ports: readonly number[];
  readonly start: (plan: ServerPlan) => Promise<TestRedis>;
  readonly stop: () => Promise<void>;
}

/** Servers in one folder, which ends them all; also when the test is killed. */
async function openFleet(portCount: number): Promise<Fleet> {
  const program = findServer();
  const folder = mkdtempSync(join(testFolder(), 'redis-'));
  const watchdog = watchBelow(folder);
  return {
    ports: await freePorts(portCount),
    start: (plan) => startServer(program, join(folder, String(plan.port)), plan),
    stop: async () => {
      await killBelow(folder);
      watchdog.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startServer(program: string, home: string, plan: ServerPlan): Promise<TestRedis> {
  const { port, settings = [], isSentinel = false } = plan;
  mkdirSync(home);
  const config = join(home, 'redis.conf');
  // A sentinel keeps what it has learned in this file and nothing else.
  const storage = isSentinel ? [] : ['save ""', 'appendonly no', 'repl-diskless-sync-delay 0'];
  const own = [`port ${port}`, 'bind 127.0.0.1', `dir "${home}"`, 'daemonize no', 'logfile log'];
  writeFileSync(config, `${[...own, ...storage, ...settings].join('\n')}\n`);
  const args = isSentinel ? [config, '--sentinel'] : [config];
  let child: ChildProcess;
  const start = async (): Promise<void> => {
    child = spawn(program, args, { cwd: home, stdio: 'ignore' });
    child.unref();
    await until(() => ask(port, 'PING'), { what: `redis-server on port ${port}` });
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    signal: (name) => void child.kill(name),
    kill9: async () => {
      child.kill('SIGKILL');
      if (!(await waitForEnd([child.pid ?? 0], 5000))) throw new Error('redis-server survived');
    },
    restart: start,
    command: (name, ...words) => ask(port, name, ...words),
  };
}

async function ask(
  port: number,
  name: string,
  ...args: readonly (string | number)[]
): Promise<string | unknown[] | number> {
  const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true, retryStrategy: null });
  client.on('error', () => {});
  try {
    await client.connect();
    // Proven by the protocol: a reply is a text, a number or a list of them.
    return (await client.call(name, ...args)) as string | unknown[] | number;
  } finally {
    client.disconnect();
  }
}

/** Free at this moment, all different. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
    return address.port;
  });
  for (const server of servers) server.close();
  return ports;
}

function testFolder(): string {
  const folder = fileURLToPath(new URL('../../.test', import.meta.url));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

function findServer(): string {
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    '/usr/bin',
    '/usr/local/bin',
    '/opt/homebrew/bin',
  ];
  const find = (): string | undefined =>
    folders.map((folder) => join(folder, 'redis-server')).find((path) => existsSync(path));
  const found = find() ?? (installPackages(['redis-server']) ? find() : undefined);
  if (found !== undefined) return found;
  throw new Error(
    'these tests start a Redis of their own, and there is no redis-server: install that package\n' +
      '(as root on Debian they do it themselves), or set TEST_REDIS_URL to a Redis for those that share one',
  );
}
