import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Books, openBooks, silentLog } from '../../test/support/books.ts';
import { type DatabaseWire, openDatabaseWire } from '../../test/support/database-wire.ts';
import { insertGroup, insertTask, readTask } from '../../test/support/task-rows.ts';
import { until } from '../../test/support/wait.ts';
import { newPaymentId } from '../ids.ts';
import { type Database, DatabaseAway, OutcomeUnknown, statement } from './database.ts';
import { openDatabase } from './external.ts';

interface Wire {
  readonly books: Books;
  readonly proxy: DatabaseWire;
  /** Through the proxy, one lane. */
  readonly database: Database;
}

async function openWire(t: TestContext): Promise<Wire> {
  const books = await openBooks(t);
  const proxy = await openDatabaseWire(books.appUrl);
  const database = await openDatabase({
    url: proxy.url,
    connectionsMax: 2,
    groupConnections: 1,
    log: silentLog,
  });
  t.after(async () => {
    await database.close();
    await proxy.close();
  });
  return { books, proxy, database };
}

/** COMMIT as a simple query; the lane's writes travel in the same packet. */
const commit = 'COMMIT';
const sleep = statement<object>('test_sleep', 'SELECT pg_sleep(30)');
const select = statement<object>('test_select', 'SELECT 1');
const kill = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE datname = current_database() AND usename = 'tollgate_app'`;

async function recovers(database: Database): Promise<void> {
  const { id, steps } = insertGroup();
  await until(async () => (await database.group(steps)) === 'done', { what: 'a group to commit' });
  assert.equal(await readTask(database, id), 'written');
}

test('COMMIT that never arrived may have happened, as far as we can tell: it did not', async (t) => {
  const { proxy, database, books } = await openWire(t);
  const { id, steps } = insertGroup();
  const { fired } = proxy.arm('cut_request', commit);
  await assert.rejects(database.group(steps), OutcomeUnknown);
  await fired;
  assert.equal(await readTask(books.database, id), null);
  await recovers(database);
});

test('COMMIT whose answer was lost may have happened: it did', async (t) => {
  const { proxy, database, books } = await openWire(t);
  const { id, steps } = insertGroup();
  const { fired } = proxy.arm('cut_reply', commit);
  await assert.rejects(database.group(steps), OutcomeUnknown);
  await fired;
  await until(() => readTask(books.database, id), { what: 'the row to be there' });
  await recovers(database);
});

test('COMMIT without an answer by the deadline may have happened', async (t) => {
  for (const [fault, lands] of [
    ['stall_request', false],
    ['stall_reply', true],
  ] as const) {
    const { proxy, database, books } = await openWire(t);
    const { id, steps } = insertGroup({ deadlineMs: 300 });
    proxy.arm(fault, commit);
    await assert.rejects(database.group(steps), OutcomeUnknown);
    if (lands) await until(() => readTask(books.database, id), { what: 'the row to be there' });
    else assert.equal(await readTask(books.database, id), null);
    await recovers(database);
  }
});

test('a connection cut before COMMIT was sent certainly did nothing', async (t) => {
  const { proxy, database, books } = await openWire(t);
  for (const fault of ['cut_request', 'cut_reply'] as const) {
    const { id, steps } = insertGroup();
    proxy.arm(fault, 'BEGIN');
    await assert.rejects(database.group(steps), DatabaseAway);
    assert.equal(await readTask(books.database, id), null);
    await recovers(database);
  }
});

test('a read past the deadline drops its connection, and certainly did nothing', async (t) => {
  const { database } = await openWire(t);
  const { steps } = insertGroup({ deadlineMs: 100, read: (tx) => tx.query(sleep, []) });
  await assert.rejects(database.group(steps), DatabaseAway);
  await recovers(database);
});

test('a server that says nothing any more is given up, in the pool too; an audit waits longer', async (t) => {
  const books = await openBooks(t);
  const wire = await openDatabaseWire(books.appUrl);
  const options = { connectionsMax: 2, groupConnections: 1, log: silentLog, silenceMs: 300 };
  const database = await openDatabase({ ...options, url: wire.url });
  t.after(async () => {
    await database.close();
    await wire.close();
  });
  wire.arm('stall_reply', 'test_select');
  await assert.rejects(database.query(select, []), DatabaseAway);
  wire.arm('stall_reply', 'COMMIT');
  await assert.rejects(
    database.transaction((tx) => insertTask(tx, newPaymentId())),
    OutcomeUnknown,
  );
  await database.snapshot((tx) => tx.query(nap, []));
  assert.equal((await database.query(select, [])).length, 1);
});

const nap = statement<object>('test_nap', 'SELECT pg_sleep(0.7)');

test('a server that kills every connection costs one failure each, then all work again', async (t) => {
  const books = await openBooks(t);
  const { database } = books;
  await Promise.all([
    ...Array.from({ length: 6 }, () => database.group(insertGroup().steps)),
    ...Array.from({ length: 3 }, () => database.query(select, [])),
  ]);
  await books.sql(kill);
  await recovers(database);
  await until(async () => (await database.query(select, [])).length === 1, { what: 'the pool' });
  const all = await Promise.allSettled(
    Array.from({ length: 20 }, () => database.group(insertGroup().steps)),
  );
  assert.ok(all.every((one) => one.status === 'fulfilled'));
});

test('a connection that is killed under a group, a statement or a transaction says so', async (t) => {
  const books = await openBooks(t);
  const { database } = books;
  const sleeping = insertGroup({ read: (tx) => tx.query(sleep, []) }).steps;
  const all = Promise.allSettled([
    database.group(sleeping),
    database.keyed.query(sleep, []),
    database.query(sleep, []),
    database.transaction((tx) => tx.query(sleep, [])),
  ]);
  await until(async () => (await books.sql(sleepers)).length === 4, { what: 'four sleepers' });
  await books.sql(kill);
  for (const one of await all)
    assert.ok(one.status === 'rejected' && one.reason instanceof DatabaseAway, one.status);
  await recovers(database);
});

const sleepers = `SELECT FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event = 'PgSleep'`;

test('a connection that dies between two statements of a transaction fails that one only', async (t) => {
  const books = await openBooks(t);
  const { database } = books;
  const id = newPaymentId();
  const dying = database.transaction(async (tx) => {
    await insertTask(tx, id);
    await books.sql(kill);
    await until(async () => (await books.sql(sessions)).length === 0, { what: 'its end' });
    await insertTask(tx, newPaymentId());
  });
  await assert.rejects(dying, DatabaseAway);
  assert.equal(
    await until(async () => (await books.sql(tasks)).length === 0, { what: 'none' }),
    true,
  );
  await recovers(database);
});

const sessions = `SELECT FROM pg_stat_activity
  WHERE datname = current_database() AND usename = 'tollgate_app'`;
const tasks = 'SELECT FROM failed_tasks';

test('nobody listens: a start says that the database is away', async (t) => {
  const { books, proxy } = await openWire(t);
  await proxy.close();
  const options = { connectionsMax: 1, groupConnections: 1, log: silentLog };
  await assert.rejects(openDatabase({ ...options, url: proxy.url }), DatabaseAway);
  await books.assertAudited();
});

test('closing ends the lanes in use too, when their groups have ended', async (t) => {
  const books = await openBooks(t);
  const url = `${books.appUrl}?application_name=closing`;
  const options = { connectionsMax: 1, groupConnections: 2, log: silentLog };
  const database = await openDatabase({ ...options, url });
  const gate = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const { steps } = insertGroup({
    read: async () => {
      started.resolve();
      await gate.promise;
    },
  });
  const running = database.group(steps);
  await started.promise;
  const closing = database.close();
  await assert.rejects(database.group(insertGroup().steps), DatabaseAway);
  gate.resolve();
  assert.equal(await running, 'done');
  await closing;
  const named = `${sessions} AND application_name = 'closing'`;
  await until(async () => (await books.sql(named)).length === 0, { what: 'no session left' });
});
