import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Client } from 'pg';
import { pino } from 'pino';
import { openTestDatabase } from '../../test/support/postgres.ts';
import { MigrationRefused, migrate, migrationStatus } from './migrate.ts';

const log = pino({ level: 'silent' });

/** A database without tables, and a folder of migrations. */
async function begin(t: TestContext, files: Readonly<Record<string, string>>) {
  const { ownerUrl } = await openTestDatabase(t);
  await ask(ownerUrl, 'DROP SCHEMA public CASCADE; CREATE SCHEMA public');
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-migrations-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const write = (more: Readonly<Record<string, string>>): void => {
    for (const [name, sql] of Object.entries(more)) writeFileSync(join(folder, name), sql);
  };
  write(files);
  const up = () => migrate({ ownerUrl, log, folder });
  return { ownerUrl, folder, write, up, ask: (sql: string) => ask(ownerUrl, sql) };
}

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

const first = { '0001_first.sql': 'CREATE TABLE first (n integer);' };
const second = { '0002_second.sql': 'INSERT INTO first VALUES (2);' };

test('each migration is applied once, in order, however often we start', async (t) => {
  const { up, write, ownerUrl, folder, ask: read } = await begin(t, first);
  assert.deepEqual(await up(), ['0001_first']);
  assert.deepEqual(await up(), []);
  write(second);
  const status = await migrationStatus({ ownerUrl, folder });
  assert.deepEqual(
    [status.applied.map((row) => row.name), status.pending.map((file) => file.name)],
    [['first'], ['second']],
  );
  assert.deepEqual(await up(), ['0002_second']);
  assert.deepEqual(await read('SELECT n FROM first'), [{ n: 2 }]);
});

test('of starts at the same moment one applies, the others wait and find it done', async (t) => {
  const { up, ask: read } = await begin(t, { ...first, ...second });
  const applied = await Promise.all([up(), up(), up(), up(), up()]);
  assert.deepEqual(applied.flat(), ['0001_first', '0002_second']);
  assert.deepEqual(await read('SELECT n FROM first'), [{ n: 2 }]);
});

test('a migration that fails leaves nothing of itself, and those before it stay', async (t) => {
  const broken = { '0002_second.sql': 'INSERT INTO first VALUES (2); SELECT 1 / 0;' };
  const { up, write, ask: read } = await begin(t, { ...first, ...broken });
  await assert.rejects(up(), /Migration 0002_second failed: division by zero/);
  assert.deepEqual(await read('SELECT n FROM first'), []);
  write(second);
  assert.deepEqual(await up(), ['0002_second']);
});

test('a migration changed after it was applied is refused', async (t) => {
  const { up, write, ownerUrl, folder } = await begin(t, first);
  await up();
  write({ '0001_first.sql': 'CREATE TABLE first (n bigint);' });
  await assert.rejects(up(), /^MigrationRefused: Migration 0001_first was changed/);
  await assert.rejects(migrationStatus({ ownerUrl, folder }), MigrationRefused);
  write({ '0001_first.sql': first['0001_first.sql'].replaceAll('\n', '\r\n') });
  assert.deepEqual(await up(), [], 'line ends of another system are no change');
});

test('a database that a newer release has migrated is refused', async (t) => {
  const { up, folder } = await begin(t, { ...first, ...second });
  await up();
  rmSync(join(folder, '0002_second.sql'));
  await assert.rejects(up(), /has migration 2 \(second\), which this release does not know/);
});

test('files that do not count without gap are refused before anything is applied', async (t) => {
  const { up, ask: read } = await begin(t, { ...first, '0003_third.sql': 'SELECT 1;' });
  await assert.rejects(up(), /0003_third\.sql should be number 2/);
  assert.deepEqual(await read(`SELECT FROM pg_tables WHERE schemaname = 'public'`), []);
});
