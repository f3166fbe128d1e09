import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { environment } from '../../src/config.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/db/embedded.ts';
import { migrate, migrationsFolder } from '../../src/db/migrate.ts';
import { takeInstanceLock } from '../../src/runtime/instance-lock.ts';
import { poll } from '../../src/runtime/poll.ts';
import { sendSignal } from '../../src/runtime/processes.ts';
import { openLog } from '../../src/telemetry/log.ts';

/**
 * A fresh, migrated database for each test that asks for one, on the server that the test runner
 * started, or on one of this file's own when it runs alone.
 */
export interface TestDatabase {
  readonly name: string;
  /** As the application's role. */
  readonly appUrl: string;
  /** As the role that owns the tables. */
  readonly ownerUrl: string;
  /** Called by `openTestDatabase(t)` itself, unless the test failed. */
  readonly drop: () => Promise<void>;
}

/**
 * With `t`, the database goes when the test has passed; a failed test keeps it and says its name.
 */
export async function openTestDatabase(
  t?: TestContext,
  on: ServerUrls | null = null,
): Promise<TestDatabase> {
  const server = on ?? (await testServer());
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asOwner(server.ownerUrl, `CREATE DATABASE ${name} TEMPLATE ${templateName()}`);
  const database: TestDatabase = {
    name,
    appUrl: withDatabase(server.appUrl, name),
    ownerUrl: withDatabase(server.ownerUrl, name),
    drop: () => asOwner(server.ownerUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
  // A server of the test's own goes with all that is in it.
  if (on !== null) return database;
  t?.after(() => {
    // Not awaited: hooks run in the order of their registration, so the test's own connections are
    // closed after this one. What cannot be dropped goes at the next run's start.
    if ('passed' in t && t.passed === true) void dropWhenLeft(server, database).catch(() => {});
    else t.diagnostic(`kept: ${name} (${t.name})`);
  });
  return database;
}

async function dropWhenLeft(server: ServerUrls, database: TestDatabase): Promise<void> {
  const others = `SELECT datname FROM pg_stat_activity WHERE datname = '${database.name}'`;
  const isLeft = async (): Promise<true | null> =>
    (await namesAsOwner(server.ownerUrl, others)).length === 0 ? true : null;
  await poll(isLeft, { everyMs: 50, deadlineMs: 10_000 });
  await database.drop();
}

export interface TestServer {
  /** For the processes that run the test files. */
  readonly env: Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
}

/** One server with the template in it, for a whole run. */
export async function startTestServer(): Promise<TestServer> {
  const { server, release } = await startInFreeSlot();
  await makeTemplate(server.url('owner', 'postgres'));
  return {
    env: {
      TEST_DATABASE_OWNER_URL: server.url('owner', 'postgres'),
      TEST_DATABASE_APP_URL: server.url('app', 'postgres'),
    },
    stop: async () => {
      await server.stop();
      release();
    },
  };
}

/** To its database `postgres`. */
export interface ServerUrls {
  readonly ownerUrl: string;
  readonly appUrl: string;
}

let started: Promise<ServerUrls> | null = null;

function testServer(): Promise<ServerUrls> {
  started ??= findTestServer();
  return started;
}

async function findTestServer(): Promise<ServerUrls> {
  const env = environment();
  const [ownerUrl, appUrl] = [env['TEST_DATABASE_OWNER_URL'], env['TEST_DATABASE_APP_URL']];
  if (ownerUrl !== undefined && appUrl !== undefined) return { ownerUrl, appUrl };
  const { server } = await startInFreeSlot();
  // A signal is all that can still be sent at that moment; the server then ends by itself.
  process.once('exit', () => sendSignal(server.pid, 'SIGINT'));
  await makeTemplate(server.url('owner', 'postgres'));
  return { ownerUrl: server.url('owner', 'postgres'), appUrl: server.url('app', 'postgres') };
}

const testFolder = fileURLToPath(new URL('../../.test', import.meta.url));
/** Runs side by side on one checkout. */
const slotsMax = 16;

/** A slot keeps its cluster from run to run: initdb takes a second, a start a tenth of one. */
async function startInFreeSlot(): Promise<{ server: EmbeddedServer; release: () => void }> {
  for (let slot = 1; slot <= slotsMax; slot++) {
    const dataDir = join(testFolder, `server-${slot}`);
    const lock = takeInstanceLock(join(dataDir, 'run'), 'tests', {});
    if ('heldBy' in lock) continue;
    const server = await startEmbeddedServer({
      dataDir,
      port: 0,
      log: openLog({ level: 'warn', format: 'json', process: 'test' }),
      // Twelve test files at a time, each with a pool or two, and several servers on one machine.
      settings: { max_connections: '300', shared_buffers: '128MB', max_wal_size: '1GB' },
    });
    return { server, release: lock.release };
  }
  throw new Error(`all ${slotsMax} test servers below .test/ are in use`);
}

/** For `openTestDatabase` on a server of a test's own. */
export const prepareServer = (server: ServerUrls): Promise<void> => makeTemplate(server.ownerUrl);

/** Named by its contents, so that a changed migration makes a new one. */
function templateName(): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(migrationsFolder).toSorted()) {
    hash.update(name).update(readFileSync(join(migrationsFolder, name)));
  }
  return `template_${hash.digest('hex').slice(0, 12)}`;
}

async function makeTemplate(ownerUrl: string): Promise<void> {
  await dropLeftovers(ownerUrl);
  const name = templateName();
  await asOwner(ownerUrl, `CREATE DATABASE ${name}`);
  const log = openLog({ level: 'warn', format: 'json', process: 'test' });
  await migrate({ ownerUrl: withDatabase(ownerUrl, name), log });
}

/** Databases that failed tests of the last run kept, and templates of other migrations. */
async function dropLeftovers(ownerUrl: string): Promise<void> {
  const names = await namesAsOwner(
    ownerUrl,
    String.raw`SELECT datname FROM pg_database WHERE datname ~ '^(test|template)_'`,
  );
  for (const name of names) await asOwner(ownerUrl, `DROP DATABASE "${name}" WITH (FORCE)`);
}

async function asOwner(url: string, sql: string): Promise<void> {
  await namesAsOwner(url, sql);
}

/** @returns the column `datname` of the rows. */
async function namesAsOwner(url: string, sql: string): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>(sql);
    return rows.map((row) => row.datname);
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}
