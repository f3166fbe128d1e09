import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Client } from 'pg';
import { openTestDatabase } from '../../test/support/postgres.ts';
import { type Lanes, openLanes } from './lane.ts';

/** One lane: whoever comes second waits. */
async function openOneLane(t: TestContext): Promise<Lanes> {
  const { appUrl } = await openTestDatabase(t);
  const lanes = openLanes({
    lanesMax: 1,
    onLost: () => undefined,
    connect: async () => {
      const client = new Client({ connectionString: appUrl });
      await client.connect();
      return client;
    },
  });
  t.after(lanes.close);
  return lanes;
}

test('a lane goes to whoever waits for it, not to who comes as it is given back', async (t) => {
  const lanes = await openOneLane(t);
  const [taken, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const order: string[] = [];
  const take = (name: string) => lanes.use(async () => void order.push(name));
  const first = lanes.use(() => {
    taken.resolve();
    return over.promise;
  });
  await taken.promise;
  const second = take('second');
  // Runs right behind the first one's end, before a waiter that was woken could look.
  const third = over.promise.then(() => take('third'));
  over.resolve();
  await Promise.all([first, second, third]);
  assert.deepEqual(order, ['second', 'third']);
});

test('the place of a lane that broke goes to whoever waits, who opens another', async (t) => {
  const lanes = await openOneLane(t);
  const taken = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const first = lanes.use(async (lane) => {
    taken.resolve();
    await over.promise;
    lane.drop();
  });
  await taken.promise;
  const second = lanes.use((lane) => lane.send('SELECT 1'));
  over.resolve();
  await first;
  assert.equal(await second, 'SELECT');
});

test('whoever waits for a lane when the database closes is told', async (t) => {
  const lanes = await openOneLane(t);
  const over = Promise.withResolvers<void>();
  const first = lanes.use(() => over.promise);
  const second = assert.rejects(
    lanes.use(async () => undefined),
    /closing/,
  );
  const closed = lanes.close();
  over.resolve();
  await Promise.all([first, second, closed]);
});
