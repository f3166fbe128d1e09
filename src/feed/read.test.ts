import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { pino } from 'pino';
import { beginTransaction, writeEvents } from '../../test/support/feed-events.ts';
import { openTestDatabase, type TestDatabase } from '../../test/support/postgres.ts';
import { until } from '../../test/support/wait.ts';
import { systemClock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import { openDatabase } from '../db/external.ts';
import { newUserId } from '../ids.ts';
import type { FeedEvent, FeedFilter } from './event.ts';
import { isAfter, type Position } from './position.ts';
import { type FeedReader, openReader, scannedMax } from './read.ts';

let home: TestDatabase;
let database: Database;
before(async () => {
  home = await openTestDatabase();
  database = await openAt(home);
});
after(async () => {
  await database.close();
  await home.drop();
});

const openAt = ({ appUrl: url }: TestDatabase): Promise<Database> =>
  openDatabase({ url, connectionsMax: 4, groupConnections: 4, log: pino({ level: 'silent' }) });

const day = 86_400_000;
const open = (retentionMs = 30 * day, of = database): FeedReader =>
  openReader({ database: of, clock: systemClock, retentionMs });
const everything: FeedFilter = { userId: null, types: null, paymentId: null };

async function pageFrom(reader: FeedReader, from: Position, filter: FeedFilter, limit = 100) {
  const page = await reader.page(from, filter, limit);
  assert(page !== 'gone');
  return page;
}

/** Reads on until this many have come. */
async function read(
  reader: FeedReader,
  from: Position,
  wanted: { readonly filter: FeedFilter; readonly count: number; readonly limit?: number },
): Promise<{ events: FeedEvent[]; end: Position }> {
  const events: FeedEvent[] = [];
  let end = from;
  await until(
    async () => {
      const page = await pageFrom(reader, end, wanted.filter, wanted.limit);
      events.push(...page.events);
      end = page.end;
      return events.length >= wanted.count;
    },
    { what: `${wanted.count} events`, everyMs: 5 },
  );
  return { events, end };
}

const paymentsOf = (events: readonly FeedEvent[]): string[] =>
  events.map((event) => event.paymentId);

test('P10 an older transaction that commits later is missed by nobody, and the order is one', async () => {
  const reader = open();
  const userId = newUserId();
  const mine = { ...everything, userId };
  const start = await reader.newest();
  const late = await beginTransaction(home.appUrl);
  const first = await late.write(userId);
  const [second] = await writeEvents(database, userId);
  // Committed, and still not to be seen: what it would be shown before is not there yet.
  const held = await pageFrom(reader, start, mine);
  assert.deepEqual([held.events, held.isFull, held.isHeld], [[], false, true]);
  const third = await late.write(userId);
  await late.commit();
  await late.close();
  const onward = await read(reader, held.end, { filter: mine, count: 3 });
  assert.deepEqual(paymentsOf(onward.events), [first, third, second]);
  const anew = await read(reader, start, { filter: mine, count: 3, limit: 1 });
  assert.deepEqual(anew.events, onward.events);
});

test('a transaction that is rolled back leaves no gap that holds up the others', async () => {
  const reader = open();
  const userId = newUserId();
  const start = await reader.newest();
  const lost = await beginTransaction(home.appUrl);
  await lost.write(userId);
  const [kept] = await writeEvents(database, userId);
  await lost.close();
  const { events } = await read(reader, start, { filter: { ...everything, userId }, count: 1 });
  assert.deepEqual(paymentsOf(events), [kept]);
});

test('pages of any size join to the whole, and one is as long as all of one transaction', async () => {
  const reader = open();
  const userId = newUserId();
  const start = await reader.newest();
  const ids = [
    ...(await writeEvents(database, userId, { count: 7 })),
    ...(await writeEvents(database, userId, { count: 5 })),
  ];
  for (const limit of [1, 2, 5, 7, 100]) {
    const look = { filter: { ...everything, userId }, count: 12, limit };
    const { events } = await read(reader, start, look);
    assert.deepEqual(paymentsOf(events).toSorted(), [...ids].toSorted());
    for (const [at, event] of events.entries())
      assert(at === 0 || isAfter(event.position, events[at - 1]?.position ?? start));
  }
});

test("a page looks at a bounded number of others' events, and goes on behind them", async () => {
  const reader = open();
  const [userId, other] = [newUserId(), newUserId()];
  const start = await reader.newest();
  await writeEvents(database, other, { count: scannedMax + 10 });
  const [wanted] = await writeEvents(database, userId);
  const mine = { ...everything, userId };
  const first = await until(
    async () => {
      const page = await pageFrom(reader, start, mine);
      return page.isFull ? page : null;
    },
    { what: 'the events to be readable' },
  );
  assert.deepEqual([first.events, isAfter(first.end, start)], [[], true]);
  const { events } = await read(reader, first.end, { filter: mine, count: 1 });
  assert.deepEqual(paymentsOf(events), [wanted]);
});

test('types and a transaction are filtered, also together', async () => {
  const reader = open();
  const userId = newUserId();
  const start = await reader.newest();
  const [paymentId] = await writeEvents(database, userId);
  assert(paymentId !== undefined);
  const succeeded = { type: 'deposit.succeeded', version: 2 };
  await writeEvents(database, userId, { ...succeeded, paymentId });
  await writeEvents(database, userId, { type: 'withdrawal.created' });
  const kinds = async (filter: Partial<FeedFilter>, count: number): Promise<string[]> => {
    const all = { ...everything, userId, ...filter };
    const { events } = await read(reader, start, { filter: all, count });
    return events.map((event) => event.type);
  };
  const types = ['deposit.succeeded', 'withdrawal.created'];
  assert.deepEqual(await kinds({ types }, 2), types);
  assert.deepEqual(await kinds({ paymentId }, 2), ['deposit.created', 'deposit.succeeded']);
  assert.deepEqual(await kinds({ paymentId, types }, 1), ['deposit.succeeded']);
  const others = { ...everything, userId: newUserId(), paymentId };
  assert.deepEqual((await pageFrom(reader, start, others)).events, []);
});

test('what is older than the feed goes back is not on offer, and a cursor there is gone', async (t) => {
  const own = await openAt(await openTestDatabase(t));
  t.after(own.close);
  const userId = newUserId();
  const start = await open(day, own).newest();
  for (const days of [5, 4, 3, 3, 2]) await writeEvents(own, userId, { ageMs: days * day });
  const [kept] = await writeEvents(own, userId, { ageMs: day / 2 });
  await writeEvents(own, userId);
  const whole = await read(open(30 * day, own), start, { filter: everything, count: 7 });
  const reader = open(day, own);
  const oldest = await reader.oldest();
  const gone = whole.events.slice(0, 5);
  assert.deepEqual(oldest, gone.at(-1)?.position);
  const { events } = await read(reader, oldest, { filter: everything, count: 2 });
  assert.equal(events[0]?.paymentId, kept);
  // Behind the last one that is gone nothing was missed.
  const goneOf = (positions: readonly Position[]): Promise<boolean[]> =>
    Promise.all(positions.map((position) => reader.isGone(position)));
  assert.deepEqual(await goneOf(whole.events.map(({ position }) => position)), [
    ...[true, true, true, true],
    ...[false, false, false],
  ]);
  assert.deepEqual(await goneOf([start, await reader.newest()]), [true, false]);
  assert.deepEqual(await open(day / 4, own).oldest(), whole.events[5]?.position);
  assert.equal((await open(9 * day, own).oldest()).tx, 0n);
});

test('a cursor of other books, or from ahead of ours, is gone', async () => {
  const reader = open();
  const now = await reader.newest();
  assert.equal(await reader.isGone({ ...now, epoch: now.epoch + 1 }), true);
  assert.equal(await reader.isGone({ ...now, epoch: now.epoch - 1 }), true);
  assert.equal(await reader.isGone({ ...now, tx: now.tx + 1_000_000n }), true);
  const restored = { ...now, epoch: now.epoch + 1 };
  assert.equal(await reader.page(restored, everything, 10), 'gone');
});
