import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Clock } from '../clock.ts';
import { exerciseCoordination } from './conformance.ts';
import type { Bucket } from './coordination.ts';
import { type MemoryBounds, openMemoryCoordination } from './memory.ts';

function openMoved(bounds: Partial<MemoryBounds> = {}) {
  let atMs = 1_000_000.25;
  const clock: Clock = { now: () => atMs, monotonic: () => atMs };
  const coordination = openMemoryCoordination(clock, bounds);
  const advance = (ms: number): void => {
    atMs += ms;
  };
  return { coordination, advance, close: () => coordination.close() };
}

exerciseCoordination(async () => openMoved());

const minute = 60_000;
const perMinute = (subject: string, capacity: number): Bucket => {
  return { policy: 'balance', subject, capacity, windowMs: minute };
};

describe('in memory', () => {
  test('a token is back to the millisecond', async () => {
    const { coordination, advance } = openMoved();
    const ask = async () => coordination.admit({ buckets: [perMinute('ann', 7)] });
    for (let i = 0; i < 7; i++) await ask();
    const refused = await ask();
    // 60,000 / 7 = 8571.4: the token is whole in the next millisecond.
    assert.equal(refused.buckets[0]?.retryAfterMs, 8572);
    assert.equal(refused.buckets[0]?.resetAfterMs, minute);
    advance(8571);
    assert.equal((await ask()).admitted, false);
    advance(1);
    assert.equal((await ask()).admitted, true);
  });

  test('asking often refills no more and no less than waiting once', async () => {
    const steps = fc.array(fc.integer({ min: 1, max: 5000 }), { maxLength: 30 });
    const property = fc.asyncProperty(
      fc.integer({ min: 1, max: 1000 }),
      steps,
      async (capacity, waits) => {
        const [often, once] = [openMoved(), openMoved()];
        const full = { buckets: [perMinute('ann', capacity)], cost: capacity };
        await often.coordination.admit(full);
        await once.coordination.admit(full);
        for (const ms of waits) {
          often.advance(ms);
          // Costs more than there can be: it refills, and takes nothing.
          await often.coordination.admit({ ...full, cost: capacity + 1 });
          once.advance(ms);
        }
        assert.deepEqual(
          await often.coordination.admit({ ...full, cost: capacity + 1 }),
          await once.coordination.admit({ ...full, cost: capacity + 1 }),
        );
      },
    );
    await fc.assert(property, { numRuns: 50 });
  });

  test('over any window at most capacity plus the refill is admitted', async () => {
    const property = fc.asyncProperty(
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 200 }),
      async (capacity, waits) => {
        const { coordination, advance } = openMoved();
        let [admitted, elapsed] = [0, 0];
        for (const ms of waits) {
          advance(ms);
          elapsed += ms;
          const answer = await coordination.admit({ buckets: [perMinute('ann', capacity)] });
          if (answer.admitted) admitted++;
        }
        assert.ok(admitted <= capacity + Math.floor((elapsed * capacity) / minute));
      },
    );
    await fc.assert(property, { numRuns: 50 });
  });

  test('past its bound a full bucket is forgotten before one that lacks tokens', async () => {
    const { coordination, advance } = openMoved({ subjectsMax: 4 });
    const ask = (subject: string, cost = 1) =>
      coordination.admit({ buckets: [perMinute(subject, 6)], cost });
    await ask('drained', 6);
    await ask('small 1');
    await ask('small 2');
    await ask('small 3');
    advance(10_000);
    for (let i = 0; i < 20; i++) {
      await ask(`flood ${i}`);
      advance(1);
    }
    // One token came back in the ten seconds; forgotten, it would have six.
    assert.equal((await ask('drained')).buckets[0]?.remaining, 0);
  });

  test('past its bound the bucket that lacks least is forgotten where none is full', async () => {
    const { coordination } = openMoved({ subjectsMax: 3 });
    const ask = (subject: string, cost = 1) =>
      coordination.admit({ buckets: [perMinute(subject, 6)], cost });
    await ask('drained', 6);
    await ask('half', 3);
    await ask('small', 1);
    for (let i = 0; i < 20; i++) await ask(`flood ${i}`);
    assert.equal((await ask('drained')).admitted, false);
    assert.equal((await ask('half')).buckets[0]?.remaining, 2);
  });

  test('past their bound the oldest hints are forgotten', async () => {
    const { coordination } = openMoved({ hintsMax: 2 });
    for (const key of ['a', 'b', 'c']) coordination.remember(key, key, minute);
    const hints = await Promise.all(
      ['a', 'b', 'c'].map((hintKey) => coordination.admit({ buckets: [], hintKey })),
    );
    assert.deepEqual(
      hints.map(({ hint }) => hint),
      [null, 'b', 'c'],
    );
  });

  test('past their bound no lease is granted until one has ended', async () => {
    const { coordination, advance } = openMoved({ leasesMax: 2 });
    const grant = async (names: string[]) => [
      ...(await coordination.lease(names, 'one', minute)).granted.keys(),
    ];
    assert.deepEqual(await grant(['a', 'b', 'c']), ['a', 'b']);
    advance(minute);
    assert.deepEqual(await grant(['c']), ['c']);
  });

  test('a listener that throws harms neither the publisher nor the other listeners', async (t) => {
    const warned = Promise.withResolvers<Error>();
    process.once('warning', warned.resolve);
    t.after(() => process.off('warning', warned.resolve));
    const { coordination } = openMoved();
    const heard = Promise.withResolvers<string>();
    await coordination.subscribe('news', () => {
      throw new Error('broken listener');
    });
    await coordination.subscribe('news', heard.resolve);
    coordination.publish('news', 'message');
    assert.equal(await heard.promise, 'message');
    assert.equal((await warned.promise).message, 'broken listener');
  });
});
