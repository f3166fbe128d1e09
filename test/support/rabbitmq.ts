import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Connection } from 'rabbitmq-client';
import { waitForEnd } from '../../src/runtime/processes.ts';
import { installPackages } from './debian-packages.ts';
import { killBelow, watchBelow } from './process-tree.ts';
import { until } from './wait.ts';

/** A RabbitMQ of a test's own: private ports, private data, gone when the test is. */
export interface TestRabbit {
  /** Of the first node. */
  readonly url: string;
  readonly urls: readonly string[];
  /** Of the nodes that run, in their order; null for one that does not. */
  readonly pids: () => readonly (number | null)[];
  /** As a crash: nothing is said, nothing is written. */
  readonly kill9: (node?: number) => Promise<void>;
  /** Starts a killed node again, on its data and its port. */
  readonly restart: (node?: number) => Promise<void>;
  /** @returns what it printed. */
  readonly rabbitmqctl: (args: readonly string[], node?: number) => Promise<string>;
  readonly stop: () => Promise<void>;
}

/** One node is ready after 7 s, three after 15 to 20. */
export async function startRabbit(options: { readonly nodes?: 1 | 3 } = {}): Promise<TestRabbit> {
  const scripts = findScripts();
  const folder = mkdtempSync(join(testFolder(), 'rabbitmq-'));
  const watchdog = watchBelow(folder);
  const cluster = await planCluster({ folder, scripts, count: options.nodes ?? 1 });
  const end = async (): Promise<void> => {
    await killBelow(folder);
    watchdog.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const epmd = spawn(findEpmd(), ['-port', String(cluster.epmdPort), '-address', '127.0.0.1'], {
      cwd: folder,
      stdio: 'ignore',
    });
    epmd.unref();
    await until(() => canConnect(cluster.epmdPort), { what: 'epmd to listen', deadlineMs: 5_000 });
    await Promise.all(cluster.nodes.map((node) => startNode(node)));
  } catch (error) {
    await end();
    throw error;
  }
  return {
    url: cluster.nodes[0].url,
    urls: cluster.nodes.map((node) => node.url),
    pids: () => cluster.nodes.map((node) => node.child?.pid ?? null),
    kill9: (index = 0) => killNode(nodeOf(cluster, index)),
    restart: (index = 0) => startNode(nodeOf(cluster, index)),
    rabbitmqctl: (args, index = 0) => control(nodeOf(cluster, index), args),
    stop: end,
  };
}

/**
 * The broker of the whole test run (tools/test.ts starts it where a test file names this function),
 * or one of this file's own when it runs alone. Tests on it take a prefix of their own.
 */
export async function sharedRabbit(): Promise<{
  readonly url: string;
  readonly stop: () => Promise<void>;
}> {
  const url = process.env['TEST_AMQP_URL'] ?? '';
  return url === '' ? startRabbit() : { url, stop: async () => {} };
}

interface Node {
  readonly name: string;
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  readonly scripts: string;
  readonly env: Readonly<Record<string, string>>;
  child: ChildProcess | null;
}

interface Cluster {
  readonly epmdPort: number;
  readonly nodes: readonly [Node, ...Node[]];
}

interface Plan {
  readonly folder: string;
  readonly scripts: string;
  readonly count: number;
}

async function planCluster({ folder, scripts, count }: Plan): Promise<Cluster> {
  const [epmdPort = 0, ...ports] = await freePorts(1 + 2 * count);
  const names = Array.from({ length: count }, (_, index) => `tollgate${index + 1}@localhost`);
  const config = names.map(
    (name, index) => `cluster_formation.classic_config.nodes.${index + 1} = ${name}`,
  );
  const peers = ['cluster_formation.peer_discovery_backend = classic_config', ...config];
  writeFileSync(join(folder, 'rabbitmq.conf'), count === 1 ? '' : `${peers.join('\n')}\n`);
  const nodes = names.map((name, index): Node => {
    const port = ports[2 * index] ?? 0;
    const home = join(folder, String(index + 1));
    mkdirSync(home);
    // All nodes of a cluster, and whoever controls them, share one secret; it is each one's HOME's.
    writeFileSync(join(home, '.erlang.cookie'), 'tollgatetests', { mode: 0o400 });
    const env = nodeEnv({
      name,
      home,
      folder,
      port,
      distPort: ports[2 * index + 1] ?? 0,
      epmdPort,
    });
    const url = `amqp://guest:guest@127.0.0.1:${port}`;
    return { name, url, port, folder: home, scripts, env, child: null };
  });
  const [first, ...others] = nodes;
  if (first === undefined) throw new Error('a cluster has one node or more');
  return { epmdPort, nodes: [first, ...others] };
}

interface NodePlan {
  readonly name: string;
  readonly home: string;
  readonly folder: string;
  readonly port: number;
  readonly distPort: number;
  readonly epmdPort: number;
}

/** Everything that would otherwise be looked for in /etc, /var or the user's home. */
function nodeEnv({ name, home, folder, port, distPort, epmdPort }: NodePlan) {
  return {
    PATH: process.env['PATH'] ?? '',
    LANG: 'C.UTF-8',
    HOME: home,
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_NODENAME: name,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distPort),
    RABBITMQ_MNESIA_BASE: join(home, 'data'),
    RABBITMQ_LOG_BASE: join(home, 'log'),
    RABBITMQ_LOGS: join(home, 'log', 'node.log'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(home, 'enabled_plugins'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(home, 'advanced.config'),
    RABBITMQ_PID_FILE: join(home, 'pid'),
    // The script becomes the broker, instead of waiting for it: the child's pid is the broker's.
    RUNNING_UNDER_SYSTEMD: 'true',
    // Its threads would spin while they wait, on processors that the tests need.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+sbwt none +sbwtdcpu none +sbwtdio none',
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_CRASH_DUMP: '/dev/null',
  };
}

/** Ready when it answers AMQP: the last thing that a node does when it starts. */
async function startNode(node: Node): Promise<void> {
  const child = spawn(join(node.scripts, 'rabbitmq-server'), [], {
    cwd: node.folder,
    env: node.env,
    stdio: 'ignore',
  });
  child.unref();
  node.child = child;
  child.once('exit', () => {
    if (node.child === child) node.child = null;
  });
  const ready = async (): Promise<boolean> => node.child === null || (await answersAmqp(node.url));
  await until(ready, { what: `${node.name} to answer`, deadlineMs: 60_000, everyMs: 100 });
  if (node.child === null)
    throw new Error(`${node.name} did not start (exit code ${child.exitCode})`);
}

async function killNode(node: Node): Promise<void> {
  const { child } = node;
  if (child?.pid === undefined) throw new Error(`${node.name} is not running`);
  child.kill('SIGKILL');
  if (!(await waitForEnd([child.pid], 5_000))) throw new Error(`${node.name} survived`);
}

async function control(node: Node, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(
    join(node.scripts, 'rabbitmqctl'),
    ['-n', node.name, '--quiet', ...args],
    { cwd: node.folder, env: node.env, timeout: 30_000 },
  );
  return stdout;
}

async function answersAmqp(url: string): Promise<boolean> {
  const connection = new Connection({ url, connectionTimeout: 2_000, retryHigh: 60_000 });
  connection.on('error', () => {});
  try {
    await connection.onConnect(2_000);
    return true;
  } catch {
    return false;
  } finally {
    connection.unsafeDestroy();
  }
}

async function canConnect(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } finally {
    socket.destroy();
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

function nodeOf(cluster: Cluster, index: number): Node {
  const node = cluster.nodes[index];
  if (node === undefined) throw new Error(`the cluster has no node ${index}`);
  return node;
}

function testFolder(): string {
  const folder = fileURLToPath(new URL('../../.test', import.meta.url));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/**
 * Debian's own /usr/sbin/rabbitmq-server insists on its user and on /var/lib: the scripts below it
 * do not, and run as anybody, root or not.
 */
const scriptFolders = [
  '/usr/lib/rabbitmq/bin',
  '/opt/rabbitmq/sbin',
  '/opt/homebrew/opt/rabbitmq/sbin',
  '/usr/local/opt/rabbitmq/sbin',
];

function findScripts(): string {
  const find = (): string | undefined =>
    scriptFolders.find((folder) => existsSync(join(folder, 'rabbitmq-server')));
  const found = find() ?? (installPackages(['rabbitmq-server']) ? find() : undefined);
  if (found !== undefined) return found;
  throw new Error(
    'these tests start a RabbitMQ of their own, and there is none: install the package rabbitmq-server\n' +
      '(as root on Debian they do it themselves), or set TEST_AMQP_URL to a broker for those that share one',
  );
}

/** Started here and not by the broker, which would leave it behind as a daemon. */
function findEpmd(): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/lib/erlang/bin'];
  const folder = folders.find((each) => existsSync(join(each, 'epmd')));
  if (folder === undefined) throw new Error('epmd, which comes with Erlang, is not in the PATH');
  return join(folder, 'epmd');
}
