import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newPaymentId } from '../ids.ts';
import { exerciseQueue } from './conformance.ts';
import { openEmbeddedQueue } from './embedded.ts';
import { deliveriesMax, type Hint } from './queue.ts';

exerciseQueue(async ({ depthMax }) => {
  const queue = openEmbeddedQueue({ depthMax, onBuried: () => {} });
  return { queue, close: () => queue.close() };
});

const hintOf = (count: number): Hint => {
  return { paymentIds: Array.from({ length: count }, newPaymentId) };
};

describe('embedded', () => {
  test('a message that nobody can handle is dropped, and said so once', async () => {
    const buried = Promise.withResolvers<[Hint, unknown]>();
    const queue = openEmbeddedQueue({ onBuried: (...told) => buried.resolve(told) });
    let tries = 0;
    const handler = async (): Promise<void> => {
      throw new Error(`try ${++tries}`);
    };
    await queue.consume(handler, { prefetch: 1 });
    const hint = hintOf(3);
    await queue.publish(hint);
    const [dropped, error] = await buried.promise;
    assert.equal(dropped, hint);
    assert.equal(error instanceof Error ? error.message : '', `try ${deliveriesMax}`);
    assert.equal(await queue.depth(), 0);
    await queue.close();
  });

  test('what is being handled counts towards the bound, and not towards the depth', async () => {
    const queue = openEmbeddedQueue({ depthMax: 10 });
    const gate = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const handler = async (): Promise<void> => {
      started.resolve();
      await gate.promise;
    };
    const consumer = await queue.consume(handler, { prefetch: 1 });
    assert.equal(await queue.publish(hintOf(8)), 'sent');
    await started.promise;
    assert.equal(await queue.depth(), 0);
    assert.equal(await queue.publish(hintOf(3)), 'refused');
    assert.equal(await queue.publish(hintOf(2)), 'sent');
    gate.resolve();
    await consumer.stop();
    await queue.close();
  });

  test('consumers take turns', async () => {
    const queue = openEmbeddedQueue();
    const turns: string[] = [];
    const done = Promise.withResolvers<void>();
    for (const name of ['one', 'two', 'three']) {
      const handler = async (): Promise<void> => {
        turns.push(name);
        if (turns.length === 9) done.resolve();
      };
      await queue.consume(handler, { prefetch: 3 });
    }
    for (let i = 0; i < 9; i++) await queue.publish(hintOf(1));
    await done.promise;
    for (const name of ['one', 'two', 'three'])
      assert.equal(turns.filter((turn) => turn === name).length, 3);
    await queue.close();
  });

  test('a publisher never runs a handler on its own stack', async () => {
    const queue = openEmbeddedQueue();
    const order: string[] = [];
    const handled = Promise.withResolvers<void>();
    const handler = async (): Promise<void> => {
      order.push('handled');
      handled.resolve();
    };
    await queue.consume(handler, { prefetch: 1 });
    const published = queue.publish(hintOf(1));
    order.push('published');
    await published;
    await handled.promise;
    assert.deepEqual(order, ['published', 'handled']);
    await queue.close();
  });

  test('thousands of messages keep their number through the queue', async () => {
    const queue = openEmbeddedQueue();
    const done = Promise.withResolvers<void>();
    let handled = 0;
    for (let i = 0; i < 5000; i++) await queue.publish(hintOf(1));
    assert.equal(await queue.depth(), 5000);
    const handler = async (): Promise<void> => {
      if (++handled === 5000) done.resolve();
    };
    await queue.consume(handler, { prefetch: 10 });
    await done.promise;
    assert.equal(await queue.depth(), 0);
    await queue.close();
  });

  test('a closed queue refuses, fails its ping and has let its handlers end', async () => {
    const queue = openEmbeddedQueue();
    const gate = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    let hasEnded = false;
    const handler = async (): Promise<void> => {
      started.resolve();
      await gate.promise;
      hasEnded = true;
    };
    await queue.consume(handler, { prefetch: 1 });
    await queue.publish(hintOf(1));
    await started.promise;
    const closed = queue.close();
    gate.resolve();
    await closed;
    assert.equal(hasEnded, true);
    assert.equal(await queue.publish(hintOf(1)), 'refused');
    await assert.rejects(queue.ping(), /closed/);
  });
});
