import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, type TestContext, test } from 'node:test';
import { statement } from '../../src/db/database.ts';
import { hintPaymentsMax } from '../../src/queue/queue.ts';
import { type BrokerObjects, openBrokerObjects } from '../support/broker-objects.ts';
import {
  type LoadedCluster,
  type LoadedClusterOptions,
  startLoadedCluster,
  untilAnswers,
} from '../support/cluster-load.ts';
import { type Load, proveConverged } from '../support/load.ts';
import { withOwner } from '../support/proof.ts';
import { startRabbit } from '../support/rabbitmq.ts';
import { openDraws } from '../support/random.ts';
import { until } from '../support/wait.ts';

/**
 * What becomes of payments while the broker fails, with real processes: the API keeps accepting,
 * and what no message reaches is found in PostgreSQL. What the port itself does is in
 * rabbitmq-faults.
 */
const broker = await startRabbit();
after(() => broker.stop());

test('A4 an API killed right after a publish: its message and the repeat are one charge', async (t) => {
  const gateway = await open(t);
  const { cluster, objects, proof } = gateway;
  const [api] = cluster.apis;
  assert(api !== undefined);
  // Nobody listens: what the dead process has sent must still be there when it is dead.
  await Promise.all([api, ...cluster.workers].map((one) => one.stop()));
  await api.restart({ KILL_POINT: 'dispatch.after_publish' });
  const load = gateway.startLoad(100, 100);
  assert.deepEqual(await api.ended(), { code: null, signal: 'SIGKILL' }, 'the point was reached');
  await until(async () => ((await objects.ready(objects.names.queue)) ?? 0) >= 1, {
    what: 'the message of the dead to wait in the queue',
  });
  // What the sweeper does half a minute later: it cannot know that the message was sent.
  const ids = await withOwner(proof.ownerUrl, (database) => database.query(everyId, []));
  await objects.publish({ schema: 1, payment_ids: ids.map(({ id }) => id) });
  await Promise.all([api, ...cluster.workers].map((one) => one.restart()));
  await proveAll(gateway, load);
});

test('R1 the broker is killed and restarted under load: every accepted payment ends', async (t) => {
  const gateway = await open(t);
  const load = gateway.startLoad(400);
  await untilAnswers(load, 80);
  await broker.kill9();
  await untilAnswers(load, 240);
  await broker.restart();
  await untilConsumed(gateway.objects, 2);
  await proveAll(gateway, load);
});

test('R2 the queues are purged and deleted in mid-run: every accepted payment ends', async (t) => {
  const gateway = await open(t);
  const { connection, names } = gateway.objects;
  const load = gateway.startLoad(400);
  for (const answers of [60, 120, 180]) {
    await untilAnswers(load, answers);
    await connection.queuePurge({ queue: names.queue }).catch(() => undefined);
  }
  await untilAnswers(load, 240);
  await gateway.objects.remove();
  await untilConsumed(gateway.objects, 2);
  await proveAll(gateway, load);
});

test('R5 hints that are shuffled, repeated and late change nothing', async (t) => {
  const draws = openDraws(t);
  const gateway = await open(t);
  const load = gateway.startLoad(300);
  let copies = 0;
  for (const answers of [75, 150, 225, 300]) {
    await untilAnswers(load, answers);
    // Ended ones, those at the bank and those just accepted, each several times.
    const ids = await withOwner(gateway.proof.ownerUrl, (database) => database.query(everyId, []));
    const named = draws.shuffled([...ids, ...ids, ...ids].map(({ id }) => id));
    for (let at = 0; at < named.length; at += hintPaymentsMax / 5) {
      const paymentIds = named.slice(at, at + hintPaymentsMax / 5);
      await gateway.objects.publish({ schema: 1, payment_ids: paymentIds });
      copies += paymentIds.length;
    }
  }
  t.diagnostic(`${copies} names of payments published beside our own`);
  await proveAll(gateway, load);
});

test('R6 a blocked broker: the API keeps accepting, the sweeper catches up', async (t) => {
  const gateway = await open(t);
  await broker.rabbitmqctl(['set_vm_memory_high_watermark', '0.0001']);
  const load = gateway.startLoad(200);
  try {
    await untilAnswers(load, 200);
    const { body } = await gateway.client.send({ method: 'GET', path: '/health' });
    assert.deepEqual(JSON.parse(JSON.stringify(body['dependencies'])).queue, { status: 'away' });
    assert(load.answered.some(({ answer }) => answer.status === 202));
  } finally {
    await broker.rabbitmqctl(['set_vm_memory_high_watermark', '0.4']);
  }
  await untilQueueWell(gateway);
  await proveAll(gateway, load);
});

test('R8 a backlog that built up without workers drains while requests come', async (t) => {
  const gateway = await open(t);
  const { workers } = gateway.cluster;
  await Promise.all(workers.map((worker) => worker.stop()));
  const waiting = gateway.startLoad(800, 40);
  await waiting.done;
  await Promise.all(workers.map((worker) => worker.restart()));
  const startedAt = performance.now();
  const beside = gateway.startLoad(800, 5);
  await proveAll(gateway, waiting);
  t.diagnostic(`drained in ${Math.round(performance.now() - startedAt)} ms`);
  await beside.done;
});

test('W18 poison on the queue is parked, payments flow on', async (t) => {
  const gateway = await open(t);
  const load = gateway.startLoad(200);
  await untilAnswers(load, 50);
  await gateway.objects.publish('not ours');
  await gateway.objects.publish({ schema: 99, payment_ids: [randomUUID()] });
  await gateway.objects.publish({ schema: 1, payment_ids: [randomUUID()] });
  await proveAll(gateway, load);
  const dropped = (): number =>
    gateway.cluster.log().filter((line) => String(line['msg']).includes('is not ours')).length;
  await until(() => dropped() === 2, { what: 'both foreign messages to be told' });
  assert.equal(await gateway.objects.ready(gateway.objects.names.deadQueue), 0);
});

interface BrokenGateway extends LoadedCluster {
  readonly objects: BrokerObjects;
}

async function open(t: TestContext, options: LoadedClusterOptions = {}): Promise<BrokenGateway> {
  const loaded = await startLoadedCluster(t, { amqpUrl: broker.url, ...options });
  const objects = openBrokerObjects(broker.url, loaded.cluster.prefix);
  t.after(() => objects.close());
  return { ...loaded, objects };
}

async function proveAll({ people, proof }: BrokenGateway, load: Load): Promise<void> {
  await load.done;
  const { succeeded, failed } = await proveConverged({ ...proof, load });
  assert.equal(succeeded + failed, people.length + load.answered.length);
}

/** Both workers are back: what is sent from now on arrives. */
function untilConsumed(objects: BrokerObjects, consumers: number): Promise<unknown> {
  return until(async () => (await objects.consumers()) === consumers, {
    what: `${consumers} workers to listen`,
    deadlineMs: 30_000,
    everyMs: 100,
  });
}

function untilQueueWell({ client }: BrokenGateway): Promise<unknown> {
  return until(
    async () => (await client.send({ method: 'GET', path: '/health' })).body['status'] === 'ok',
    { what: 'the queue to be well again', deadlineMs: 30_000, everyMs: 100 },
  );
}

const everyId = statement<{ id: string }>('broker_every_id', 'SELECT id FROM payments');
