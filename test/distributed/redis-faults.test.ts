import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/clock.ts';
import { openMemoryCoordination } from '../../src/coordination/memory.ts';
import { openRedisCoordination, type RedisCoordination } from '../../src/coordination/redis.ts';
import { openLog } from '../../src/telemetry/log.ts';
import { type StartedRedis, startRedis } from '../support/redis.ts';
import { openSlowWire, type SlowWire } from '../support/slow-wire.ts';
import { until } from '../support/wait.ts';

/**
 * Rows C1 to C4 of the table of faults: Redis away, slow and flushed costs fairness and no time.
 */

const log = openLog({ level: 'silent', format: 'json', process: 'test' });
const hour = 3_600_000;
const timeoutMs = 50;
/** What the machine that runs the tests may add: other tests run beside them. */
const machineMs = 150;

describe('C1: everything is flushed, again and again', () => {
  test('C1: each call is answered by Redis, and a flush gives away one bucket at most', async (t) => {
    const { server, coordination } = await openBoth(t, { commandTimeoutMs: 2000 });
    let flushes = 0;
    let admitted = 0;
    const bucket = { policy: 'global', subject: 'ann', capacity: 40, windowMs: hour };
    const done = new AbortController();
    const ask = async (): Promise<void> => {
      while (!done.signal.aborted) {
        const request = { buckets: [bucket], hintKey: 'key' };
        if ((await coordination.admit(request)).admitted) admitted++;
      }
    };
    const callers = Array.from({ length: 8 }, ask);
    await until(
      async () => {
        await server.command('FLUSHALL');
        if (++flushes % 3 === 0) await server.command('SCRIPT', 'FLUSH');
        return flushes === 10;
      },
      { what: 'ten flushes', everyMs: 150 },
    );
    done.abort();
    await Promise.all(callers);
    assert.ok(admitted >= 40 * 2, `${admitted} admitted: a flushed bucket is full`);
    assert.ok(admitted <= 40 * (flushes + 1), `${admitted} admitted in ${flushes} flushes`);
    assert.equal(coordination.stats().fallbacks, 0);
  });
});

describe('C2: Redis is killed', () => {
  test('C2: limits hold by this process alone, at once, and by Redis when it is back', async (t) => {
    const { server, coordination } = await openBoth(t);
    const ask = (subject: string) =>
      coordination.admit({
        buckets: [{ policy: 'global', subject, capacity: 5, windowMs: hour }],
      });
    await ask('ann');
    await server.kill9();
    const answers = await inTime(Array.from({ length: 50 }, () => () => ask('ann')));
    const admitted = answers.filter((answer) => answer.admitted).length;
    assert.ok(admitted >= 5 && admitted <= 6, `${admitted} admitted`);
    assert.ok(coordination.stats().fallbacks >= 49);
    await assert.rejects(coordination.ping());

    await server.restart();
    await until(() => isAnswering(coordination), { what: 'Redis to be used again' });
    const { fallbacks } = coordination.stats();
    assert.equal((await ask('ann')).buckets[0]?.remaining, 4);
    assert.equal(coordination.stats().fallbacks, fallbacks);
  });

  test('C2: work goes on without leases, and fencing numbers go on growing', async (t) => {
    const { server, coordination } = await openBoth(t);
    const fenceOf = async (): Promise<number> => {
      const { granted } = await coordination.lease(['a', 'b'], 'one', hour);
      coordination.release(['a', 'b'], 'one');
      assert.deepEqual([...granted.keys()], ['a', 'b']);
      return granted.get('b') ?? Number.NaN;
    };
    const fences = [await fenceOf()];
    await server.kill9();
    fences.push(await fenceOf(), await fenceOf());
    await server.restart();
    await until(() => isAnswering(coordination), { what: 'Redis to be used again' });
    fences.push(await fenceOf(), await fenceOf());
    assert.deepEqual(
      fences,
      fences.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(fences).size, fences.length);
  });

  test('C2: who listens hears on: this process while Redis is away, all when it is back', async (t) => {
    const { server, coordination } = await openBoth(t);
    const other = await openAt(t, server.url);
    const heard: string[] = [];
    await coordination.subscribe('news', (message) => heard.push(message));
    await server.kill9();
    coordination.publish('news', 'from here');
    await until(() => heard.includes('from here'), { what: 'a message without Redis' });
    await server.restart();
    await until(
      () => {
        other.publish('news', 'from there');
        return heard.includes('from there');
      },
      { what: 'a message of another process' },
    );
  });

  test('C2: a start without Redis is a start, and finds it later', async (t) => {
    const server = await startRedis();
    t.after(server.stop);
    await server.kill9();
    const coordination = await openAt(t, server.url);
    const heard: string[] = [];
    await coordination.subscribe('news', (message) => heard.push(message));
    coordination.remember('key', 'value', hour);
    const answer = await coordination.admit({ buckets: [], hintKey: 'key' });
    assert.deepEqual([answer.admitted, answer.hint], [true, 'value']);
    assert.equal(coordination.stats().state, 'disconnected');
    await server.restart();
    await until(() => isAnswering(coordination), { what: 'Redis to be found' });
    await until(
      async () => {
        await server.command('PUBLISH', 'test:channel:news', 'hello');
        return heard.includes('hello');
      },
      { what: 'the subscription to be made' },
    );
  });
});

describe('C3: Redis hangs', () => {
  test('C3: a stopped server costs the first callers the timeout and later ones nothing', async (t) => {
    const { server, coordination } = await openBoth(t);
    await coordination.admit(requestOf('ann'));
    server.signal('SIGSTOP');
    await expectGivenUp(coordination);
    server.signal('SIGCONT');
    await until(() => isAnswering(coordination), { what: 'Redis to be used again' });
  });

  test('C3: 500 ms of latency count as away, until they have passed', async (t) => {
    const { wire, coordination } = await openWired(t);
    await coordination.admit(requestOf('ann'));
    wire.setDelay(500);
    await expectGivenUp(coordination);
    wire.setDelay(0);
    await until(() => isAnswering(coordination), { what: 'Redis to be used again' });
  });

  test('C3: a connection that is dead without knowing it is given up for a new one', async (t) => {
    const { wire, coordination } = await openWired(t);
    const heard: string[] = [];
    await coordination.subscribe('news', (message) => heard.push(message));
    wire.abandon();
    await inTime(Array.from({ length: 10 }, () => () => coordination.admit(requestOf('ann'))));
    await until(() => isAnswering(coordination), { what: 'a new connection' });
    await until(
      () => {
        coordination.publish('news', 'hello');
        return heard.includes('hello');
      },
      { what: 'a new subscription' },
    );
  });
});

describe('C4: two holders of one lease', () => {
  test('C4: a stopped holder is succeeded under a higher number, and takes nothing back', async (t) => {
    const { server, coordination } = await openBoth(t, { commandTimeoutMs: 2000 });
    const holder = spawn(process.execPath, [holderProgram, server.url, 'test', '400'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    t.after(() => holder.kill('SIGKILL'));
    const lines = createInterface(holder.stdout)[Symbol.asyncIterator]();
    const first = Number((await lines.next()).value);
    assert.ok(first > 0);
    holder.kill('SIGSTOP');
    const second = await until(
      async () => (await coordination.lease(['a'], 'successor', hour)).granted.get('a'),
      { what: 'the lease of a stopped process to end' },
    );
    assert.ok(second > first, `${second} > ${first}`);
    holder.kill('SIGCONT');
    holder.stdin.end('go on\n');
    assert.equal((await lines.next()).value, 'released');
    await once(holder, 'exit');
    assert.equal((await coordination.lease(['a'], 'third', hour)).granted.size, 0);
  });
});

const holderProgram = fileURLToPath(new URL('../support/lease-holder.ts', import.meta.url));

const requestOf = (subject: string) => ({
  buckets: [{ policy: 'global', subject, capacity: 1000, windowMs: hour }],
});

interface Timeouts {
  readonly commandTimeoutMs?: number;
}

async function openBoth(
  t: TestContext,
  timeouts: Timeouts = {},
): Promise<{ server: StartedRedis; coordination: RedisCoordination }> {
  const server = await startRedis();
  t.after(server.stop);
  return { server, coordination: await openAt(t, server.url, timeouts) };
}

async function openWired(
  t: TestContext,
): Promise<{ wire: SlowWire; coordination: RedisCoordination }> {
  const server = await startRedis();
  t.after(server.stop);
  const wire = await openSlowWire(server.port);
  t.after(wire.close);
  return { wire, coordination: await openAt(t, `redis://127.0.0.1:${wire.port}`) };
}

async function openAt(
  t: TestContext,
  url: string,
  timeouts: Timeouts = {},
): Promise<RedisCoordination> {
  const coordination = await openRedisCoordination({
    url,
    prefix: 'test',
    log,
    clock: systemClock,
    fallback: openMemoryCoordination(systemClock),
    commandTimeoutMs: timeoutMs,
    probeEveryMs: 200,
    ...timeouts,
  });
  t.after(() => coordination.close());
  return coordination;
}

/** Answers by Redis itself, and has done so for this call. */
async function isAnswering(coordination: RedisCoordination): Promise<boolean> {
  const before = coordination.stats().fallbacks;
  await coordination.admit(requestOf('probe'));
  const { fallbacks, state } = coordination.stats();
  return state === 'connected' && fallbacks === before;
}

/** All at once. No answer may take longer than the timeout. */
async function inTime<T>(calls: readonly (() => Promise<T>)[]): Promise<T[]> {
  return Promise.all(
    calls.map(async (call) => {
      const startedAt = performance.now();
      const answer = await call();
      const tookMs = performance.now() - startedAt;
      assert.ok(tookMs <= timeoutMs + machineMs, `an answer took ${tookMs.toFixed(0)} ms`);
      return answer;
    }),
  );
}

/** Asks on until Redis is given up; from then on an answer takes no time at all. */
async function expectGivenUp(coordination: RedisCoordination): Promise<void> {
  const call = () => coordination.admit(requestOf('ann'));
  await until(
    async () => {
      const answers = await inTime(Array.from({ length: 20 }, () => call));
      assert.ok(answers.every(({ admitted }) => admitted));
      return coordination.stats().state !== 'connected';
    },
    { what: 'Redis to be given up', everyMs: 1 },
  );
  const { timeouts } = coordination.stats();
  assert.ok(timeouts >= 20 && timeouts <= 200, `${timeouts} calls waited`);
  const startedAt = performance.now();
  for (let i = 0; i < 2000; i++) await call();
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs <= 1000, `2,000 answers took ${tookMs.toFixed(0)} ms`);
  assert.equal(coordination.stats().timeouts, timeouts, 'nobody waited for it again');
}
