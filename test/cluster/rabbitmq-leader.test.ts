import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { pino } from 'pino';
import { newPaymentId } from '../../src/ids.ts';
import type { Queue } from '../../src/queue/queue.ts';
import { openRabbitQueue } from '../../src/queue/rabbitmq.ts';
import { startRabbit } from '../support/rabbitmq.ts';
import { until } from '../support/wait.ts';

const broker = await startRabbit({ nodes: 3 });
after(() => broker.stop());

test('a cluster that loses the leader of its queue loses nothing that it confirmed', async (t) => {
  const prefix = 'tollgate';
  const queue = await openRabbitQueue({
    urls: broker.urls,
    prefix,
    log: pino({ level: 'silent' }),
    onBuried: async () => {},
  });
  t.after(() => queue.close());
  const load = startLoad(queue);
  // See docs/operations.md on what a queue is in its first second.
  await until(() => load.sent.length > 10_000, { what: 'load', deadlineMs: 60_000 });
  const index = await leaderOf(`${prefix}.payments`);
  await broker.kill9(index);
  const [killedAt, sentBefore] = [performance.now(), load.sent.length];
  await until(() => load.refused > 0, { what: 'the loss to be noticed' });
  const sentMeanwhile = load.sent.length;
  await until(() => load.sent.length > sentMeanwhile, {
    what: 'sending to go on',
    deadlineMs: 30_000,
  });
  const gapMs = Math.round(performance.now() - killedAt);
  await until(() => load.sent.length > sentBefore + 5_000, { what: 'load', deadlineMs: 60_000 });
  await load.stop();

  const received = new Set<string>();
  const handler = async ({ paymentIds }: { readonly paymentIds: readonly string[] }) => {
    for (const id of paymentIds) received.add(id);
  };
  await queue.consume(handler, { prefetch: 50 });
  const missing = (): string[] => load.sent.filter((id) => !received.has(id));
  await until(() => missing().length === 0, { what: 'all confirmed', deadlineMs: 60_000 });
  t.diagnostic(`${load.sent.length} confirmed, none lost; sending went on after ${gapMs} ms`);
  assert.ok(gapMs < 15_000, `sending went on after ${gapMs} ms`);

  await broker.restart(index);
  const online = await rowOf(`${prefix}.payments`, 'online');
  const names = online.match(/tollgate\d(?=@)/g) ?? [];
  assert.deepEqual(names.toSorted(), ['tollgate1', 'tollgate2', 'tollgate3']);
});

/** Fifty publishers, each with one message under way. */
function startLoad(queue: Queue) {
  const sent: string[] = [];
  const load = { sent, refused: 0, isOver: false };
  const publisher = async (): Promise<void> => {
    while (!load.isOver) {
      const id = newPaymentId();
      const result = await queue.publish({ paymentIds: [id] });
      if (result === 'sent') load.sent.push(id);
      else {
        load.refused++;
        // A refusal takes no time, and everything else needs a turn.
        await setImmediate();
      }
    }
  };
  const publishers = Promise.all(Array.from({ length: 50 }, publisher));
  return Object.assign(load, {
    stop: async () => {
      load.isOver = true;
      await publishers;
    },
  });
}

async function leaderOf(queue: string): Promise<number> {
  const row = await rowOf(queue, 'leader');
  const number = /tollgate(\d)@/.exec(row)?.[1];
  assert.ok(number !== undefined, `it has a leader: ${row}`);
  return Number(number) - 1;
}

async function rowOf(queue: string, column: string): Promise<string> {
  const rows = (await broker.rabbitmqctl(['list_queues', 'name', column])).split('\n');
  return rows.find((row) => row.startsWith(`${queue}\t`)) ?? `no ${queue}`;
}
