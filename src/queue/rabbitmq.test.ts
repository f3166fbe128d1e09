import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, describe, type TestContext, test } from 'node:test';
import { openBrokerObjects } from '../../test/support/broker-objects.ts';
import { sharedRabbit } from '../../test/support/rabbitmq.ts';
import { until } from '../../test/support/wait.ts';
import { newPaymentId } from '../ids.ts';
import { openLog } from '../telemetry/log.ts';
import { exerciseQueue } from './conformance.ts';
import type { Hint, Queue } from './queue.ts';
import { openRabbitQueue, type RabbitQueueOptions } from './rabbitmq.ts';

const broker = await sharedRabbit();
after(() => broker.stop());
const log = openLog({ level: 'silent', format: 'json', process: 'test' });

exerciseQueue(async ({ depthMax }) => {
  const prefix = newPrefix();
  const queue = await openRabbitQueue({ ...options(prefix), depthMax });
  const close = async (): Promise<void> => {
    await queue.close();
    await removeAll(prefix);
  };
  return { queue, close };
});

describe('rabbitmq', () => {
  test('what was sent outlives the process that sent it', async (t) => {
    const prefix = newPrefix();
    const sender = await openFor(t, { prefix });
    const hint = hintOf(5);
    assert.equal(await sender.publish(hint), 'sent');
    await sender.close();
    const received = Promise.withResolvers<Hint>();
    const worker = await openFor(t, { prefix });
    assert.equal(await worker.depth(), 1);
    await worker.consume(async (each) => received.resolve(each), { prefetch: 1 });
    assert.deepEqual(await received.promise, hint);
  });

  test('one process sees what another one sent', async (t) => {
    const prefix = newPrefix();
    const [sender, other] = [await openFor(t, { prefix }), await openFor(t, { prefix })];
    assert.equal(await other.publish(hintOf(10)), 'sent');
    assert.equal(await sender.publish(hintOf(10)), 'sent');
    assert.ok((await other.depth()) >= 10);
  });

  test('without a broker it opens, refuses at once, and closes', async (t) => {
    const queue = await openFor(t, { prefix: 'nobody', urls: ['amqp://127.0.0.1:1'] });
    const consumer = await queue.consume(async () => {}, { prefetch: 1 });
    const startedAt = performance.now();
    const results = await Promise.all(Array.from({ length: 100 }, () => queue.publish(hintOf(1))));
    assert.ok(results.every((result) => result === 'refused'));
    assert.ok(performance.now() - startedAt < 200);
    await assert.rejects(queue.ping(), /no channel/);
    assert.equal(await queue.depth(), 0);
    await consumer.stop();
    await queue.close();
    assert.equal(await queue.publish(hintOf(1)), 'refused');
    await assert.rejects(queue.ping(), /closed/);
  });

  test('more publishes than may be under way are refused at once', async (t) => {
    const queue = await openFor(t, { prefix: newPrefix(), inFlightMax: 10 });
    const results = await Promise.all(Array.from({ length: 30 }, () => queue.publish(hintOf(1))));
    assert.equal(results.filter((result) => result === 'sent').length, 10);
    assert.equal(await queue.publish(hintOf(1)), 'sent');
  });

  test('a queue that somebody declared otherwise is never used, and ping says why', async (t) => {
    const prefix = newPrefix();
    const objects = openBrokerObjects(broker.url, prefix);
    await objects.connection.queueDeclare({ queue: objects.names.queue, durable: true });
    await objects.close();
    const queue = await openFor(t, { prefix });
    assert.equal(await queue.publish(hintOf(1)), 'refused');
    await assert.rejects(queue.ping(), /PRECONDITION_FAILED.*inequivalent arg/s);
  });

  test('the hosts of a cluster are tried in turn', async (t) => {
    const urls = ['amqp://guest:guest@127.0.0.1:1', broker.url];
    const queue = await openFor(t, { prefix: newPrefix(), urls });
    const hint = hintOf(1);
    const received = Promise.withResolvers<Hint>();
    await queue.consume(async (each) => received.resolve(each), { prefetch: 1 });
    await until(async () => (await queue.publish(hint)) === 'sent', { what: 'the second host' });
    assert.deepEqual(await received.promise, hint);
  });

  test('hosts that are no cluster are refused when it opens', async () => {
    for (const urls of [
      ['amqp://one:secret@a', 'amqp://two:secret@b'],
      ['amqp://a/one', 'amqp://a/two'],
      ['amqp://a', 'amqps://b'],
      ['amqp://[::1]'],
      [],
    ]) {
      const opened = openRabbitQueue({ ...options('x'), urls });
      await assert.rejects(opened, (error: Error) => {
        assert.match(error.message, /^AMQP_URL/);
        return !error.message.includes('secret');
      });
    }
  });
});

/** Gone with the test, and what it declared too. */
async function openFor(
  t: TestContext,
  { prefix, ...rest }: Partial<RabbitQueueOptions> & { readonly prefix: string },
): Promise<Queue> {
  const queue = await openRabbitQueue({ ...options(prefix), ...rest });
  t.after(async () => {
    await queue.close();
    await removeAll(prefix);
  });
  return queue;
}

function options(prefix: string): RabbitQueueOptions {
  return { urls: [broker.url], prefix, log, onBuried: async () => {} };
}

function newPrefix(): string {
  return `test-${randomBytes(6).toString('hex')}`;
}

async function removeAll(prefix: string): Promise<void> {
  const objects = openBrokerObjects(broker.url, prefix);
  await objects.remove();
  await objects.close();
}

function hintOf(count: number): Hint {
  return { paymentIds: Array.from({ length: count }, newPaymentId) };
}
