import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { type EmbeddedServer, startEmbeddedServer } from '../../src/db/embedded.ts';
import { programsIn } from '../../src/runtime/processes.ts';
import { silentLog } from './books.ts';
import { killBelow, watchBelow } from './process-tree.ts';
import { until } from './wait.ts';

/** A PostgreSQL that a test may kill, fill up and promote: an external server to the gateway. */
export interface OwnPostgres {
  readonly dataDir: string;
  /** To its database `tollgate`; the same through every restart. */
  readonly url: (role: 'app' | 'owner') => string;
  readonly postmaster: () => number;
  readonly backends: () => readonly number[];
  /** The postmaster and all its backends, as when the machine dies. */
  readonly kill9: () => Promise<void>;
  readonly restart: () => Promise<void>;
  /** As the owner, on a connection of its own. */
  readonly sql: <Row extends object>(text: string) => Promise<Row[]>;
}

export interface OwnPostgresOptions {
  readonly settings?: Readonly<Record<string, string>>;
  /** Where its data is; a new folder below .test/ unless given. */
  readonly dataDir?: string;
}

const testFolder = fileURLToPath(new URL('../../.test', import.meta.url));

export async function startOwnPostgres(
  t: TestContext,
  options: OwnPostgresOptions = {},
): Promise<OwnPostgres> {
  const dataDir = options.dataDir ?? makeFolder(t);
  const watchdog = watchBelow(dataDir);
  t.after(async () => {
    await killBelow(dataDir);
    watchdog.kill('SIGKILL');
  });
  const start = (port: number): Promise<EmbeddedServer> =>
    startEmbeddedServer({
      dataDir,
      port,
      log: silentLog,
      settings: { shared_buffers: '64MB', ...options.settings },
    });
  let server = await start(0);
  const data = join(dataDir, 'postgres');
  return {
    dataDir,
    url: (role) => server.url(role),
    postmaster: () => server.pid,
    backends: () => programsIn('postgres', data).filter((pid) => pid !== server.pid),
    kill9: () => killBelow(dataDir, (pids) => pids.toSorted((a) => (a === server.pid ? -1 : 1))),
    restart: async () => {
      server = await start(server.port);
    },
    sql: (text) => ask(server.url('owner'), text),
  };
}

function makeFolder(t: TestContext): string {
  mkdirSync(testFolder, { recursive: true });
  const folder = realpathSync(mkdtempSync(join(testFolder, 'postgres-')));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * A second server that follows the first one, and whose confirmation every COMMIT of the first one
 * waits for from now on.
 */
export async function startSynchronousStandby(
  t: TestContext,
  primary: OwnPostgres,
): Promise<OwnPostgres> {
  const dataDir = makeFolder(t);
  await copyCluster(primary, dataDir);
  const { hostname, port, username, password } = new URL(primary.url('owner'));
  const standby = await startOwnPostgres(t, {
    dataDir,
    settings: {
      primary_conninfo: `host=${hostname} port=${port} user=${username} password=${password}`,
    },
  });
  // Earlier, every COMMIT would have waited for somebody who is not there yet.
  await primary.sql(`ALTER SYSTEM SET synchronous_standby_names = '*'`);
  await primary.sql('SELECT pg_reload_conf()');
  const followers = `SELECT FROM pg_stat_replication WHERE sync_state = 'sync'`;
  await until(async () => (await primary.sql(followers)).length === 1, { what: 'the standby' });
  return standby;
}

/** What pg_basebackup does, which npm's PostgreSQL does not bring. */
async function copyCluster(primary: OwnPostgres, dataDir: string): Promise<void> {
  const client = new Client({ connectionString: primary.url('owner') });
  await client.connect();
  const data = join(dataDir, 'postgres');
  try {
    await client.query(`SELECT pg_backup_start('copy', true)`);
    await promisify(execFile)('cp', ['-a', join(primary.dataDir, 'postgres'), dataDir]);
    const { rows } = await client.query<{ labelfile: string }>(
      'SELECT labelfile FROM pg_backup_stop(false)',
    );
    writeFileSync(join(data, 'backup_label'), rows[0]?.labelfile ?? '');
  } finally {
    await client.end();
  }
  for (const name of ['postmaster.pid', 'postmaster.opts']) rmSync(join(data, name));
  writeFileSync(join(data, 'standby.signal'), '');
  cpSync(join(primary.dataDir, 'credentials.json'), join(dataDir, 'credentials.json'));
}

async function ask<Row extends object>(url: string, text: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}
