import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Books } from '../../test/support/books.ts';
import { insertGroup, insertTask, lockTask, readTask } from '../../test/support/task-rows.ts';
import { until } from '../../test/support/wait.ts';
import { newPaymentId } from '../ids.ts';
import { DatabaseAway, StatementRefused, statement, type Tx } from './database.ts';

const assertCount = statement<Record<never, never>>(
  'test_assert_count',
  `SELECT assert_count('rows', 1, 2)`,
);
const divide = statement<Record<never, never>>('test_divide', 'SELECT 1 / $1::int');
const echoDate = statement<{ at: Date }>('test_echo_date', 'SELECT $1::timestamptz AS at');
const countTransactions = statement<{ open: bigint }>(
  'test_open_transactions',
  `SELECT count(*) AS open FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL`,
);

const refusal = (code: string) => (error: unknown) =>
  error instanceof StatementRefused && error.code === code;

/** An empty, migrated database, the application's connections to it, and the owner's. */
export type OpenDatabase = (
  t: TestContext,
) => Promise<Pick<Books, 'database' | 'openDatabase' | 'sql' | 'connect'>>;

/**
 * Every promise of database.ts about statements and transactions. Each case opens a database of its
 * own. What a broken connection means is in external-away.test.ts: it takes a wire to break.
 */
export function exerciseDatabase(open: OpenDatabase): void {
  describe('locks and reads', () => exerciseLocks(open));
  describe('failures', () => exerciseFailures(open));
  describe('transactions and snapshots', () => exerciseTransactions(open));
  describe('time limits', () => exerciseLimits(open));
  describe('a server that refuses writes', () => exerciseReadOnly(open));
}

function exerciseLocks(open: OpenDatabase): void {
  test('a group commits its writes, over what its reads have locked', async (t) => {
    const { database, sql } = await open(t);
    const { id, steps } = insertGroup();
    assert.equal(await database.group(steps), 'done');
    const next = newPaymentId();
    const seen = await database.group({
      name: 'test',
      deadlineMs: 5_000,
      read: (tx) => lockTask(tx, id),
      write: (tx, rows) => ({ written: insertTask(tx, next, `saw ${rows.length}`), result: rows }),
    });
    assert.deepEqual(seen, [{ detail: 'written' }]);
    assert.equal(await readTask(database, next), 'saw 1');
    assert.equal((await sql('SELECT FROM failed_tasks')).length, 2);
  });

  test('a group waits for a row that another one has locked, and reads it as that one left it', async (t) => {
    const { database, connect } = await open(t);
    const { id, steps } = insertGroup();
    await database.group(steps);
    const other = await connect();
    await other.query('BEGIN');
    await other.query(`UPDATE failed_tasks SET detail = 'changed' WHERE payment_id = $1`, [id]);
    const reading = database.group({
      name: 'test',
      deadlineMs: 5_000,
      read: (tx) => lockTask(tx, id),
      write: (_tx, rows) => ({ written: Promise.resolve(), result: rows }),
    });
    await until(async () => (await other.query(waiting)).rows.length === 1, { what: 'a waiter' });
    await other.query('COMMIT');
    assert.deepEqual(await reading, [{ detail: 'changed' }]);
  });

  test('a lock that is not given within lockTimeoutMs is 55P03', async (t) => {
    const { database, connect } = await open(t);
    const { id, steps } = insertGroup();
    await database.group(steps);
    const other = await connect();
    await other.query('BEGIN');
    await other.query('SELECT FROM failed_tasks WHERE payment_id = $1 FOR UPDATE', [id]);
    const locking = { read: (tx: Tx) => lockTask(tx, id) };
    await assert.rejects(
      database.group({ ...insertGroup().steps, ...locking, lockTimeoutMs: 50 }),
      refusal('55P03'),
    );
    // The limit was that group's own.
    const patient = database.group({ ...insertGroup().steps, ...locking });
    await until(async () => (await other.query(waiting)).rows.length === 1, { what: 'a waiter' });
    await other.query('COMMIT');
    assert.equal(await patient, 'done');
  });
}

function exerciseFailures(open: OpenDatabase): void {
  test('a write that fails rolls back all of its group, and says why', async (t) => {
    const { openDatabase } = await open(t);
    const database = await openDatabase(1);
    const [good, bad] = [newPaymentId(), newPaymentId()];
    const { steps } = insertGroup({
      write: (tx) => ({
        written: Promise.all([
          insertTask(tx, good),
          tx.query(divide, [0]),
          insertTask(tx, bad),
          insertTask(tx, bad),
        ]),
        result: 'done',
      }),
    });
    await assert.rejects(database.group(steps), refusal('22012'));
    assert.equal(await readTask(database, good), null);
    // The statements that were first prepared in the failed group work in the next one.
    assert.equal(await database.group(insertGroup().steps), 'done');
  });

  test('a constraint that refuses is named', async (t) => {
    const { database } = await open(t);
    const { steps } = insertGroup();
    await database.group(steps);
    await assert.rejects(
      database.group(steps),
      (error) => error instanceof StatementRefused && error.constraint === 'failed_tasks_payment',
    );
  });

  test('a write that touched fewer rows than it must is refused in the same packet as COMMIT', async (t) => {
    const { database } = await open(t);
    const id = newPaymentId();
    const { steps } = insertGroup({
      write: (tx) => ({
        written: Promise.all([insertTask(tx, id), tx.query(assertCount, [])]),
        result: 'done',
      }),
    });
    await assert.rejects(database.group(steps), refusal('TG004'));
    assert.equal(await readTask(database, id), null);
  });

  test('a read that fails ends its group, and its lane is clean for the next', async (t) => {
    const { openDatabase } = await open(t);
    const database = await openDatabase(1);
    const { steps } = insertGroup({ read: (tx) => tx.query(divide, [0]) });
    await assert.rejects(database.group(steps), refusal('22012'));
    assert.equal(await database.group(insertGroup().steps), 'done');
  });

  test('a decision that throws rolls back what was already issued', async (t) => {
    const { openDatabase } = await open(t);
    const database = await openDatabase(1);
    const id = newPaymentId();
    const { steps } = insertGroup({
      write: (tx) => {
        void insertTask(tx, id);
        throw new Error('cannot decide');
      },
    });
    await assert.rejects(database.group(steps), /cannot decide/);
    assert.equal(await readTask(database, id), null);
    assert.equal(await database.group(insertGroup().steps), 'done');
  });

  test('a value that cannot be written never commits the half that can', async (t) => {
    const { openDatabase } = await open(t);
    const database = await openDatabase(1);
    const id = newPaymentId();
    const { steps } = insertGroup({
      write: (tx) => ({
        written: Promise.all([insertTask(tx, id), tx.query(echoDate, [new Date(Number.NaN)])]),
        result: 'done',
      }),
    });
    await assert.rejects(database.group(steps), RangeError);
    assert.equal(await readTask(database, id), null);
    assert.equal(await database.group(insertGroup().steps), 'done');
  });

  test('a read that fails before BEGIN is answered leaves no transaction behind', async (t) => {
    const { openDatabase, database: observer } = await open(t);
    const database = await openDatabase(1);
    for (const read of [
      () => {
        throw new Error('no read');
      },
      async (tx: Tx) => tx.query(echoDate, [new Date(Number.NaN)]),
    ]) {
      await assert.rejects(database.group({ ...insertGroup().steps, read }));
      const [row] = await observer.query(countTransactions, []);
      assert.equal(row?.open, 0n);
    }
  });
}

function exerciseTransactions(open: OpenDatabase): void {
  test('transactions and snapshots are all or nothing, and a snapshot writes nothing', async (t) => {
    const { database } = await open(t);
    const [kept, lost] = [newPaymentId(), newPaymentId()];
    await database.transaction((tx) => insertTask(tx, kept));
    const failing = database.transaction(async (tx) => {
      await insertTask(tx, lost);
      throw new Error('changed its mind');
    });
    await assert.rejects(failing, /changed its mind/);
    assert.deepEqual(
      [await readTask(database, kept), await readTask(database, lost)],
      ['written', null],
    );
    await assert.rejects(
      database.snapshot((tx) => insertTask(tx, lost)),
      refusal('25006'),
    );
  });

  test('a snapshot sees one moment, whatever commits meanwhile', async (t) => {
    const { database } = await open(t);
    await database.snapshot(async (tx) => {
      await lookAround(tx);
      const { id, steps } = insertGroup();
      await database.group(steps);
      const rows = await tx.query(
        statement<object>('test_snapshot', 'SELECT FROM failed_tasks WHERE payment_id = $1'),
        [id],
      );
      assert.deepEqual(rows, []);
    });
  });
}

function exerciseLimits(open: OpenDatabase): void {
  test('every connection has its time limits, whatever the role was given', async (t) => {
    const { openDatabase, sql } = await open(t);
    await sql(setRole('statement_timeout', '50ms'));
    await sql(setRole('lock_timeout', '0'));
    await sql(setRole('idle_in_transaction_session_timeout', '0'));
    const database = await openDatabase();
    const limits = { lock: '3s', idle: '10s' };
    assert.deepEqual(await database.query(timeLimits, []), [{ statement: '10s', ...limits }]);
    assert.deepEqual(await database.keyed.query(timeLimits, []), [{ statement: '0', ...limits }]);
    const inSnapshot = await database.snapshot((tx) => tx.query(timeLimits, []));
    assert.deepEqual(inSnapshot, [{ statement: '10min', ...limits }]);
  });

  test("a COMMIT that takes long is not cancelled by the server before the group's deadline", async (t) => {
    const { openDatabase, sql } = await open(t);
    await sql(setRole('statement_timeout', '50ms'));
    await sql(slowCommit);
    await sql(slowCommitTrigger);
    const database = await openDatabase();
    const { id, steps } = insertGroup();
    assert.equal(await database.group(steps), 'done');
    assert.equal(await readTask(database, id), 'written');
  });
}

const setRole = (name: string, value: string): string =>
  `DO $$ BEGIN EXECUTE format('ALTER ROLE tollgate_app IN DATABASE %I SET ${name} = %L',
     current_database(), '${value}'); END $$`;

const timeLimits = statement<{ statement: string; lock: string; idle: string }>(
  'test_time_limits',
  `SELECT current_setting('statement_timeout') AS statement,
          current_setting('lock_timeout') AS lock,
          current_setting('idle_in_transaction_session_timeout') AS idle`,
);

/** Deferred, so that it runs inside COMMIT. */
const slowCommit = `CREATE FUNCTION sleep() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END $$`;
const slowCommitTrigger = `CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON failed_tasks
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION sleep()`;

function exerciseReadOnly(open: OpenDatabase): void {
  test('it is away, and no connection to it is used again', async (t) => {
    const { openDatabase, sql } = await open(t);
    await sql(setRole('default_transaction_read_only', 'on'));
    const database = await openDatabase(2);
    const writes = [
      () => database.group(insertGroup().steps),
      () => database.transaction((tx) => insertTask(tx, newPaymentId())),
    ];
    for (const write of writes) {
      // Two at once: as many connections as there are lanes.
      const all = await Promise.allSettled([write(), write()]);
      for (const one of all)
        assert.ok(one.status === 'rejected' && one.reason instanceof DatabaseAway);
    }
    await sql(setRole('default_transaction_read_only', 'off'));
    for (const write of writes) await Promise.all([write(), write()]);
  });
}

const waiting = `SELECT FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock'`;

/** The snapshot is taken by the first statement. */
const lookAround = (tx: Tx): Promise<unknown> => tx.query(countTransactions, []);
