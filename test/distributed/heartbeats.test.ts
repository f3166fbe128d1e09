import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statement } from '../../src/db/database.ts';
import { listWorkers, type WorkerRow } from '../../src/workers/store.ts';
import { openClient } from '../support/client.ts';
import { startCluster, type TestCluster } from '../support/cluster.ts';
import { untilSettled } from '../support/load.ts';
import { proveMoney, withOwner } from '../support/proof.ts';
import { until } from '../support/wait.ts';

const silenced = statement<{}>(
  'heartbeats_silenced',
  `UPDATE workers SET heartbeat_at = heartbeat_at - interval '2 minutes' WHERE pid = $1`,
);

test('workers say who they are and what they do, and are forgotten when they go', async (t) => {
  const cluster = await startCluster(t, {
    workers: 2,
    env: {
      BANK_SIMULATOR_MIN_DELAY: '6',
      BANK_SIMULATOR_MAX_DELAY: '7',
      BANK_CALL_TIMEOUT_SECONDS: '15',
      PAYMENT_LEASE_SECONDS: '20',
    },
  });
  const client = openClient(...cluster.urls);
  t.after(client.close);
  const [api, first, second] = [cluster.apis[0], cluster.workers[0], cluster.workers[1]];
  assert(api !== undefined && first !== undefined && second !== undefined);
  const rowOf = (rows: readonly WorkerRow[], pid: number): WorkerRow | undefined =>
    rows.find((row) => row.pid === pid);

  const rows = await untilRows(cluster, 'everybody to be listed', (all) => all.length === 3);
  const roles = [api, first, second].map(({ pid }) => rowOf(rows, pid())?.role);
  assert.deepEqual(roles, ['api', 'worker', 'worker']);
  assert.equal(rowOf(rows, api.pid())?.inFlightMax, 0, 'an API calls no bank');
  assert.match(String(rowOf(rows, first.pid())?.version), /^\d+\.\d+\.\d+/);

  const user = await client.register();
  const answers = await Promise.all(Array.from({ length: 20 }, () => user.deposit('1.00')));
  await untilRows(cluster, 'calls in flight to be told', (all) =>
    all.some(({ role, inFlight }) => role === 'worker' && inFlight > 0),
  );
  await Promise.all(answers.map((answer) => user.untilFinal(answer, 30_000)));

  await first.stop();
  const left = await untilRows(cluster, 'who stopped to be gone', (all) => all.length === 2);
  assert.equal(rowOf(left, first.pid()), undefined);

  await second.kill9();
  const dead = second.pid();
  await withOwner(cluster.ownerUrl, (database) => database.query(silenced, [dead]));
  const alive = await untilRows(
    cluster,
    'who is silent to be forgotten',
    (all) => all.length === 1,
  );
  assert.equal(alive[0]?.role, 'api');
  await second.restart();
  await untilSettled(cluster.ownerUrl);
  await proveMoney({ ...cluster, settled: true });
});

test('a stop that waits for calls is seen as one', async (t) => {
  const cluster = await startCluster(t, {
    workers: 1,
    env: {
      BANK_SIMULATOR_MIN_DELAY: '7',
      BANK_SIMULATOR_MAX_DELAY: '8',
      BANK_CALL_TIMEOUT_SECONDS: '15',
      PAYMENT_LEASE_SECONDS: '20',
    },
  });
  const client = openClient(...cluster.urls);
  t.after(client.close);
  const [worker] = cluster.workers;
  assert(worker !== undefined);
  const user = await client.register();
  const answer = await user.deposit('1.00');
  await until(async () => (await user.read(answer)).status === 'PROCESSING', {
    what: 'the bank to be asked',
  });
  const stopped = worker.stop();
  await untilRows(cluster, 'the stop to be seen', (all) =>
    all.some(({ role, stopping, inFlight }) => role === 'worker' && stopping && inFlight === 1),
  );
  assert.deepEqual(await stopped, { code: 0, signal: null });
  assert.equal((await user.read(answer)).status, 'SUCCESS', 'its call was waited for');
  await proveMoney({ ...cluster, settled: true });
});

function untilRows(
  cluster: TestCluster,
  what: string,
  isSo: (rows: readonly WorkerRow[]) => boolean,
): Promise<readonly WorkerRow[]> {
  return withOwner(cluster.ownerUrl, (database) =>
    until(
      async () => {
        const rows = await listWorkers(database);
        return isSo(rows) ? rows : null;
      },
      { what, deadlineMs: 20_000, everyMs: 100 },
    ),
  );
}
