import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { type Config, environment, readConfig } from '../config.ts';
import { findEmbeddedServer } from '../db/embedded.ts';
import { listServers, writableServer } from '../db/hosts.ts';
import { bankUrl, readHealth, readOwnSimulator } from './health.ts';
import { apiUrl, isGateway, readInstance } from './instance.ts';
import { formatTable } from './table.ts';

interface Part {
  readonly part: string;
  readonly isUp: boolean;
  readonly pid: number | null;
  readonly address: string;
  readonly health: string;
}

/** `tollgate status`: exit code 0 when every part is up and healthy, 3 when one is not. */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean' } } });
  const config = readConfig(environment());
  const parts = await Promise.all([gateway(config), bank(config), database(config)]);
  if (values.json === true) process.stdout.write(`${JSON.stringify(parts)}\n`);
  else {
    const rows = parts.map((part) => [
      part.part,
      part.isUp ? 'running' : 'down',
      part.pid === null ? '' : String(part.pid),
      part.address,
      part.health,
    ]);
    process.stdout.write(formatTable(['part', 'state', 'process', 'address', 'health'], rows));
  }
  return parts.every((part) => part.isUp) ? 0 : 3;
}

async function gateway(config: Config): Promise<Part> {
  const holder = readInstance(config);
  const isRunning = holder !== null && isGateway(holder);
  const address = (isRunning ? holder.about['url'] : undefined) ?? apiUrl(config);
  const health = isRunning ? await readHealth(address) : null;
  return {
    part: 'gateway',
    isUp: health?.isOk === true,
    pid: isRunning ? holder.pid : null,
    address,
    health: health?.status ?? (isRunning ? 'no answer' : ''),
  };
}

async function bank(config: Config): Promise<Part> {
  const isSimulated = config.BANK_URL === '';
  const address = bankUrl(config);
  const health = isSimulated ? await readOwnSimulator(config) : await readHealth(address);
  return {
    part: isSimulated ? 'bank (simulated)' : 'bank',
    isUp: health?.isOk === true,
    pid: isSimulated ? (health?.pid ?? null) : null,
    address,
    health: health?.status ?? '',
  };
}

async function database(config: Config): Promise<Part> {
  const server = config.DATABASE === 'embedded' ? findEmbeddedServer(config.dataDir) : null;
  const url = config.DATABASE === 'external' ? config.DATABASE_URL : (server?.url('app') ?? null);
  const fault = url === null ? '' : await askDatabase(url);
  return {
    part: `database (${config.DATABASE})`,
    isUp: fault === null,
    pid: server?.pid ?? null,
    address:
      url === null
        ? ''
        : listServers(url)
            .map((one) => new URL(one).host)
            .join(','),
    health: fault ?? 'ok',
  };
}

/** @returns what is wrong, or null. */
async function askDatabase(url: string): Promise<string | null> {
  let client: Client | null = null;
  try {
    client = new Client({
      connectionString: await writableServer(url),
      connectionTimeoutMillis: 3_000,
    });
    client.on('error', () => undefined);
    // The handshake is answered by a backend of its own: a server that cannot work refuses it.
    await client.connect();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await client?.end().catch(() => undefined);
  }
}
