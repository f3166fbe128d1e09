import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statement } from '../../src/db/database.ts';
import { type Answer, openClient, type TestUser } from '../support/client.ts';
import { startCluster, type TestCluster } from '../support/cluster.ts';
import { startLoadedCluster, untilAnswers, untilProcessing } from '../support/cluster-load.ts';
import { proveConverged, registerFunded, untilSettled } from '../support/load.ts';
import { proveMoney, withOwner } from '../support/proof.ts';
import { until } from '../support/wait.ts';

test('two APIs and three workers take 2,000 payments at once, each once', async (t) => {
  const users = 20;
  const { cluster, startLoad, proof } = await startLoadedCluster(t, {
    apis: 2,
    workers: 3,
    users,
    env: { BANK_SIMULATOR_SUCCESS_RATE: '0.9' },
  });
  const load = startLoad(2_000, 60);
  await untilAnswers(load, 800);
  // In the middle of it, too: the audit reads one moment, and in every moment the books are right.
  await proveMoney({ ...proof, settled: false });
  const { succeeded, failed } = await proveConverged({ ...proof, load });
  assert.equal(succeeded + failed, users + 2_000);
  const attempts = await attemptsByWorker(cluster);
  t.diagnostic(`attempts by worker: ${attempts.join(', ')}`);
  assert.equal(attempts.length, 3, 'every worker had its share');
});

test('A5 one key at two APIs at one moment is one payment with one answer', async (t) => {
  const cluster = await startCluster(t, { apis: 2, workers: 1 });
  const client = openClient(...cluster.urls);
  t.after(client.close);
  const [user] = await registerFunded(client, 1);
  assert(user !== undefined);
  for (const round of [1, 2, 3, 4, 5]) {
    const key = `at-once-${round}`;
    const answers = await askAtOnce(user, key);
    assert(answers.every((answer) => answer.status === 202));
    assert.equal(new Set(answers.map((answer) => answer.text)).size, 1, 'equal to the byte');
    const first = answers.filter((answer) => answer.headers['idempotent-replayed'] === undefined);
    assert.equal(first.length, 1, 'one of them is the first, whichever API had it');
  }
  await untilSettled(cluster.ownerUrl);
  assert.equal((await user.balance()).balance, '7766.01');
  await proveMoney({ ...cluster, settled: true });
});

test('W5 a worker that wakes after its leases finds its payments settled, and stops', async (t) => {
  const cluster = await startCluster(t, {
    workers: 1,
    env: { BANK_SIMULATOR_MIN_DELAY: '0.3', BANK_SIMULATOR_MAX_DELAY: '0.4', LOG_LEVEL: 'debug' },
  });
  const client = openClient(...cluster.urls);
  t.after(client.close);
  const [user] = await registerFunded(client, 1);
  const [sleeper] = cluster.workers;
  assert(user !== undefined && sleeper !== undefined);
  const answers = await Promise.all(Array.from({ length: 20 }, () => user.withdraw('1.00')));
  await untilProcessing(cluster.ownerUrl, 10);
  sleeper.signal('SIGSTOP');
  await cluster.addWorker();
  const ended = await Promise.all(answers.map((answer) => user.untilFinal(answer, 40_000)));
  assert(ended.every((payment) => payment.status === 'SUCCESS'));
  const before = await proveMoney({ ...cluster, settled: true });
  sleeper.signal('SIGCONT');
  const overtaken = (): number =>
    sleeper.log().filter((line) => line['settlement'] === 'overtaken').length;
  await until(() => overtaken() > 0, { what: 'the sleeper to see that it was overtaken' });
  t.diagnostic(`${overtaken()} answers came too late`);
  assert.deepEqual(await proveMoney({ ...cluster, settled: true }), before);
  await user.fund('1.00');
  assert.deepEqual(await sleeper.stop(), { code: 0, signal: null });
});

test('A8 SIGTERM to an API and a worker under load: the others go on', async (t) => {
  const { cluster, people, startLoad, proof } = await startLoadedCluster(t, {
    apis: 2,
    workers: 2,
  });
  const load = startLoad(400, 30);
  await untilAnswers(load, 100);
  const leaving = [...cluster.apis.slice(0, 1), ...cluster.workers.slice(0, 1)];
  const ends = await Promise.all(leaving.map((one) => one.stop()));
  for (const end of ends) assert.deepEqual(end, { code: 0, signal: null });
  const before = load.answered.length;
  await untilAnswers(load, Math.min(400, before + 100));
  await Promise.all(leaving.map((one) => one.restart()));
  const { succeeded, failed } = await proveConverged({ ...proof, load });
  assert.equal(succeeded + failed, people.length + 400);
});

test('A8 a worker told to stop finishes its calls and gives back what waits', async (t) => {
  const cluster = await startCluster(t, {
    workers: 1,
    env: {
      BANK_IN_FLIGHT_MAX: '5',
      BANK_SIMULATOR_MIN_DELAY: '0.4',
      BANK_SIMULATOR_MAX_DELAY: '0.5',
    },
  });
  const client = openClient(...cluster.urls);
  t.after(client.close);
  const [user] = await registerFunded(client, 1);
  const [worker] = cluster.workers;
  assert(user !== undefined && worker !== undefined);
  await Promise.all(Array.from({ length: 300 }, () => user.withdraw('0.01')));
  await untilProcessing(cluster.ownerUrl, 5);
  const startedAt = performance.now();
  assert.deepEqual(await worker.stop(), { code: 0, signal: null });
  // 300 payments, five at a time, would take 27 seconds.
  const tookMs = Math.round(performance.now() - startedAt);
  t.diagnostic(`stopped in ${tookMs} ms`);
  assert(tookMs < 10_000, `the stop took ${tookMs} ms`);
  assert.equal(worker.log().filter((line) => line['msg'] === 'did not stop in time').length, 0);
  await cluster.addWorker({ BANK_IN_FLIGHT_MAX: '500' });
  await untilSettled(cluster.ownerUrl);
  await proveMoney({ ...cluster, settled: true });
});

test('A10 a backlog beyond its limit: POSTs get 503, reads go on, and it recovers', async (t) => {
  const cluster = await startCluster(t, { workers: 1, env: { BACKLOG_MAX: '50' } });
  const client = openClient(...cluster.urls);
  t.after(client.close);
  const [user] = await registerFunded(client, 1);
  const [worker] = cluster.workers;
  assert(user !== undefined && worker !== undefined);
  await worker.stop();
  await Promise.all(Array.from({ length: 60 }, () => user.deposit('1.00')));
  const refused = await untilStatus(user, 503);
  assert.equal(refused.body['code'], 'overloaded');
  assert.match(String(refused.headers['retry-after']), /^[1-9]\d*$/);
  assert.equal((await user.balance()).held, '0.00', 'reads go on');
  await worker.restart();
  await untilSettled(cluster.ownerUrl);
  const welcome = await untilStatus(user, 202);
  assert.equal((await user.untilFinal(welcome)).status, 'SUCCESS');
  await untilSettled(cluster.ownerUrl);
  await proveMoney({ ...cluster, settled: true });
});

function askAtOnce(user: TestUser, key: string): Promise<readonly Answer[]> {
  return Promise.all(Array.from({ length: 40 }, () => user.withdraw('1.00', { key })));
}

function untilStatus(user: TestUser, status: number) {
  return until(
    async () => {
      const answer = await user.deposit('1.00');
      return answer.status === status ? answer : null;
    },
    { what: `a POST to be answered ${status}`, everyMs: 100 },
  );
}

const shares = statement<{ count: bigint }>(
  'cluster_attempt_shares',
  'SELECT count(*) AS count FROM attempts GROUP BY worker ORDER BY count',
);

/** Attempts at the bank of each worker that made any. */
async function attemptsByWorker(cluster: TestCluster): Promise<readonly number[]> {
  const rows = await withOwner(cluster.ownerUrl, (database) => database.query(shares, []));
  return rows.map(({ count }) => Number(count));
}
