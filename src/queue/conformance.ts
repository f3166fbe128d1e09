import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { newPaymentId } from '../ids.ts';
import { deliveriesMax, type Hint, hintPaymentsMax, type Queue } from './queue.ts';

export interface OpenedQueue {
  readonly queue: Queue;
  readonly close: () => Promise<void> | void;
}

/** An empty queue that is full once `depthMax` payments are named. */
export type OpenQueue = (options: { readonly depthMax: number }) => Promise<OpenedQueue>;

/**
 * Every promise of queue.ts. Each case opens a queue of its own. Order is not promised, nor tested.
 */
export function exerciseQueue(open: OpenQueue): void {
  test('a published hint reaches a handler whole', async (t) => {
    const queue = await opened(t, open);
    const received = collect(1);
    await queue.consume(received.handler, { prefetch: 1 });
    const hint = hintOf(hintPaymentsMax);
    assert.equal(await queue.publish(hint), 'sent');
    assert.deepEqual(await received.all, [hint]);
  });

  test('hints published before anybody listens wait', async (t) => {
    const queue = await opened(t, open);
    const hints = [hintOf(1), hintOf(2), hintOf(3)];
    for (const hint of hints) await queue.publish(hint);
    const received = collect(3);
    await queue.consume(received.handler, { prefetch: 10 });
    assert.deepEqual(namesOf(await received.all), namesOf(hints));
  });

  test('each message goes to one of several consumers, and none is left without', async (t) => {
    const queue = await opened(t, open);
    const counts = [0, 0];
    const received = collect(20);
    for (const index of counts.keys()) {
      const handler = async (hint: Hint): Promise<void> => {
        counts[index] = (counts[index] ?? 0) + 1;
        await received.handler(hint);
      };
      await queue.consume(handler, { prefetch: 1 });
    }
    const hints = Array.from({ length: 20 }, () => hintOf(1));
    for (const hint of hints) await queue.publish(hint);
    assert.deepEqual(namesOf(await received.all), namesOf(hints));
    assert.ok(
      counts.every((count) => count > 0),
      `shared ${counts.join(' and ')}`,
    );
  });

  test('a consumer never holds more messages than its prefetch', async (t) => {
    const queue = await opened(t, open);
    const gate = Promise.withResolvers<void>();
    const full = Promise.withResolvers<void>();
    const received = collect(9);
    let [running, runningMax] = [0, 0];
    const handler = async (hint: Hint): Promise<void> => {
      runningMax = Math.max(runningMax, ++running);
      if (running === 3) full.resolve();
      await gate.promise;
      running--;
      await received.handler(hint);
    };
    await queue.consume(handler, { prefetch: 3 });
    for (let i = 0; i < 9; i++) await queue.publish(hintOf(1));
    await full.promise;
    gate.resolve();
    await received.all;
    assert.equal(runningMax, 3);
  });

  test('a handler that throws gets its message again, a few times, and harms no other', async (t) => {
    const queue = await opened(t, open);
    const bad = hintOf(1);
    const others = [hintOf(1), hintOf(1), hintOf(1)];
    const received = collect(others.length);
    const tried = Promise.withResolvers<void>();
    let tries = 0;
    const handler = async (hint: Hint): Promise<void> => {
      if (namesOf([hint]) !== namesOf([bad])) return received.handler(hint);
      if (++tries === deliveriesMax) tried.resolve();
      throw new Error('cannot handle this');
    };
    await queue.consume(handler, { prefetch: 1 });
    await queue.publish(bad);
    await tried.promise;
    // What is handled after the last try proves that the bad one did not come back before it.
    for (const hint of others) await queue.publish(hint);
    assert.deepEqual(namesOf(await received.all), namesOf(others));
    assert.equal(tries, deliveriesMax);
  });

  test('a handler that fails once is answered by one more delivery', async (t) => {
    const queue = await opened(t, open);
    const hint = hintOf(4);
    const received = collect(1);
    let tries = 0;
    const handler = async (again: Hint): Promise<void> => {
      if (++tries === 1) throw new Error('not now');
      await received.handler(again);
    };
    await queue.consume(handler, { prefetch: 1 });
    await queue.publish(hint);
    assert.deepEqual(await received.all, [hint]);
    assert.equal(tries, 2);
  });

  test('stop waits for the running handlers and takes nothing more', async (t) => {
    const queue = await opened(t, open);
    const gate = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const events: string[] = [];
    const handler = async (): Promise<void> => {
      events.push('started');
      started.resolve();
      await gate.promise;
      events.push('ended');
    };
    const consumer = await queue.consume(handler, { prefetch: 1 });
    await queue.publish(hintOf(1));
    await started.promise;
    const left = hintOf(1);
    await queue.publish(left);
    const stopped = consumer.stop().then(() => events.push('stopped'));
    gate.resolve();
    await stopped;
    assert.deepEqual(events, ['started', 'ended', 'stopped']);
    const received = collect(1);
    await queue.consume(received.handler, { prefetch: 1 });
    assert.deepEqual(await received.all, [left]);
  });

  test('a message that fails while its consumer stops goes to another one', async (t) => {
    const queue = await opened(t, open);
    const gate = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const failing = await queue.consume(
      async () => {
        started.resolve();
        await gate.promise;
        throw new Error('stopping');
      },
      { prefetch: 1 },
    );
    const hint = hintOf(1);
    await queue.publish(hint);
    await started.promise;
    const stopped = failing.stop();
    gate.resolve();
    await stopped;
    const received = collect(1);
    await queue.consume(received.handler, { prefetch: 1 });
    assert.deepEqual(await received.all, [hint]);
  });

  test('stopping twice is stopping once', async (t) => {
    const queue = await opened(t, open);
    const consumer = await queue.consume(async () => {}, { prefetch: 1 });
    await Promise.all([consumer.stop(), consumer.stop()]);
    await consumer.stop();
  });

  test('a full queue refuses, and says how many payments wait', async (t) => {
    const queue = await opened(t, open, 500);
    assert.equal(await queue.publish(hintOf(250)), 'sent');
    assert.equal(await queue.publish(hintOf(250)), 'sent');
    assert.equal(await queue.depth(), 500);
    assert.equal(await queue.publish(hintOf(250)), 'refused');
    const received = collect(2);
    await queue.consume(received.handler, { prefetch: 2 });
    await received.all;
    assert.equal(await queue.depth(), 0);
  });

  test('an open queue answers a ping', async (t) => {
    const queue = await opened(t, open);
    await queue.ping();
  });
}

async function opened(t: TestContext, open: OpenQueue, depthMax = 10_000): Promise<Queue> {
  const { queue, close } = await open({ depthMax });
  t.after(close);
  return queue;
}

function hintOf(count: number): Hint {
  return { paymentIds: Array.from({ length: count }, newPaymentId) };
}

/** A handler, and the promise of the first `count` hints that it was given. */
function collect(count: number) {
  const hints: Hint[] = [];
  const { promise, resolve } = Promise.withResolvers<readonly Hint[]>();
  const handler = async (hint: Hint): Promise<void> => {
    hints.push(hint);
    if (hints.length === count) resolve(hints);
  };
  return { handler, all: promise };
}

/** All ids named, in one order, to compare what was sent with what came. */
function namesOf(hints: readonly Hint[]): string {
  return hints
    .flatMap(({ paymentIds }) => paymentIds)
    .toSorted()
    .join(' ');
}
