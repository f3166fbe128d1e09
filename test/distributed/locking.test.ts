import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import type { Coordination } from '../../src/coordination/coordination.ts';
import { openMemoryCoordination } from '../../src/coordination/memory.ts';
import { openRedisCoordination } from '../../src/coordination/redis.ts';
import { type Books, commandFor, openBooks, type Person, silentLog } from '../support/books.ts';
import { openJourney } from '../support/journey.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { approved } from '../support/scripted-bank.ts';
import { until } from '../support/wait.ts';

/**
 * Both locks around a settlement, and their order: a lease of the account in Redis, then the
 * account's row, then the payment's. The lease is for speed; the rows are what keeps the books.
 */
const prefix = 'locking';

test('a settlement holds the lease and the row of the account before it takes the payment', async (t) => {
  const { redis, books, coordination } = await open(t);
  const person = await books.openAccount(10_000n);
  const journey = openJourney(books.database, { coordination });
  const command = commandFor(person);
  await journey.accept(command);
  const [claim] = await journey.claim(command.id);
  assert(claim !== undefined);

  // Somebody holds the payment: the settlement stalls at the last of its three locks.
  const holder = await books.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT 1 FROM payment_state WHERE payment_id = $1 FOR UPDATE', [command.id]);
  const settled = journey.end(claim, approved);
  await until(async () => (await keysOf(redis, person)) === 1, { what: 'the lease to be taken' });
  await until(async () => !(await isRowFree(books, person)), { what: 'the account to be locked' });
  assert.equal(await keysOf(redis, person), 1, 'the lease is held as long as the row');

  await holder.query('ROLLBACK');
  assert.equal((await settled).kind, 'succeed');
  await until(async () => (await keysOf(redis, person)) === 0, { what: 'the lease to be free' });
  assert(await isRowFree(books, person));
  await books.assertAudited();
});

test('who does not get the lease touches no row, and settles when it is free', async (t) => {
  const { books, coordination } = await open(t);
  const person = await books.openAccount(10_000n);
  const journey = openJourney(books.database, { coordination });
  const command = commandFor(person);
  await journey.accept(command);
  const [claim] = await journey.claim(command.id);
  assert(claim !== undefined);

  const { granted } = await coordination.lease([person.accountId], 'another worker', 60_000);
  assert.equal(granted.size, 1);
  let isSettled = false;
  const settled = journey.end(claim, approved).finally(() => {
    isSettled = true;
  });
  // It asks again and again; at none of these moments is the account's row taken.
  for (let look = 0; look < 20; look++) assert(await isRowFree(books, person));
  assert.equal(isSettled, false);
  coordination.release([person.accountId], 'another worker');
  assert.equal((await settled).kind, 'succeed');
  await books.assertAudited();
});

test('C4 two workers who both hold the lease of one account book every payment once', async (t) => {
  const { redis, books } = await open(t);
  const person = await books.openAccount(1_000_000n);
  // Each is told that it holds what it asks for: the server forgets every lease at once.
  const processes = await Promise.all(
    [1, 2].map(async () => {
      const database = await books.openDatabase();
      const coordination = await connect(t, redis);
      return openJourney(database, { coordination: forgetful(coordination, redis) });
    }),
  );
  const [one, other] = processes;
  assert(one !== undefined && other !== undefined);
  const commands = Array.from({ length: 60 }, () => commandFor(person));
  await Promise.all(commands.map((command) => one.accept(command)));
  const claims = await one.claim(...commands.map(({ id }) => id));
  // Both settle every one: what one has booked the other must find booked.
  const ends = await Promise.all(
    claims.flatMap((claim) => [one.end(claim, approved), other.end(claim, approved)]),
  );
  const kinds = ends.map(({ kind }) => kind);
  assert.equal(kinds.filter((kind) => kind === 'succeed').length, 60);
  assert.equal(kinds.filter((kind) => kind === 'overtaken').length, 60);
  const [row] = await books.sql<{ balance: bigint; held: bigint }>(
    'SELECT balance, held FROM accounts WHERE id = $1',
    [person.accountId],
  );
  assert.deepEqual([Number(row?.balance), Number(row?.held)], [994_000, 0]);
  await books.assertAudited();
});

async function open(t: TestContext) {
  const redis = await startRedis();
  const books = await openBooks(t);
  t.after(() => redis.stop());
  return { redis, books, coordination: await connect(t, redis) };
}

async function connect(t: TestContext, redis: TestRedis): Promise<Coordination> {
  const coordination = await openRedisCoordination({
    url: redis.url,
    prefix,
    log: silentLog,
    clock: systemClock,
    fallback: openMemoryCoordination(systemClock),
    commandTimeoutMs: 1_000,
  });
  t.after(() => coordination.close());
  return coordination;
}

function forgetful(coordination: Coordination, redis: TestRedis): Coordination {
  return {
    ...coordination,
    lease: async (names, holder, ttlMs) => {
      const leases = await coordination.lease(names, holder, ttlMs);
      await redis.command('FLUSHALL');
      return leases;
    },
  };
}

async function keysOf(redis: TestRedis, { accountId }: Person): Promise<number> {
  return Number(await redis.command('EXISTS', `${prefix}:{lease}:${accountId}`));
}

/** Nobody holds the account's row at this moment. */
async function isRowFree(books: Books, { accountId }: Person): Promise<boolean> {
  const rows = await books.sql(
    'SELECT 1 FROM accounts WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED',
    [accountId],
  );
  return rows.length === 1;
}
