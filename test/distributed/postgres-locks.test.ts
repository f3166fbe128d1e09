import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  DatabaseAway,
  OutcomeUnknown,
  StatementRefused,
  statement,
} from '../../src/db/database.ts';
import { openDatabase } from '../../src/db/external.ts';
import { migrate } from '../../src/db/migrate.ts';
import { newAccountId, newPaymentId, newUserId } from '../../src/ids.ts';
import { type Books, commandFor, openBooks, silentLog } from '../support/books.ts';
import { openJourney } from '../support/journey.ts';
import { startOwnPostgres } from '../support/own-postgres.ts';
import { until } from '../support/wait.ts';

/** What other transactions, locks and time limits do to the groups of one process. */

const retried = ['40001', '40P01', '55P03', '57014'] as const;

for (const code of retried) {
  test(`P5 ${code}: a group that meets it runs again, and gives up after the third time`, async (t) => {
    const books = await openBooks(t);
    const { accept } = openJourney(books.database);
    const person = await books.openAccount();
    const deposit = () => accept(commandFor(person, { kind: 'deposit' }));
    await refuseInserts(books, { code, times: 2 });
    assert.equal((await deposit()).kind, 'accepted');
    assert.equal(await insertsTried(books), 3);

    await refuseInserts(books, { code, times: 1_000 });
    await assert.rejects(
      deposit(),
      (error) => error instanceof StatementRefused && error.code === code,
    );
    assert.equal(await insertsTried(books), 3);
    await books.assertAudited();
  });
}

/** A sequence is not rolled back: it counts the tries. */
async function refuseInserts(
  books: Books,
  { code, times }: { readonly code: string; readonly times: number },
): Promise<void> {
  await books.sql(`DROP SEQUENCE IF EXISTS tries`);
  await books.sql(`CREATE SEQUENCE tries`);
  await books.sql(`GRANT USAGE ON SEQUENCE tries TO tollgate_app`);
  await books.sql(`CREATE OR REPLACE FUNCTION refuse_at_first() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF nextval('tries') <= ${times} THEN
        RAISE EXCEPTION 'refused by the test' USING ERRCODE = '${code}';
      END IF;
      RETURN NULL;
    END $$`);
  await books.sql(`CREATE OR REPLACE TRIGGER refuse_at_first AFTER INSERT ON payments
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_at_first()`);
}

async function insertsTried(books: Books): Promise<number> {
  const [row] = await books.sql<{ tries: number }>('SELECT last_value::int AS tries FROM tries');
  return row?.tries ?? 0;
}

test('P5 a real deadlock over two keys in opposite orders ends with every request answered', async (t) => {
  const books = await openBooks(t);
  const { accept } = openJourney(books.database);
  const person = await books.openAccount();
  const commands = ['a', 'b'].map((idempotencyKey) =>
    commandFor(person, { kind: 'deposit', idempotencyKey }),
  );
  const other = await books.connect();
  await other.query('BEGIN');
  const take = (key: string) => other.query(keyInsert, [newPaymentId(), person.userId, key]);
  await take('b');
  const answers = Promise.all(commands.map(accept));
  await until(async () => (await books.sql(waiting)).length === 1, { what: 'the group to wait' });
  // The group has key a and wants b; this one has b and wants a.
  const deadlocked = take('a').then(
    () => 'went on',
    () => 'was chosen',
  );
  t.diagnostic(`the other transaction ${await deadlocked}`);
  await other.query('ROLLBACK');
  assert.deepEqual(
    (await answers).map((answer) => answer.kind),
    ['accepted', 'accepted'],
  );
  await books.assertAudited();
});

const keyInsert = `
  INSERT INTO payments (id, user_id, account_id, kind, currency, amount, bank, answer_version,
                        idempotency_key, request_id, created_at)
  VALUES ($1, $2, $1, 'deposit', 'USD', 1, 'scripted', 1, $3, 'other', now())`;

const waiting = `SELECT FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock'`;

test('P6 a transaction whose client went silent loses its locks; meanwhile others proceed', async (t) => {
  const books = await openBooks(t);
  const { accept } = openJourney(books.database, { acceptDeadlineMs: 1_000 });
  const [stuck, free] = [await books.openAccount(1_000n), await books.openAccount(10_000n)];
  const silent = await books.openDatabase(1);
  const held = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const holding = silent.transaction(async (tx) => {
    await tx.query(lockAccount, [stuck.accountId]);
    held.resolve();
    await release.promise;
    await tx.query(lockAccount, [stuck.accountId]);
  });
  const end = assert.rejects(holding, DatabaseAway);
  await held.promise;
  assert.deepEqual(await accept(commandFor(stuck)), { kind: 'account_busy' });
  for (let each = 0; each < 10; each += 1)
    assert.equal((await accept(commandFor(free))).kind, 'accepted');
  await until(async () => (await accept(commandFor(stuck))).kind === 'accepted', {
    what: 'the server to end the silent transaction',
    deadlineMs: 15_000,
  });
  release.resolve();
  await end;
  await books.assertAudited();
});

const lockAccount = statement<object>(
  'test_lock_account',
  'SELECT FROM accounts WHERE id = $1 FOR NO KEY UPDATE',
);

test('P7 an exhausted pool refuses within seconds; groups go on, and it recovers', async (t) => {
  const books = await openBooks(t);
  const { accept } = openJourney(books.database);
  const person = await books.openAccount();
  const release = Promise.withResolvers<void>();
  // As many as the pool has connections.
  const holding = Array.from({ length: 4 }, () =>
    books.database.transaction(async (tx) => {
      await tx.query(one, []);
      await release.promise;
    }),
  );
  const startedAt = performance.now();
  const refused = Array.from({ length: 100 }, () => books.database.query(one, []));
  const settled = Promise.allSettled(refused);
  const accepted = await Promise.all(
    Array.from({ length: 20 }, () => accept(commandFor(person, { kind: 'deposit' }))),
  );
  assert.ok(accepted.every((answer) => answer.kind === 'accepted'));
  for (const each of await settled)
    assert.ok(each.status === 'rejected' && each.reason instanceof DatabaseAway);
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs > 1_000 && tookMs < 6_000, `${tookMs} ms`);
  release.resolve();
  await Promise.all(holding);
  assert.equal((await books.database.query(one, [])).length, 1);
});

const one = statement<object>('test_one', 'SELECT 1');

test('P10 an event that commits late is not skipped by whoever reads the feed meanwhile', async (t) => {
  const books = await openBooks(t);
  const { accept } = openJourney(books.database);
  const person = await books.openAccount();
  const slow = await books.connect();
  const late = newPaymentId();
  await slow.query('BEGIN');
  await slow.query(eventInsert, [late, person.userId]);
  const quick = commandFor(person, { kind: 'deposit' });
  await accept(quick);
  // Committed, and behind one that is not: a cursor that took it would never see the late one.
  assert.deepEqual(await books.sql(feed), []);
  await slow.query('COMMIT');
  const read = await until(
    async () => {
      const rows = await books.sql(feed);
      // A transaction of another test on this server may hold the feed back for a moment.
      return rows.length === 2 ? rows : null;
    },
    { what: 'both events' },
  );
  assert.deepEqual(read, [{ payment_id: late }, { payment_id: quick.id }]);
});

const eventInsert = `
  INSERT INTO events (payment_id, version, user_id, type, data, created_at, epoch)
  VALUES ($1, 1, $2, 'deposit.created', '{}', now(), 1)`;

/** The feed's rule: in this order, below the oldest transaction that is still running. */
const feed = `
  SELECT payment_id FROM events WHERE tx < pg_snapshot_xmin(pg_current_snapshot())
   ORDER BY epoch, tx, n`;

test('P4 a payment whose COMMIT no standby has confirmed is never called accepted', async (t) => {
  const { server, accept, command } = await openLonely(t);
  await server.sql(`ALTER SYSTEM SET synchronous_standby_names = 'nobody'`);
  await server.sql('SELECT pg_reload_conf()');
  await until(async () => (await server.sql(isSynchronous)).length === 1, { what: 'the setting' });
  await assert.rejects(accept(command), OutcomeUnknown);

  await server.sql('ALTER SYSTEM RESET synchronous_standby_names');
  await server.sql('SELECT pg_reload_conf()');
  // The same key finds out: it was written, and is now as safe as the operator wants it.
  const again = await until(() => accept({ ...command, id: newPaymentId() }).catch(() => null), {
    what: 'an answer',
    deadlineMs: 15_000,
  });
  assert.ok(again.kind === 'accepted' && again.replayed);
});

const isSynchronous = `SELECT WHERE current_setting('synchronous_standby_names') = 'nobody'`;

async function openLonely(t: TestContext) {
  const server = await startOwnPostgres(t);
  await migrate({ ownerUrl: server.url('owner'), log: silentLog });
  const person = { userId: newUserId(), accountId: newAccountId() };
  await server.sql(`INSERT INTO users (id, email, full_name, password_hash)
    VALUES ('${person.userId}', 'one@example.test', 'One', 'none')`);
  const database = await openDatabase({
    url: server.url('app'),
    connectionsMax: 2,
    groupConnections: 4,
    log: silentLog,
  });
  t.after(database.close);
  const { accept } = openJourney(database);
  return { server, accept, command: commandFor(person, { kind: 'deposit' }) };
}
