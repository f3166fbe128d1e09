import assert from 'node:assert/strict';
import type { Readable } from 'node:stream';
import { after, before, type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { openSseParser, type StreamedEvent } from '../../test/support/event-stream.ts';
import { beginTransaction, writeEvents } from '../../test/support/feed-events.ts';
import { openTestDatabase, type TestDatabase } from '../../test/support/postgres.ts';
import { type Draws, openDraws } from '../../test/support/random.ts';
import { until } from '../../test/support/wait.ts';
import { systemClock } from '../clock.ts';
import { openMemoryCoordination } from '../coordination/memory.ts';
import type { Database } from '../db/database.ts';
import { openDatabase } from '../db/external.ts';
import { newUserId, type UserId } from '../ids.ts';
import { Overloaded } from '../runtime/overloaded.ts';
import { openBell } from './bell.ts';
import type { FeedFilter } from './event.ts';
import { type Feed, openFeed } from './feed.ts';
import { formatPosition, parsePosition } from './position.ts';

const log = pino({ level: 'silent' });
const coordination = openMemoryCoordination(systemClock);
let home: TestDatabase;
let database: Database;
let statements = 0;
before(async () => {
  home = await openTestDatabase();
  database = await openDatabase({
    url: home.appUrl,
    connectionsMax: 4,
    groupConnections: 4,
    log,
  });
});
after(async () => {
  await database.close();
  await home.drop();
});

/** A process' feed, whose clock a test moves. */
function openTestFeed(
  t: TestContext,
  streamsMax = 1_000,
): Feed & { advance: (ms: number) => void } {
  let aheadMs = 0;
  const counted: Database = {
    ...database,
    keyed: {
      query: (statement, values) => {
        statements += 1;
        return database.keyed.query(statement, values);
      },
    },
  };
  const feed = openFeed({
    database: counted,
    coordination,
    clock: { now: systemClock.now, monotonic: () => systemClock.monotonic() + aheadMs },
    log,
    retentionMs: 86_400_000,
    streamsMax,
    streamsPerUserMax: streamsMax,
    heartbeatMs: 15_000,
    stalledMsMax: 30_000,
  });
  t.after(feed.stop);
  return {
    ...feed,
    advance: (ms) => {
      aheadMs += ms;
    },
  };
}

const all: FeedFilter = { userId: null, types: null, paymentId: null };

async function open(feed: Feed, userId: UserId, lastEventId?: string): Promise<Readable> {
  const asked = lastEventId === undefined ? null : parsePosition(lastEventId);
  const from = asked ?? (await feed.newest());
  const filter = { ...all, userId };
  const stream = feed.open({ follower: userId, filter, from, mayGoOn: async () => true });
  assert(stream !== 'too_many');
  return stream;
}

interface Reading {
  readonly events: StreamedEvent[];
  readonly lastEventId: () => string;
  readonly retryMs: () => number | null;
}

/** Takes all that comes, from now on. */
function consume(stream: Readable): Reading {
  const parser = openSseParser();
  const events: StreamedEvent[] = [];
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => events.push(...parser.push(text)));
  return { events, lastEventId: parser.lastEventId, retryMs: parser.retryMs };
}

/** Every event of the user, in the order of the feed, once nothing is held back any more. */
async function readAll(feed: Feed, userId: UserId, count: number): Promise<string[]> {
  const ids: string[] = [];
  let from = await feed.oldest();
  await until(
    async () => {
      const page = await feed.page(from, { ...all, userId }, 1_000);
      assert(page !== 'gone');
      from = page.end;
      for (const { position } of page.events)
        ids.push(`${position.epoch}-${position.tx}-${position.n}`);
      return ids.length >= count;
    },
    { what: `${count} events to be readable`, everyMs: 5, deadlineMs: 20_000 },
  );
  return ids;
}

test('P10 a stream is told of the older transaction that commits later, and before the younger', async (t) => {
  const feed = openTestFeed(t);
  const userId = newUserId();
  const { events } = consume(await open(feed, userId));
  const late = await beginTransaction(home.appUrl);
  const first = await late.write(userId);
  const [second] = await writeEvents(database, userId);
  await late.commit();
  await late.close();
  await until(() => events.length === 2, { what: 'both events' });
  const told = events.map((event) => JSON.parse(event.data).transaction_id);
  assert.deepEqual(told, [first, second]);
});

test('four writers at once and readers who resume anywhere: no gap, nothing twice, one order', async (t) => {
  const feeds = [openTestFeed(t), openTestFeed(t)];
  const userId = newUserId();
  const draws = openDraws(t);
  const [first] = feeds;
  assert(first !== undefined);
  const start = formatPosition(await first.newest());
  const readers = Array.from({ length: 3 }, (_, nth) =>
    resumeAnywhere({ feeds, userId, draws, start, nth }),
  );
  const written = await Promise.all(
    Array.from({ length: 4 }, () => writeTransactions(userId, draws)),
  );
  const count = written.reduce((sum, one) => sum + one, 0);
  const expected = await readAll(first, userId, count);
  assert.equal(expected.length, count);
  assert.equal(new Set(expected).size, count);
  for (const reader of readers) {
    const { seen, resumes } = await reader(count);
    assert.deepEqual(seen, expected);
    t.diagnostic(`${count} events, resumed ${resumes} times`);
    assert(resumes > 3);
  }
});

/** Transactions of a few events that overlap with those of others. @returns events written */
async function writeTransactions(userId: UserId, draws: Draws): Promise<number> {
  let count = 0;
  for (let nth = 0; nth < 30; nth += 1) {
    const one = await beginTransaction(home.appUrl);
    const events = draws.whole(0, 4);
    for (let at = 0; at < events; at += 1) await one.write(userId);
    // One in five is rolled back by the end of its connection.
    const isKept = draws.whole(0, 4) > 0;
    if (isKept) await one.commit();
    await one.close();
    if (isKept) count += events;
  }
  return count;
}

/** Breaks off after a few events and comes back with the last id, at whichever process. */
function resumeAnywhere(plan: {
  readonly feeds: readonly Feed[];
  readonly userId: UserId;
  readonly draws: Draws;
  readonly start: string;
  readonly nth: number;
}) {
  const { feeds, userId, draws, nth } = plan;
  const seen: string[] = [];
  let resumes = 0;
  let isDone = false;
  const goesOn = (): boolean => !isDone;
  const follow = async (): Promise<void> => {
    let lastEventId = plan.start;
    while (goesOn()) {
      const feed = feeds[(resumes + nth) % feeds.length];
      assert(feed !== undefined);
      const stream = await open(feed, userId, lastEventId);
      const parser = openSseParser();
      const wanted = draws.whole(1, 25);
      let taken = 0;
      stream.setEncoding('utf8');
      for await (const text of stream) {
        // What came with the last bytes counts as taken: the id says so.
        const events = parser.push(String(text));
        seen.push(...events.map((event) => event.id));
        taken += events.length;
        if (isDone || taken >= wanted) break;
      }
      lastEventId = parser.lastEventId();
      resumes += 1;
    }
  };
  const following = follow();
  following.catch(() => undefined);
  return async (count: number) => {
    await until(() => seen.length >= count, { what: `${count} events`, deadlineMs: 20_000 });
    isDone = true;
    // Whoever waits for more hears that there is no more.
    await Promise.all(feeds.map((feed) => feed.stop()));
    await following.catch((error: unknown) => assert(error instanceof Overloaded));
    return { seen: seen.slice(0, count), resumes };
  };
}

test('who takes nothing costs a page of memory, and then has everything, in order, once', async (t) => {
  const feed = openTestFeed(t);
  const userId = newUserId();
  const slow = await open(feed, userId);
  const quick = consume(await open(feed, userId));
  const data = { note: 'x'.repeat(2_000) };
  const count = 4_000;
  for (let nth = 0; nth < count; nth += 200) {
    await writeEvents(database, userId, { count: 200, data });
    await until(() => quick.events.length >= nth + 200, { what: 'the quick reader' });
  }
  // Of 9 MB: what fits its buffer, and one page of a hundred at most.
  assert(slow.readableLength < 300_000, `${slow.readableLength} bytes wait`);
  const late = consume(slow);
  await until(() => late.events.length >= count, { what: 'the slow reader' });
  assert.deepEqual(
    late.events.map((event) => event.id),
    quick.events.map((event) => event.id),
  );
  await writeEvents(database, userId);
  await until(() => late.events.length === count + 1, { what: 'it to follow again' });
});

test('who takes nothing for long is cut off by the clock, and resumes by its id', async (t) => {
  const feed = openTestFeed(t);
  const userId = newUserId();
  const stalled = await open(feed, userId);
  const idle = consume(await open(feed, userId));
  const data = { note: 'x'.repeat(2_000) };
  await writeEvents(database, userId, { count: 50, data });
  await until(() => idle.events.length === 50 && stalled.readableLength > 16_384, {
    what: 'the buffer to be full',
  });
  feed.advance(31_000);
  await until(() => stalled.destroyed, { what: 'it to be cut off' });
  const again = consume(await open(feed, userId, idle.events[9]?.id));
  await until(() => again.events.length >= 40, { what: 'the rest' });
  assert.deepEqual(again.events, idle.events.slice(10));
});

test('a stop ends every stream at once, each with a time of its own to come back', async (t) => {
  const feed = openTestFeed(t);
  const userId = newUserId();
  const readings: Reading[] = [];
  for (let nth = 0; nth < 4; nth += 1) readings.push(consume(await open(feed, userId)));
  const deaf = await open(feed, userId);
  const startedAt = performance.now();
  await feed.stop();
  assert(performance.now() - startedAt < 3_000, 'nobody holds it up');
  assert.equal(deaf.destroyed, true);
  const returns = readings.map((one) => one.retryMs() ?? 0);
  assert(returns.every((ms) => ms >= 1_000 && ms <= 5_000));
  assert.equal(new Set(returns).size, 4);
  await assert.rejects(open(feed, userId), Overloaded);
});

test('word of a commit is heard, and however many follow, the feed is read once', async (t) => {
  const feed = openTestFeed(t);
  const ring = openBell(coordination);
  const [userId, other] = [newUserId(), newUserId()];
  const readings: Reading[] = [];
  for (let nth = 0; nth < 50; nth += 1)
    readings.push(consume(await open(feed, nth % 2 === 0 ? userId : other)));
  await writeEvents(database, userId);
  await until(() => readings[0]?.events.length === 1, { what: 'all to follow' });
  const looksBefore = statements;
  const startedAt = performance.now();
  const rounds = 5;
  for (let nth = 0; nth < rounds; nth += 1) {
    await writeEvents(database, userId);
    ring();
    await until(
      () => readings.every(({ events }, at) => events.length === (at % 2 === 0 ? nth + 2 : 0)),
      { what: 'the event at all of them, and at nobody else', everyMs: 1 },
    );
  }
  const ms = performance.now() - startedAt;
  t.diagnostic(`${statements - looksBefore} looks for ${rounds} events at 25 streams, ${ms} ms`);
  // Two for each event, four a second, and those beside which somebody still ran.
  assert(statements - looksBefore < 2 * rounds + (ms / 1_000) * 110 + 5);
});

test('a process that nobody follows does not read', async (t) => {
  const feed = openTestFeed(t);
  const stream = await open(feed, newUserId());
  consume(stream);
  await until(() => stream.readableFlowing, { what: 'it to flow' });
  stream.destroy();
  await until(() => stream.closed, { what: 'it to be closed' });
  const ring = openBell(coordination);
  const looksBefore = statements;
  for (let nth = 0; nth < 5; nth += 1) {
    const heard = new Promise<void>((resolve) => {
      void coordination.subscribe('feed', () => resolve());
    });
    ring();
    await heard;
  }
  // One may have been under way.
  assert(statements - looksBefore <= 1);
});
