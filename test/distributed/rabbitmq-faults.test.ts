import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { newPaymentId } from '../../src/ids.ts';
import { deliveriesMax, type Hint, type Queue } from '../../src/queue/queue.ts';
import { openRabbitQueue, type RabbitQueueOptions } from '../../src/queue/rabbitmq.ts';
import { type BrokerObjects, openBrokerObjects } from '../support/broker-objects.ts';
import { startRabbit } from '../support/rabbitmq.ts';
import { startLink } from '../support/tcp-link.ts';
import { until } from '../support/wait.ts';

/**
 * What RabbitMQ does to the port, with a real one. A hint may be lost or come twice; what must hold
 * is that `publish` answers soon and truly, and that everything heals without anybody's help.
 */
const broker = await startRabbit();
after(() => broker.stop());

/** Several waits of up to 5 s may follow each other, on a machine that has other work too. */
const healed = { what: 'publishing to work again', deadlineMs: 30_000 };

test('R1 a message that was confirmed survives the death of the broker', async (t) => {
  const { queue } = await opened(t);
  const confirmed: Hint[] = [];
  const publishUntil = async (count: number): Promise<void> => {
    while (confirmed.length < count) {
      const hints = Array.from({ length: 20 }, () => hintOf(3));
      const results = await Promise.all(hints.map((hint) => queue.publish(hint)));
      confirmed.push(...hints.filter((_, index) => results[index] === 'sent'));
      if (results.includes('refused')) return;
    }
  };
  // RabbitMQ 3.10 writes the name of a new queue down half a second after it was declared; one that
  // dies before that forgets it with all that it confirmed (docs/operations.md).
  const openedAt = performance.now();
  while (performance.now() - openedAt < 2_000) await publishUntil(confirmed.length + 20);
  const [underFire] = await Promise.all([publishUntil(1_000_000), broker.kill9()]);
  assert.equal(underFire, undefined);
  assert.equal(await queue.publish(hintOf(1)), 'refused');
  await assert.rejects(queue.ping(), /no channel/);
  await broker.restart();
  await until(() => publishes(queue), healed);
  await publishUntil(confirmed.length + 100);

  const received = new Set<string>();
  const handler = async (hint: Hint): Promise<void> => {
    for (const id of hint.paymentIds) received.add(id);
  };
  await queue.consume(handler, { prefetch: 10 });
  const wanted = confirmed.flatMap(({ paymentIds }) => paymentIds);
  const missing = (): string[] => wanted.filter((id) => !received.has(id));
  await until(() => missing().length === 0, { what: 'all that was confirmed' });
  t.diagnostic(`${confirmed.length} confirmed, ${received.size - wanted.length} more came`);
});

test('R1 a broker that is away when the gateway starts is used once it is there', async (t) => {
  await broker.kill9();
  const { queue } = await opened(t);
  const received = collect();
  await queue.consume(received.handler, { prefetch: 1 });
  assert.equal(await queue.publish(hintOf(1)), 'refused');
  await assert.rejects(queue.ping(), /no channel/);
  assert.equal(await queue.depth(), 0);
  await broker.restart();
  await until(() => publishes(queue), healed);
  await until(() => received.hints.length > 0, { ...healed, what: 'the first message' });
  await queue.ping();
});

test('R2 what is purged or deleted is declared again, and messages flow', async (t) => {
  const { queue, objects } = await opened(t);
  await queue.publish(hintOf(1));
  await objects.connection.queuePurge({ queue: objects.names.queue });
  const received = collect();
  await queue.consume(received.handler, { prefetch: 1 });
  const afterPurge = hintOf(1);
  assert.equal(await queue.publish(afterPurge), 'sent');
  await until(() => received.hints.length === 1, { what: 'the message after the purge' });
  assert.deepEqual(received.hints, [afterPurge]);

  for (const destroy of [
    () => objects.connection.queueDelete({ queue: objects.names.queue }),
    () => objects.remove(),
  ]) {
    received.hints.length = 0;
    await destroy();
    await until(() => publishes(queue), healed);
    await until(() => received.hints.length > 0, { what: 'a message to be consumed again' });
  }
});

test('R3 a connection that swallows everything is noticed within two heartbeats', async (t) => {
  const wire = await openWire(t);
  const heartbeatSeconds = 2;
  const said: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => void said.push(line) });
  const { queue } = await opened(t, { urls: [wire.url], heartbeatSeconds, log });
  const received = collect();
  await queue.consume(received.handler, { prefetch: 1 });
  assert.equal(await queue.publish(hintOf(1)), 'sent');
  await until(() => received.hints.length === 1, { what: 'the message before' });

  wire.swallow();
  const swallowedAt = performance.now();
  assert.equal(await queue.publish(hintOf(1)), 'refused');
  const refusedMs = performance.now() - swallowedAt;
  assert.ok(refusedMs < 3_000, `refused after ${refusedMs} ms`);
  const lost = (): boolean => said.filter((line) => line.includes('is away')).length === 2;
  await until(lost, { what: 'both connections to be given up' });
  const noticedMs = performance.now() - swallowedAt;
  t.diagnostic(`refused after ${Math.round(refusedMs)} ms, noticed after ${Math.round(noticedMs)}`);
  assert.ok(noticedMs < 2 * heartbeatSeconds * 1000, `noticed after ${noticedMs} ms`);
  const askedAt = performance.now();
  assert.equal(await queue.publish(hintOf(1)), 'refused');
  assert.ok(performance.now() - askedAt < 100, 'refused at once when it is known');

  wire.heal();
  const before = received.hints.length;
  // A connection that was being made through the dead wire gives up after 5 s first.
  await until(() => publishes(queue), healed);
  const consumes = (): boolean => received.hints.length > before;
  await until(consumes, { ...healed, what: 'a message to be consumed again' });
});

test('R4 a message sent twice comes twice, an id named twice comes once', async (t) => {
  const { queue, objects } = await opened(t);
  const received = collect();
  await queue.consume(received.handler, { prefetch: 4 });
  const hint = hintOf(3);
  assert.deepEqual(await Promise.all([queue.publish(hint), queue.publish(hint)]), ['sent', 'sent']);
  const ids = hint.paymentIds;
  const shuffled = [...ids.toReversed(), ...ids, ...ids.map((id) => id.toUpperCase())];
  await objects.publish({ schema: 1, payment_ids: shuffled });
  await until(() => received.hints.length === 3, { what: 'three deliveries' });
  for (const { paymentIds } of received.hints)
    assert.deepEqual(paymentIds.toSorted(), ids.toSorted());
});

test('R6 a broker short of memory makes publish refuse at once, until it recovers', async (t) => {
  const { queue } = await opened(t);
  const received = collect();
  await queue.consume(received.handler, { prefetch: 1 });
  assert.equal(await queue.publish(hintOf(1)), 'sent');
  t.after(() => broker.rabbitmqctl(['set_vm_memory_high_watermark', '0.4']));
  await broker.rabbitmqctl(['set_vm_memory_high_watermark', '0.0001']);
  let slowestMs = 0;
  await until(
    async () => {
      const askedAt = performance.now();
      const result = await queue.publish(hintOf(1));
      slowestMs = Math.max(slowestMs, performance.now() - askedAt);
      return result === 'refused';
    },
    { what: 'the alarm' },
  );
  t.diagnostic(`the publish that met the alarm answered after ${Math.round(slowestMs)} ms`);
  assert.ok(slowestMs < 2_500, `answered after ${slowestMs} ms`);
  await assert.rejects(queue.ping(), /blocks publishers/);
  const askedAt = performance.now();
  const results = await Promise.all(Array.from({ length: 1_000 }, () => queue.publish(hintOf(1))));
  assert.ok(results.every((result) => result === 'refused'));
  assert.ok(performance.now() - askedAt < 500, 'a thousand refusals in half a second');
  await broker.rabbitmqctl(['set_vm_memory_high_watermark', '0.4']);
  await until(() => publishes(queue), healed);
  await queue.ping();
});

test('R7 what the broker cannot route is refused, and the binding comes back', async (t) => {
  const { queue, objects } = await opened(t);
  await objects.unbind();
  assert.equal(await queue.publish(hintOf(1)), 'refused');
  await until(() => publishes(queue), healed);
  assert.equal(await queue.depth(), 1);
});

test('R8 a backlog of 20,000 messages drains, a few at a time', async (t) => {
  const { queue } = await opened(t);
  const total = 20_000;
  const startedAt = performance.now();
  let sent = 0;
  const publisher = async (): Promise<void> => {
    while (sent < total) {
      sent++;
      if ((await queue.publish(hintOf(1))) === 'refused') sent--;
    }
  };
  await Promise.all(Array.from({ length: 100 }, publisher));
  const publishedAt = performance.now();
  await until(async () => (await queue.depth()) === total, { what: 'the depth to be known' });
  const seen = new Set<string>();
  let [running, runningMax] = [0, 0];
  const handler = async (hint: Hint): Promise<void> => {
    runningMax = Math.max(runningMax, ++running);
    await Promise.resolve();
    seen.add(hint.paymentIds.join());
    running--;
  };
  await queue.consume(handler, { prefetch: 10 });
  await until(() => seen.size === total, { what: 'the whole backlog', deadlineMs: 60_000 });
  const drainedAt = performance.now();
  const perSecond = (ms: number): number => Math.round((total / ms) * 1000);
  t.diagnostic(
    `${perSecond(publishedAt - startedAt)} confirms/s, ${perSecond(drainedAt - publishedAt)} handled/s`,
  );
  assert.ok(runningMax <= 10, `${runningMax} at a time`);
  assert.equal(await queue.depth(), 0);
});

test('R9 a dead message without a place to go is kept, and arrives when there is one', async (t) => {
  // The broker tries again after three minutes, and reads that when it declares the queue.
  const setting =
    'application:set_env(rabbit, dead_letter_worker_publisher_confirm_timeout, 1000).';
  await broker.rabbitmqctl(['eval', setting]);
  const { queue, objects, prefix } = await opened(t, { onBuried: null });
  const consumer = await queue.consume(async () => {}, { prefetch: 1 });
  await objects.connection.queueDelete({ queue: objects.names.deadQueue });
  await objects.publish('nowhere to go');
  assert.equal(await queue.publish(hintOf(1)), 'sent');
  await until(async () => (await objects.ready(objects.names.queue)) === 0, { what: 'its burial' });
  await consumer.stop();
  assert.equal(await objects.ready(objects.names.deadQueue), null);

  const buried = collectBuried();
  await opened(t, { prefix, onBuried: buried.tell });
  await until(() => buried.told.length === 1, { what: 'the burial', deadlineMs: 20_000 });
  assert.deepEqual(buried.told, [[null, 'nowhere to go', 'rejected']]);
  // And while somebody drains it, its loss is noticed at once.
  await objects.connection.queueDelete({ queue: objects.names.deadQueue });
  await until(async () => (await objects.ready(objects.names.deadQueue)) === 0, {
    what: 'the dead-letter queue to be declared again',
  });
});

test('W18 a message that nobody can handle is parked, and the others flow', async (t) => {
  const buried = collectBuried();
  const { queue, objects } = await opened(t, { onBuried: buried.tell });
  const poison = hintOf(2);
  const others = Array.from({ length: 20 }, () => hintOf(1));
  let tries = 0;
  const received = collect();
  const handler = async (hint: Hint): Promise<void> => {
    if (hint.paymentIds[0] !== poison.paymentIds[0]) return received.handler(hint);
    tries++;
    throw new Error('cannot handle this');
  };
  await queue.consume(handler, { prefetch: 3 });
  await queue.publish(poison);
  const garbage = [
    'not JSON',
    '{"schema":1,"payment_ids":["1"]}',
    `{"schema":2,"payment_ids":["${newPaymentId()}"]}`,
    '{"schema":1,"payment_ids":[]}',
    'null',
  ];
  for (const body of garbage) await objects.publish(body);
  for (const hint of others) await queue.publish(hint);
  await until(() => received.hints.length === others.length, { what: 'all others' });
  await until(() => buried.told.length === garbage.length + 1, { what: 'the burials' });
  assert.equal(tries, deliveriesMax);
  const rejected = buried.told.filter(([hint]) => hint === null);
  assert.deepEqual(rejected.map(([, raw]) => raw).toSorted(), garbage.toSorted());
  assert.ok(rejected.every(([, , reason]) => reason === 'rejected'));
  const [exhausted] = buried.told.filter(([hint]) => hint !== null);
  assert.deepEqual(exhausted?.[0], poison);
  assert.equal(exhausted?.[2], 'delivery_limit');
  const isEmpty = async (): Promise<boolean> =>
    (await objects.ready(objects.names.deadQueue)) === 0;
  await until(isEmpty, { what: 'the dead-letter queue to be empty' });
});

test('W18 a burial that fails is tried again, and nothing is dropped meanwhile', async (t) => {
  const told: string[] = [];
  const onBuried = async (_hint: Hint | null, raw: string): Promise<void> => {
    told.push(raw);
    if (told.length < 3) throw new Error('the database is away');
  };
  const { queue, objects } = await opened(t, { onBuried });
  await queue.consume(async () => {}, { prefetch: 1 });
  await objects.publish('poison');
  await until(() => told.length === 3, { what: 'the third attempt' });
  assert.deepEqual(told, ['poison', 'poison', 'poison']);
});

interface Opened {
  readonly queue: Queue;
  readonly objects: BrokerObjects;
  readonly prefix: string;
}

async function opened(t: TestContext, options: Partial<RabbitQueueOptions> = {}): Promise<Opened> {
  const prefix = options.prefix ?? `test-${randomBytes(6).toString('hex')}`;
  const queue = await openRabbitQueue({
    urls: [broker.url],
    log: pino({ level: 'silent' }),
    onBuried: async () => {},
    ...options,
    prefix,
  });
  const objects = openBrokerObjects(broker.url, prefix);
  t.after(async () => {
    await queue.close();
    await objects.remove();
    await objects.close();
  });
  return { queue, objects, prefix };
}

/**
 * Goes dead as cables do: nothing passes, and nobody is told. What was swallowed is never made up.
 */
async function openWire(t: TestContext) {
  const target = new URL(broker.url);
  // Even: bytes pass, on the connections of this era.
  let era = 0;
  const link = await startLink(
    t,
    { host: target.hostname, port: Number(target.port) },
    ({ toServer, toClient }) => {
      const born = era;
      const passes = (): boolean => born === era && era % 2 === 0;
      return {
        fromClient: (bytes) => void (passes() && toServer(bytes)),
        fromServer: (bytes) => void (passes() && toClient(bytes)),
      };
    },
  );
  target.port = String(link.port);
  const turn = (): void => void era++;
  return { url: target.href, swallow: turn, heal: turn };
}

async function publishes(queue: Queue): Promise<boolean> {
  return (await queue.publish(hintOf(1))) === 'sent';
}

function hintOf(count: number): Hint {
  return { paymentIds: Array.from({ length: count }, newPaymentId) };
}

function collect() {
  const hints: Hint[] = [];
  return { hints, handler: async (hint: Hint): Promise<void> => void hints.push(hint) };
}

function collectBuried() {
  const told: (readonly [Hint | null, string, string])[] = [];
  return {
    told,
    tell: async (...burial: readonly [Hint | null, string, string]): Promise<void> =>
      void told.push(burial),
  };
}
