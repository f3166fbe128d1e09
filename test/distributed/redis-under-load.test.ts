import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type LoadedCluster, startLoadedCluster, untilAnswers } from '../support/cluster-load.ts';
import { type Load, proveConverged } from '../support/load.ts';
import { type StartedRedis, startRedis } from '../support/redis.ts';
import { until } from '../support/wait.ts';

/**
 * What becomes of payments while Redis fails, with real processes. What the port itself does is in
 * redis-faults.
 */
const flushEveryMs = 2_000;

test('C1 Redis flushed every 2 s: no payment notices', async (t) => {
  const { redis, ...gateway } = await open(t, 4);
  let flushes = 0;
  let last = performance.now();
  const load = gateway.startLoad(600, 10);
  const isOver = (): boolean => load.answered.length === 600 && flushes >= 2;
  await until(
    async () => {
      if (performance.now() - last >= flushEveryMs) {
        await redis.command('FLUSHALL');
        last = performance.now();
        flushes += 1;
      }
      return isOver();
    },
    { what: 'the load to end', everyMs: 20, deadlineMs: 60_000 },
  );
  t.diagnostic(`${flushes} flushes`);
  await proveAll(gateway, load);
});

test('C2 Redis killed and restarted under load: requests are answered all the while', async (t) => {
  const { redis, ...gateway } = await open(t, 4);
  const load = gateway.startLoad(300, 10);
  await untilAnswers(load, 80);
  await redis.kill9();
  await untilAnswers(load, 200);
  await redis.restart();
  await proveAll(gateway, load);
});

test('C3 Redis hung for 500 ms, again and again: nobody waits for it', async (t) => {
  const { redis, ...gateway } = await open(t, 4);
  const well = await timeDeposits(gateway, 600);
  const hangs = hangAgainAndAgain(redis);
  const hung = await timeDeposits(gateway, 1_500);
  const count = await hangs.stop();
  t.diagnostic(`p99 of POST: ${well.p99Ms} ms, with ${count} hangs ${hung.p99Ms} ms`);
  assert(count >= 1, 'Redis hung while there was load');
  // Twice the machine's own slowness, and the timeout of 50 ms a few times over.
  const boundMs = Math.max(400, 2 * well.p99Ms + 200);
  assert(hung.p99Ms < boundMs, `p99 ${hung.p99Ms} ms, ${boundMs} ms allowed`);
  const load = gateway.startLoad(50);
  await proveAll(gateway, load, well.count + hung.count);
});

test('C4 leases that are lost all the time, on two hot accounts: the books are right', async (t) => {
  const { redis, ...gateway } = await open(t, 2);
  const load = gateway.startLoad(500, 30);
  let flushes = 0;
  const isOver = (): boolean => load.answered.length === 500;
  await until(
    async () => {
      await redis.command('FLUSHALL');
      flushes += 1;
      return isOver();
    },
    { what: 'the load to end', everyMs: 1, deadlineMs: 60_000 },
  );
  t.diagnostic(`${flushes} flushes`);
  await proveAll(gateway, load);
});

interface LoadedWithRedis extends LoadedCluster {
  readonly redis: StartedRedis;
}

/** Limits on, so that every request asks Redis, and wide, so that it is never refused. */
const wideLimits = {
  RATE_LIMIT_ENABLED: 'true',
  RATE_LIMIT_GLOBAL_PER_MINUTE: '1000000',
  RATE_LIMIT_BALANCE_PER_MINUTE: '1000000',
  RATE_LIMIT_TRANSACTIONS_PER_MINUTE: '1000000',
  RATE_LIMIT_LOGIN_PER_MINUTE: '1000000',
};

async function open(t: TestContext, users: number): Promise<LoadedWithRedis> {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const loaded = await startLoadedCluster(t, { redisUrl: redis.url, users, env: wideLimits });
  return { ...loaded, redis };
}

async function proveAll({ people, proof }: LoadedCluster, load: Load, others = 0): Promise<void> {
  await load.done;
  const { succeeded, failed } = await proveConverged({ ...proof, load });
  assert.equal(succeeded + failed, people.length + load.answered.length + others);
}

/** One after the other on four lanes: what a customer feels, not what a queue adds. */
async function timeDeposits({ people }: LoadedCluster, durationMs: number) {
  const tookMs: number[] = [];
  const endsAt = performance.now() + durationMs;
  const runLane = async (user: (typeof people)[number]): Promise<void> => {
    while (performance.now() < endsAt) {
      const startedAt = performance.now();
      const { status } = await user.deposit('1.00');
      tookMs.push(performance.now() - startedAt);
      assert.equal(status, 202);
    }
  };
  await Promise.all(people.map(runLane));
  const sorted = tookMs.toSorted((a, b) => a - b);
  return {
    count: sorted.length,
    p99Ms: Math.round(sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0),
  };
}

/** Half a second stopped, half a second awake. */
function hangAgainAndAgain(redis: StartedRedis): { readonly stop: () => Promise<number> } {
  let count = 0;
  redis.signal('SIGSTOP');
  let isHung = true;
  const timer = setInterval(() => {
    redis.signal(isHung ? 'SIGCONT' : 'SIGSTOP');
    if (isHung) count += 1;
    isHung = !isHung;
  }, 500);
  return {
    stop: async () => {
      clearInterval(timer);
      redis.signal('SIGCONT');
      return count;
    },
  };
}
