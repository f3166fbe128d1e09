import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { openMemoryCoordination } from '../../src/coordination/memory.ts';
import { openRedisCoordination, type RedisCoordination } from '../../src/coordination/redis.ts';
import { openLog } from '../../src/telemetry/log.ts';
import {
  startRedisCluster,
  startRedisSentinel,
  type TestRedis,
  type TestRedisCluster,
  type TestSentinel,
} from '../support/redis.ts';
import { until } from '../support/wait.ts';

/** Row C2 of the table of faults, with the engines that replace a dead Redis by themselves. */

const log = openLog({ level: 'silent', format: 'json', process: 'test' });
const hour = 3_600_000;
/** An election, and the client's way to the new master; 2 to 5 s by themselves. */
const failoverMsMax = 30_000;
/** The timeout of a call, and what a busy machine adds. */
const answerMsMax = 50 + 250;

test('C2: a Cluster decides like one server, whichever node has the keys', async (t) => {
  const cluster = await startCluster(t);
  // This one is about answers: those of Redis, however busy the machine is.
  const coordination = await openAt(t, cluster.url, { commandTimeoutMs: 2000 });
  await untilAnswering(coordination, subjects);
  const { fallbacks } = coordination.stats();
  const bucket = (subject: string) => ({
    ...{ policy: 'balance', capacity: 3, windowMs: hour },
    subject,
  });
  for (const subject of subjects) {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => coordination.admit({ buckets: [bucket(subject)] })),
    );
    assert.equal(answers.filter(({ admitted }) => admitted).length, 3, subject);
  }
  // Login: one bucket by address and one by e-mail, most likely of two nodes.
  const both = { buckets: [bucket('address'), bucket('someone')], hintKey: 'elsewhere' };
  coordination.remember('elsewhere', 'value', hour);
  await until(async () => (await coordination.admit(both)).hint === 'value', {
    what: 'a hint of another slot',
  });
  const last = await coordination.admit({ ...both, cost: 3 });
  assert.equal(last.admitted, false);
  assert.deepEqual(
    last.buckets.map(({ policy, windowMs }) => [policy, windowMs]),
    [
      ['balance', hour],
      ['balance', hour],
    ],
  );
  const { granted } = await coordination.lease(subjects, 'one', hour);
  assert.deepEqual([...granted.keys()], [...subjects]);
  assert.equal((await coordination.lease(subjects, 'two', hour)).granted.size, 0);
  assert.equal(coordination.stats().fallbacks, fallbacks);
});

test('C2: a Cluster whose master is killed is used again after its election', async (t) => {
  const cluster = await startCluster(t);
  const coordination = await openAt(t, cluster.url);
  await untilAnswering(coordination, subjects);
  await expectFailover(coordination, await cluster.masterOf('test:{lease}'));
});

test('C2: behind Sentinel a killed master is replaced, and its successor used', async (t) => {
  const sentinel = await startSentinel(t);
  const coordination = await openAt(t, sentinel.url);
  await untilAnswering(coordination, subjects);
  await expectFailover(coordination, sentinel.master);
  assert.match(String(await sentinel.replica.command('ROLE')), /^master/);
});

test('C2: behind Sentinel a master that hangs is replaced, and not written to when it wakes', async (t) => {
  const sentinel = await startSentinel(t);
  const coordination = await openAt(t, sentinel.url);
  await untilAnswering(coordination, subjects);
  sentinel.master.signal('SIGSTOP');
  await untilRole(sentinel.replica, 'master');
  await untilAnswering(coordination, subjects);
  sentinel.master.signal('SIGCONT');
  await untilRole(sentinel.master, 'slave');
  await untilAnswering(coordination, subjects);
});

const subjects = ['ann', 'bob', 'cem', 'dan', 'eve', 'fay', 'gus', 'hal'] as const;

/** Through it all answers come in time, leases are granted, and messages arrive when it is over. */
async function expectFailover(coordination: RedisCoordination, master: TestRedis): Promise<void> {
  const heard = new Set<string>();
  await coordination.subscribe('news', (message) => heard.add(message));
  const leaseOf = async (): Promise<number> => {
    const { granted } = await coordination.lease(['a'], 'one', hour);
    coordination.release(['a'], 'one');
    return granted.get('a') ?? 0;
  };
  const first = await leaseOf();
  assert.ok(first > 0);
  const slowestMs = slowest(coordination);
  await master.kill9();
  await until(() => coordination.stats().fallbacks > 0, { what: 'the first call without Redis' });
  await untilAnswering(coordination, subjects);
  assert.ok((await slowestMs.end()) <= answerMsMax, `${await slowestMs.end()} ms for an answer`);
  const second = await until(async () => (await leaseOf()) || null, { what: 'a lease' });
  assert.ok(second > first, `${second} > ${first}`);
  await until(
    () => {
      coordination.publish('news', 'after');
      return heard.has('after');
    },
    { what: 'a message after the failover', deadlineMs: failoverMsMax },
  );
}

/** Asks without a pause. @returns the way to end it and learn what the slowest answer took. */
function slowest(coordination: RedisCoordination): { readonly end: () => Promise<number> } {
  const done = new AbortController();
  let slowestMs = 0;
  const ask = async (subject: string): Promise<void> => {
    while (!done.signal.aborted) {
      const startedAt = performance.now();
      await coordination.admit(requestOf(subject));
      slowestMs = Math.max(slowestMs, performance.now() - startedAt);
      // An answer of this process comes without a turn of the event loop, on which all else waits.
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const asking = Promise.all(subjects.map(ask));
  return {
    end: async () => {
      done.abort();
      await asking;
      return slowestMs;
    },
  };
}

/** Every subject, and so every node, by Redis itself. */
async function untilAnswering(
  coordination: RedisCoordination,
  asked: readonly string[],
): Promise<void> {
  await until(
    async () => {
      const before = coordination.stats().fallbacks;
      for (const subject of asked) await coordination.admit(requestOf(subject));
      await coordination.lease(['probe'], 'nobody', 1);
      return coordination.stats().fallbacks === before;
    },
    { what: 'Redis to be used again', deadlineMs: failoverMsMax, everyMs: 50 },
  );
}

async function untilRole(server: TestRedis, role: 'master' | 'slave'): Promise<void> {
  await until(async () => String(await server.command('ROLE')).startsWith(role), {
    what: `a ${role}`,
    deadlineMs: failoverMsMax,
    everyMs: 100,
  });
}

const requestOf = (subject: string) => ({
  buckets: [{ policy: 'global', subject, capacity: 1_000_000, windowMs: hour }],
});

async function startCluster(t: TestContext): Promise<TestRedisCluster> {
  const cluster = await startRedisCluster();
  t.after(cluster.stop);
  return cluster;
}

async function startSentinel(t: TestContext): Promise<TestSentinel> {
  const sentinel = await startRedisSentinel();
  t.after(sentinel.stop);
  return sentinel;
}

async function openAt(
  t: TestContext,
  url: string,
  timeouts: { readonly commandTimeoutMs?: number } = {},
): Promise<RedisCoordination> {
  const coordination = await openRedisCoordination({
    url,
    prefix: 'test',
    log,
    clock: systemClock,
    fallback: openMemoryCoordination(systemClock),
    ...timeouts,
  });
  t.after(() => coordination.close());
  return coordination;
}
