import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Client } from 'pg';
import { pino } from 'pino';
import { until } from '../../test/support/wait.ts';
import { takeFreePort } from '../runtime/ports.ts';
import { programsIn, sendSignal, waitForEnd } from '../runtime/processes.ts';
import { assertDurability } from './durability.ts';
import { type EmbeddedServer, findEmbeddedServer, startEmbeddedServer } from './embedded.ts';
import { openDatabase } from './external.ts';
import { EmbeddedServerRefused } from './server/refused.ts';

const log = pino({ level: 'silent' });
/** Small: several of these run beside everything else. */
const settings = { shared_buffers: '16MB', min_wal_size: '32MB', max_wal_size: '64MB' };

/** An empty one; `initdb` runs when it is started. */
function newDataDir(t: TestContext): string {
  const dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'tollgate test ü-')));
  t.after(async () => {
    const left = programsIn('postgres', join(dataDir, 'postgres'));
    for (const pid of left) sendSignal(pid, 'SIGKILL');
    await waitForEnd(left, 10_000);
    rmSync(dataDir, { recursive: true, force: true });
  });
  return dataDir;
}

let original: Promise<string> | null = null;

/** One with a cluster in it: copied, because initdb takes ten times as long. */
async function readyDataDir(t: TestContext): Promise<string> {
  original ??= makeOriginal();
  const dataDir = newDataDir(t);
  cpSync(await original, dataDir, { recursive: true });
  return dataDir;
}

async function makeOriginal(): Promise<string> {
  const dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'tollgate-test-')));
  process.once('exit', () => rmSync(dataDir, { recursive: true, force: true }));
  await (await start(dataDir)).stop();
  return dataDir;
}

const start = (dataDir: string, port = 0): Promise<EmbeddedServer> =>
  startEmbeddedServer({ dataDir, port, log, settings });

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows;
  } finally {
    await client.end();
  }
}

test('a server killed with its children busy starts again, with every committed row', async (t) => {
  const dataDir = await readyDataDir(t);
  const first = await start(dataDir);
  assert.equal(first.adopted, false);
  await ask(first.url('owner'), 'CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n');

  // A child that computes does not notice that its parent is gone: it lives on as an orphan.
  const busy = new Client({ connectionString: first.url('owner') });
  busy.on('error', () => undefined);
  await busy.connect();
  const statement = busy.query('DO $$ BEGIN LOOP PERFORM 1; END LOOP; END $$').then(
    () => 'answered',
    () => 'broken',
  );
  await until(
    async () => {
      const rows = await ask(
        first.url('owner'),
        `SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DO %'`,
      );
      return rows.length === 1;
    },
    { what: 'the child to be busy' },
  );
  sendSignal(first.pid, 'SIGKILL');

  const second = await start(dataDir);
  assert.equal(second.adopted, false);
  assert.notEqual(second.pid, first.pid);
  assert.equal(second.port, first.port, 'the port is remembered');
  assert.equal(await statement, 'broken', 'the orphan was ended');
  assert.deepEqual(await ask(second.url('owner'), 'SELECT count(*)::int AS n FROM kept'), [
    { n: 1000 },
  ]);
  await second.stop();
  assert.equal(findEmbeddedServer(dataDir), null);
});

test('a server that outlived its gateway is adopted, and can then be stopped', async (t) => {
  const dataDir = await readyDataDir(t);
  const first = await start(dataDir);
  const second = await start(dataDir);
  assert.deepEqual([second.adopted, second.pid, second.port], [true, first.pid, first.port]);
  assert.equal(findEmbeddedServer(dataDir)?.pid, first.pid);
  await second.stop();
  assert.deepEqual(programsIn('postgres', join(dataDir, 'postgres')), []);
});

test('a pid file that names somebody else does not stop the start', async (t) => {
  const dataDir = await readyDataDir(t);
  const first = await start(dataDir);
  await first.stop();
  const lines = [process.pid, join(dataDir, 'postgres'), 1, first.port, '', '', '', 'ready'];
  writeFileSync(join(dataDir, 'postgres', 'postmaster.pid'), `${lines.join('\n')}\n`);
  const second = await start(dataDir);
  assert.equal(second.adopted, false);
  await second.stop();
});

test('a half-made cluster is made again', async (t) => {
  const dataDir = newDataDir(t);
  mkdirSync(join(dataDir, 'postgres.unfinished', 'base'), { recursive: true });
  writeFileSync(join(dataDir, 'postgres.unfinished', 'PG_VERSION'), '18\n');
  writeFileSync(join(dataDir, 'postgres.password'), 'of then');
  mkdirSync(join(dataDir, 'postgres'));
  const server = await start(dataDir);
  assert.deepEqual(await ask(server.url('app'), 'SELECT current_user::text AS me'), [
    { me: 'tollgate_app' },
  ]);
  await server.stop();
});

test('a damaged folder, lost or wrong credentials are one sentence', async (t) => {
  const dataDir = await readyDataDir(t);
  const refusal = (pattern: RegExp) => (error: unknown) =>
    error instanceof EmbeddedServerRefused &&
    pattern.test(error.message) &&
    !error.message.includes('\n');

  const credentials = join(dataDir, 'credentials.json');
  writeFileSync(credentials, '{"owner": "wrong", "app": "wrong"}');
  await assert.rejects(start(dataDir), refusal(/credentials\.json is not the one/));
  writeFileSync(credentials, 'no json');
  await assert.rejects(start(dataDir), refusal(/credentials\.json cannot be read/));
  rmSync(credentials);
  await assert.rejects(start(dataDir), refusal(/credentials\.json is missing/));

  writeFileSync(credentials, '{"owner": "wrong", "app": "wrong"}');
  for (const pid of programsIn('postgres', join(dataDir, 'postgres'))) sendSignal(pid, 'SIGKILL');
  writeFileSync(join(dataDir, 'postgres', 'global', 'pg_control'), 'rubbish');
  await assert.rejects(start(dataDir), refusal(/PostgreSQL does not start on/));
  rmSync(join(dataDir, 'postgres', 'global', 'pg_control'));
  await assert.rejects(start(dataDir), refusal(/is damaged \(global\/pg_control is missing\)/));
  writeFileSync(join(dataDir, 'postgres', 'global', 'pg_control'), '');
  writeFileSync(join(dataDir, 'postgres', 'PG_VERSION'), '');
  await assert.rejects(start(dataDir), refusal(/is damaged \(PG_VERSION holds no version\)/));
});

test('a folder that was emptied, as by a volume that is not mounted, is no new one', async (t) => {
  const dataDir = newDataDir(t);
  await (await start(dataDir)).stop();
  rmSync(join(dataDir, 'postgres'), { recursive: true });
  mkdirSync(join(dataDir, 'postgres'));
  await assert.rejects(start(dataDir), /is empty, and was not always/);
});

test('two instances live side by side, and a taken port is one sentence', async (t) => {
  const [one, two] = await Promise.all([
    start(await readyDataDir(t)),
    start(await readyDataDir(t)),
  ]);
  assert.notEqual(one.port, two.port);
  await assert.rejects(
    start(await readyDataDir(t), one.port),
    /Port \d+ is in use: set DATABASE_PORT/,
  );
  await Promise.all([one.stop(), two.stop()]);
});

test('a wanted port is taken, also from a survivor on another one', async (t) => {
  const dataDir = await readyDataDir(t);
  const first = await start(dataDir);
  const wanted = await takeFreePort();
  const second = await start(dataDir, wanted);
  assert.deepEqual([second.adopted, second.port], [false, wanted]);
  assert.notEqual(second.pid, first.pid);
  await second.stop();
});

test('the application can log in, and create nothing', async (t) => {
  const server = await start(await readyDataDir(t));
  for (const sql of ['CREATE TABLE x ()', 'CREATE DATABASE x', 'CREATE ROLE x', 'CREATE SCHEMA x'])
    await assert.rejects(ask(server.url('app'), sql), { code: '42501' }, sql);
  await assert.rejects(ask(server.url('app').replace(/:\w+@/, ':guess@'), 'SELECT'), {
    code: '28P01',
  });
  await server.stop();
});

test('a server that could lose accepted payments stops the start', async (t) => {
  const server = await start(await readyDataDir(t));
  const durability = async (): Promise<void> => {
    const database = await openDatabase({
      url: server.url('app'),
      connectionsMax: 1,
      groupConnections: 1,
      log,
    });
    try {
      await assertDurability(database);
    } finally {
      await database.close();
    }
  };
  await durability();
  await ask(server.url('owner'), 'ALTER ROLE tollgate_app SET synchronous_commit = local');
  await durability();
  await ask(server.url('owner'), 'ALTER ROLE tollgate_app SET synchronous_commit = off');
  await assert.rejects(durability(), /runs with synchronous_commit off/);
  await server.stop();
});
