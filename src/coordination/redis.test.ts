import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { sharedRedis } from '../../test/support/redis.ts';
import { until } from '../../test/support/wait.ts';
import { systemClock } from '../clock.ts';
import { StartRefused } from '../refused.ts';
import { type Logger, openLog } from '../telemetry/log.ts';
import { exerciseCoordination } from './conformance.ts';
import type { Bucket } from './coordination.ts';
import { openMemoryCoordination } from './memory.ts';
import { openRedisCoordination, type RedisCoordination } from './redis.ts';

const log = openLog({ level: 'silent', format: 'json', process: 'test' });
const minute = 60_000;

let server: Awaited<ReturnType<typeof sharedRedis>>;
let redis: Redis;
let opened = 0;

before(async () => {
  server = await sharedRedis();
  redis = new Redis(server.url);
});
after(async () => {
  redis.disconnect();
  await server.stop();
});

/** Each with a prefix of its own, so that nobody meets another one's keys. */
async function open(): Promise<RedisCoordination & { readonly prefix: string }> {
  const prefix = `${server.prefix}-${++opened}`;
  const coordination = await openRedisCoordination({
    url: server.url,
    prefix,
    log,
    clock: systemClock,
    fallback: openMemoryCoordination(systemClock),
    // These tests are about answers; how long one may take is in test/distributed.
    commandTimeoutMs: 2000,
  });
  return { ...coordination, prefix };
}

async function serverMs(): Promise<number> {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1000 + Number(micros) / 1000;
}

describe('on a real Redis', () => {
  exerciseCoordination(async () => {
    const coordination = await open();
    return {
      coordination,
      // The time that counts is Redis' own.
      advance: async (ms) => {
        const endsAt = (await serverMs()) + ms;
        await until(async () => (await serverMs()) >= endsAt, { what: 'time to pass', everyMs: 5 });
      },
      close: () => {
        assert.equal(coordination.stats().fallbacks, 0, 'Redis itself answered everything');
        return coordination.close();
      },
    };
  });

  test('processes share their buckets, hints, leases and messages', async (t) => {
    const one = await open();
    const two = await openAt(one.prefix);
    t.after(() => Promise.all([one.close(), two.close()]));
    const bucket = { policy: 'global', subject: 'ann', capacity: 5, windowMs: 60 * minute };
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? one : two).admit({ buckets: [bucket] })),
    );
    assert.equal(answers.filter(({ admitted }) => admitted).length, 5);
    one.remember('key', 'payment 1', minute);
    await one.ping();
    assert.equal((await two.admit({ buckets: [], hintKey: 'key' })).hint, 'payment 1');
    assert.equal((await one.lease(['a'], 'one', minute)).granted.size, 1);
    assert.equal((await two.lease(['a'], 'two', minute)).granted.size, 0);
    const heard = Promise.withResolvers<string>();
    await two.subscribe('news', heard.resolve);
    one.publish('news', 'hello');
    assert.equal(await heard.promise, 'hello');
  });

  test('a thousand simultaneous requests are decided exactly', async (t) => {
    const coordination = await open();
    t.after(() => coordination.close());
    const bucket = { policy: 'global', subject: 'ann', capacity: 300, windowMs: 60 * minute };
    const answers = await Promise.all(
      Array.from({ length: 1000 }, () => coordination.admit({ buckets: [bucket] })),
    );
    assert.equal(answers.filter(({ admitted }) => admitted).length, 300);
    assert.equal(coordination.stats().fallbacks, 0);
  });

  test('the largest bucket is counted to the unit', async (t) => {
    const coordination = await open();
    t.after(() => coordination.close());
    const windowMs = 86_400_000;
    const bucket = { policy: 'global', subject: 'ann', capacity: 50_000_000, windowMs };
    const { prefix } = coordination;
    await coordination.admit({ buckets: [bucket], cost: 49_999_999 });
    const stored = await redis.get(`${prefix}:{ann}:global`);
    assert.equal(stored?.split(' ')[0], String(49_999_999 * windowMs));
  });

  test('a bucket, a hint and a lease leave nothing behind when they end', async (t) => {
    const coordination = await open();
    t.after(() => coordination.close());
    await coordination.admit({ buckets: [perMinute('ann', 600)] });
    await coordination.lease(['a'], 'one', 50);
    coordination.remember('key', 'value', 50);
    const left = () => redis.keys(`${coordination.prefix}:*`);
    await until(async () => (await left()).length === 1, { what: 'the keys to end' });
    assert.deepEqual(await left(), [`${coordination.prefix}:{lease}`]);
  });

  test('an e-mail address is not written to the server, nor an endless subject', async (t) => {
    const coordination = await open();
    t.after(() => coordination.close());
    await coordination.admit({ buckets: [perMinute('ann@example.com', 5)] });
    await coordination.admit({ buckets: [perMinute('x'.repeat(10_000), 5)] });
    await coordination.admit({ buckets: [perMinute('}{', 5)] });
    const keys = await redis.keys(`${coordination.prefix}:*`);
    assert.equal(keys.length, 3);
    for (const key of keys) assert.match(key, /:\{[\w-]{43}\}:balance$/);
  });

  test('scripts that the server has forgotten are told again, unseen', async (t) => {
    const coordination = await open();
    t.after(() => coordination.close());
    const bucket = perMinute('ann', 100);
    for (let i = 0; i < 5; i++) {
      await redis.script('FLUSH');
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => coordination.admit({ buckets: [bucket] })),
      );
      assert.ok(answers.every(({ admitted }) => admitted));
    }
    const last = await coordination.admit({ buckets: [bucket] });
    assert.ok((last.buckets[0]?.remaining ?? 0) <= 51, 'each was counted');
    assert.equal(coordination.stats().fallbacks, 0);
  });

  test('the fencing number goes on growing when Redis has lost it', async (t) => {
    const coordination = await open();
    t.after(() => coordination.close());
    const fence = `${coordination.prefix}:{lease}`;
    const next = async (): Promise<number> => {
      const { granted } = await coordination.lease(['a'], 'one', minute);
      coordination.release(['a'], 'one');
      return granted.get('a') ?? Number.NaN;
    };
    const first = await next();
    await redis.del(fence);
    const second = await next();
    await redis.set(fence, 'garbage');
    const third = await next();
    await redis.set(fence, String(third + 5_000_000));
    const fourth = await next();
    assert.ok(first < second && second < third, `${first} < ${second} < ${third}`);
    assert.equal(fourth, third + 5_000_001);
  });
});

describe('C5: what Redis says is only a hint', () => {
  test("C5: another user's hint, or garbage, is handed on as it is and changes nothing", async (t) => {
    const coordination = await open();
    t.after(() => coordination.close());
    const key = `${coordination.prefix}:hint:{ann}:key`;
    for (const poison of ["bob's payment", '', '\u0000{"status":200}', '🎲'.repeat(256)]) {
      await redis.set(key, poison);
      const answer = await coordination.admit({
        buckets: [perMinute('ann', 100)],
        hintKey: '{ann}:key',
      });
      assert.deepEqual([answer.admitted, answer.hint], [true, poison]);
    }
  });

  test('C5: a hint without measure, or of another kind, is no hint', async (t) => {
    const coordination = await open();
    t.after(() => coordination.close());
    const key = `${coordination.prefix}:hint:key`;
    const ask = () => coordination.admit({ buckets: [perMinute('ann', 100)], hintKey: 'key' });
    await redis.set(key, 'x'.repeat(50_000_000));
    assert.equal((await ask()).hint, null);
    await redis.del(key);
    await redis.lpush(key, 'a', 'b');
    assert.deepEqual([(await ask()).admitted, (await ask()).hint], [true, null]);
    coordination.remember('long', 'x'.repeat(1025), minute);
    assert.equal((await coordination.admit({ buckets: [], hintKey: 'long' })).hint, null);
    assert.equal(coordination.stats().fallbacks, 0);
  });

  test('C5: a poisoned bucket locks nobody out for longer than its window', async (t) => {
    const coordination = await open();
    t.after(() => coordination.close());
    const key = `${coordination.prefix}:{ann}:balance`;
    const ask = async () =>
      (await coordination.admit({ buckets: [perMinute('ann', 5)] })).buckets[0];
    for (const garbage of ['', 'garbage', '-1 -1', '1e9 1', '{"missing":1}']) {
      await redis.set(key, garbage);
      assert.equal((await ask())?.remaining, 4, `after "${garbage}"`);
    }
    const future = Math.round(await serverMs()) + 100 * minute;
    await redis.set(key, `${'9'.repeat(400)} ${future}`);
    const refused = await ask();
    assert.equal(refused?.remaining, 0);
    assert.ok((refused?.resetAfterMs ?? 0) <= minute);
    await redis.set(key, `0 ${future}`);
    assert.equal((await ask())?.remaining, 4);
  });

  test('C5: a lease key of another kind stops no work', async (t) => {
    const coordination = await open();
    t.after(() => coordination.close());
    await redis.lpush(`${coordination.prefix}:{lease}`, 'not a number');
    const { granted } = await coordination.lease(['a', 'b'], 'one', minute);
    assert.deepEqual([...granted.keys()], ['a', 'b']);
    assert.equal(coordination.stats().errors, 1);
  });
});

test('a user with the rights of docs/operations.md can do everything', async (t) => {
  const user = `user-${server.prefix}`;
  const rights = aclRights.exec(readFileSync(operations, 'utf8'))?.[1];
  const own = rights?.replaceAll('tollgate:', `${server.prefix}-acl:`).split(' ') ?? [];
  await redis.call('ACL', 'SETUSER', user, 'reset', 'on', '>p@ss', ...own);
  t.after(() => redis.call('ACL', 'DELUSER', user));
  const url = server.url.replace('//', `//${user}:p%40ss@`);
  const coordination = await openAt(`${server.prefix}-acl`, url);
  t.after(() => coordination.close());
  await coordination.lease(['a'], 'one', minute);
  coordination.release(['a'], 'one');
  coordination.remember('key', 'value', minute);
  const request = { buckets: [perMinute('ann', 5)], hintKey: 'key' };
  assert.equal((await coordination.admit(request)).hint, 'value');
  assert.equal((await coordination.lease(['a'], 'two', minute)).granted.size, 1);
  const heard = Promise.withResolvers<string>();
  await coordination.subscribe('news', heard.resolve);
  coordination.publish('news', 'hello');
  assert.equal(await heard.promise, 'hello');
  assert.equal(coordination.stats().fallbacks, 0);
});

test('a wrong password is told in the log, and not shown there', async (t) => {
  const lines: string[] = [];
  const told = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const url = server.url.replace('//', '//nobody:hunter2@');
  const coordination = await openAt(`${server.prefix}-wrong`, url, told);
  t.after(() => coordination.close());
  const answer = await coordination.admit({ buckets: [perMinute('ann', 5)] });
  assert.deepEqual([answer.admitted, coordination.stats().fallbacks], [true, 1]);
  assert.match(lines.join(''), /WRONGPASS/);
  assert.doesNotMatch(lines.join(''), /hunter2/);
});

const operations = new URL('../../docs/operations.md', import.meta.url);
const aclRights = /`(~tollgate:\* [^`]+)`/;

test('what is not the address of a Redis is refused at the start, without its password', async () => {
  const opening = openRedisCoordination({
    url: 'redis://user:secret@one,two',
    prefix: 'test',
    log,
    clock: systemClock,
    fallback: openMemoryCoordination(systemClock),
  });
  await assert.rejects(opening, (error) => {
    assert.ok(error instanceof StartRefused);
    assert.match(error.message, /^REDIS_URL names several hosts/);
    return !error.message.includes('secret');
  });
});

const perMinute = (subject: string, capacity: number): Bucket => {
  return { policy: 'balance', subject, capacity, windowMs: minute };
};

function openAt(
  prefix: string,
  url = server.url,
  toldTo: Logger = log,
): Promise<RedisCoordination> {
  return openRedisCoordination({
    url,
    prefix,
    log: toldTo,
    clock: systemClock,
    fallback: openMemoryCoordination(systemClock),
    commandTimeoutMs: 2000,
  });
}
