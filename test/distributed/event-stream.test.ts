import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openClient, type TestUser } from '../support/client.ts';
import { startCluster } from '../support/cluster.ts';
import { type OpenedStream, openEventStream } from '../support/event-stream.ts';
import { untilSettled } from '../support/load.ts';
import { proveMoney } from '../support/proof.ts';
import { until } from '../support/wait.ts';

const tokenOf = (user: TestUser): string => user.authorization.replace('Bearer ', '');

test('a stream that an API took to its grave goes on at the other: nothing lost, nothing twice', async (t) => {
  const cluster = await startCluster(t, { apis: 2, workers: 1 });
  const [dying, other] = [cluster.urls[0], cluster.urls[1]];
  assert(other !== undefined);
  const client = openClient(other);
  t.after(client.close);
  const [user, somebody] = [await client.register(), await client.register()];
  const token = tokenOf(user);
  const first = await openEventStream({ url: dying, token });
  const whole = await openEventStream({ url: other, token });
  t.after(() => whole.close());
  const pay = (count: number, who: TestUser) =>
    Promise.all(Array.from({ length: count }, () => who.deposit('5.00')));
  await Promise.all([pay(40, user), pay(10, somebody)]);
  await until(() => first.events.length >= 30, { what: 'events at the API that will die' });
  await cluster.apis[0]?.kill9();
  await first.untilOver();
  await pay(20, user);
  const again = await openEventStream({ url: other, token, lastEventId: first.lastEventId() });
  t.after(() => again.close());
  await pay(20, user);
  await untilSettled(cluster.ownerUrl);
  const followed = (): string[] => [...first.events, ...again.events].map((event) => event.id);
  await until(() => endedOf(whole) === 80 && followed().length >= whole.events.length, {
    what: 'every outcome at both',
    deadlineMs: 20_000,
  });
  const expected = whole.events.map((event) => event.id);
  assert.deepEqual(followed(), expected);
  assert.equal(new Set(expected).size, expected.length);
  assert(whole.events.every((event) => event.user_id === user.id));
  const created = whole.events.filter((event) => event.type === 'deposit.created');
  assert.equal(created.length, 80);
  assert(first.events.length < expected.length && again.events.length > 0);
  t.diagnostic(`${first.events.length} events before the kill, ${again.events.length} after it`);
  await proveMoney({ ...cluster, settled: true });
});

test('SIGTERM ends the streams at once, and tells them when to come back', async (t) => {
  const cluster = await startCluster(t, { apis: 2, workers: 1 });
  const [stopping, other] = [cluster.urls[0], cluster.urls[1]];
  assert(other !== undefined);
  const client = openClient(other);
  t.after(client.close);
  const user = await client.register();
  const token = tokenOf(user);
  const streams = await Promise.all(
    Array.from({ length: 5 }, () => openEventStream({ url: stopping, token })),
  );
  await user.fund('5.00');
  for (const stream of streams) await until(() => endedOf(stream) === 1, { what: 'the outcome' });
  const startedAt = performance.now();
  assert.deepEqual(await cluster.apis[0]?.stop(), { code: 0, signal: null });
  t.diagnostic(`stopped in ${Math.round(performance.now() - startedAt)} ms`);
  for (const stream of streams) {
    await stream.untilOver();
    assert((stream.retryMs() ?? 0) >= 1_000);
  }
  await user.fund('6.00');
  const lastEventId = streams[0]?.lastEventId() ?? '';
  const again = await openEventStream({ url: other, token, lastEventId });
  t.after(() => again.close());
  await until(() => endedOf(again) === 1, { what: 'the outcome of meanwhile' });
  const seen = new Set(streams[0]?.events.map((event) => event.id));
  assert(again.events.every((event) => !seen.has(event.id)));
});

/** How many payments have ended, as the stream tells. */
function endedOf({ events }: OpenedStream): number {
  return events.filter(({ type }) => /\.(succeeded|failed)$/.test(type)).length;
}
