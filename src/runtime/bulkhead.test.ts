import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openBulkhead } from './bulkhead.ts';

/** Lets everything that is ready run. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('no more than its places are taken, whoever comes and goes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.boolean(), { maxLength: 60 }),
      async (placesMax, steps) => {
        const bulkhead = openBulkhead(placesMax);
        let inside = 0;
        let asked = 0;
        for (const isArrival of steps) {
          if (isArrival) {
            asked += 1;
            void bulkhead.take().then(() => (inside += 1));
          } else if (inside > 0) {
            inside -= 1;
            asked -= 1;
            bulkhead.giveBack();
          }
          await turn();
          assert.equal(inside, Math.min(asked, placesMax));
          assert.equal(bulkhead.taken(), inside);
        }
      },
    ),
    { numRuns: 50 },
  );
});

test('places go round in order of arrival, through thousands who waited', async () => {
  const bulkhead = openBulkhead(1);
  const order: number[] = [];
  const all = Array.from({ length: 5000 }, async (_, index) => {
    await bulkhead.take();
    order.push(index);
    bulkhead.giveBack();
  });
  await Promise.all(all);
  assert.deepEqual(
    order,
    Array.from({ length: 5000 }, (_, index) => index),
  );
  assert.equal(bulkhead.taken(), 0);
});

test('a close turns away whoever waits, and ends when the last place is given back', async () => {
  const bulkhead = openBulkhead(2);
  assert.deepEqual([await bulkhead.take(), await bulkhead.take()], [true, true]);
  const late = bulkhead.take();
  let isClosed = false;
  const closing = bulkhead.close().then(() => (isClosed = true));
  assert.equal(await late, false);
  assert.equal(await bulkhead.take(), false);
  bulkhead.giveBack();
  await turn();
  assert.equal(isClosed, false);
  bulkhead.giveBack();
  await closing;
  assert.equal(bulkhead.taken(), 0);
});

test('closing an empty one ends at once', async () => {
  await openBulkhead(3).close();
});

test('fewer places take nobody out, more let in at once, and none turns away whoever waits', async () => {
  const bulkhead = openBulkhead(2);
  assert.deepEqual([await bulkhead.take(), await bulkhead.take()], [true, true]);
  bulkhead.resize(1);
  const waits = [bulkhead.take(), bulkhead.take()];
  bulkhead.giveBack();
  assert.equal(bulkhead.taken(), 1);
  bulkhead.resize(2);
  assert.equal(await waits[0], true);
  bulkhead.resize(0);
  assert.equal(await waits[1], false);
  assert.equal(await bulkhead.take(), false);
  assert.equal(bulkhead.taken(), 2);
  bulkhead.giveBack();
  bulkhead.giveBack();
  bulkhead.resize(1);
  assert.equal(await bulkhead.take(), true);
  bulkhead.giveBack();
  await bulkhead.close();
});
