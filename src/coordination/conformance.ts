import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Bucket, Coordination } from './coordination.ts';

export interface OpenedCoordination {
  readonly coordination: Coordination;
  /** Lets this much time pass for the coordination store: a clock is moved, or it really passes. */
  readonly advance: (ms: number) => Promise<void> | void;
  readonly close: () => Promise<void> | void;
}

export type OpenCoordination = () => Promise<OpenedCoordination>;

/**
 * Every promise of coordination.ts. Each case opens a store of its own. Where real time passes, a
 * case may take a second longer than on a moved clock: the windows leave that much room.
 */
export function exerciseCoordination(open: OpenCoordination): void {
  describe('request limits', () => exerciseLimits(open));
  describe('hints', () => exerciseHints(open));
  describe('leases', () => exerciseLeases(open));
  describe('messages', () => exerciseMessages(open));
  test('an open store answers a ping', async (t) => {
    const { coordination } = await opened(t, open);
    await coordination.ping();
  });
}

const hour = 3_600_000;

function bucket(subject: string, changed: Partial<Bucket> = {}): Bucket {
  return { policy: 'balance', subject, capacity: 3, windowMs: hour, ...changed };
}

async function opened(t: TestContext, open: OpenCoordination): Promise<OpenedCoordination> {
  const store = await open();
  t.after(() => store.close());
  return store;
}

function exerciseLimits(open: OpenCoordination): void {
  test('a bucket admits its capacity and then refuses', async (t) => {
    const { coordination } = await opened(t, open);
    const answers = [];
    for (let i = 0; i < 5; i++)
      answers.push(await coordination.admit({ buckets: [bucket('ann')] }));
    assert.deepEqual(
      answers.map((answer) => answer.admitted),
      [true, true, true, false, false],
    );
    assert.deepEqual(
      answers.map((answer) => answer.buckets[0]?.remaining),
      [2, 1, 0, 0, 0],
    );
  });

  test('simultaneous requests never take more than there is', async (t) => {
    const { coordination } = await opened(t, open);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        coordination.admit({ buckets: [bucket('ann', { capacity: 20 })] }),
      ),
    );
    assert.equal(answers.filter((answer) => answer.admitted).length, 20);
  });

  test('subjects and policies have buckets of their own', async (t) => {
    const { coordination } = await opened(t, open);
    const one = { capacity: 1 };
    const admit = async (each: Bucket) => (await coordination.admit({ buckets: [each] })).admitted;
    assert.equal(await admit(bucket('ann', one)), true);
    assert.equal(await admit(bucket('ann', one)), false);
    assert.equal(await admit(bucket('bob', one)), true);
    assert.equal(await admit(bucket('ann', { ...one, policy: 'global' })), true);
  });

  test('one empty bucket refuses the request and the others keep their tokens', async (t) => {
    const { coordination } = await opened(t, open);
    const wide = bucket('ann', { policy: 'global', capacity: 10 });
    const narrow = bucket('ann', { capacity: 1 });
    await coordination.admit({ buckets: [wide, narrow] });
    const refused = await coordination.admit({ buckets: [wide, narrow] });
    assert.equal(refused.admitted, false);
    assert.deepEqual(
      refused.buckets.map(({ policy, remaining }) => [policy, remaining]),
      [
        ['global', 9],
        ['balance', 0],
      ],
    );
    const after = await coordination.admit({ buckets: [wide] });
    assert.equal(after.buckets[0]?.remaining, 8);
  });

  test('a request may cost several tokens, and takes all of them or none', async (t) => {
    const { coordination } = await opened(t, open);
    const ten = bucket('ann', { capacity: 10 });
    const first = await coordination.admit({ buckets: [ten], cost: 7 });
    assert.deepEqual([first.admitted, first.buckets[0]?.remaining], [true, 3]);
    const second = await coordination.admit({ buckets: [ten], cost: 4 });
    assert.deepEqual([second.admitted, second.buckets[0]?.remaining], [false, 3]);
    const third = await coordination.admit({ buckets: [ten], cost: 3 });
    assert.deepEqual([third.admitted, third.buckets[0]?.remaining], [true, 0]);
  });

  test('a request that costs more than the bucket ever holds is refused', async (t) => {
    const { coordination } = await opened(t, open);
    const answer = await coordination.admit({ buckets: [bucket('ann')], cost: 4 });
    assert.deepEqual([answer.admitted, answer.buckets[0]?.remaining], [false, 3]);
  });

  test('tokens come back evenly over the window, not all at its end', async (t) => {
    const { coordination, advance } = await opened(t, open);
    const four = bucket('ann', { capacity: 4, windowMs: 8000 });
    await coordination.admit({ buckets: [four], cost: 4 });
    await advance(2100);
    const first = await coordination.admit({ buckets: [four] });
    const second = await coordination.admit({ buckets: [four] });
    assert.deepEqual([first.admitted, second.admitted], [true, false]);
  });

  test('the wait that a refusal names is enough', async (t) => {
    const { coordination, advance } = await opened(t, open);
    const four = bucket('ann', { capacity: 4, windowMs: 2000 });
    await coordination.admit({ buckets: [four], cost: 4 });
    const refused = await coordination.admit({ buckets: [four], cost: 2 });
    assert.equal(refused.admitted, false);
    await advance(refused.buckets[0]?.retryAfterMs ?? 0);
    assert.equal((await coordination.admit({ buckets: [four], cost: 2 })).admitted, true);
  });

  test('a bucket never holds more than its capacity, however long nobody asked', async (t) => {
    const { coordination, advance } = await opened(t, open);
    const three = bucket('ann', { windowMs: 300 });
    await coordination.admit({ buckets: [three], cost: 3 });
    await advance(900);
    const answer = await coordination.admit({ buckets: [three] });
    assert.equal(answer.buckets[0]?.remaining, 2);
  });

  test('the answer names policy, capacity, window, and when the bucket is full again', async (t) => {
    const { coordination } = await opened(t, open);
    const answer = await coordination.admit({ buckets: [bucket('ann')] });
    const state = answer.buckets[0];
    assert.deepEqual([state?.policy, state?.capacity, state?.windowMs], ['balance', 3, hour]);
    assert.equal(state?.retryAfterMs, 0);
    const resetAfterMs = state?.resetAfterMs ?? 0;
    assert.ok(resetAfterMs > hour / 3 - 5000 && resetAfterMs <= hour / 3, `${resetAfterMs} ms`);
  });

  test('a request without buckets is admitted', async (t) => {
    const { coordination } = await opened(t, open);
    assert.deepEqual(await coordination.admit({ buckets: [] }), {
      admitted: true,
      buckets: [],
      hint: null,
    });
  });
}

function exerciseHints(open: OpenCoordination): void {
  test('a hint is read with the admission, refused ones included', async (t) => {
    const { coordination } = await opened(t, open);
    coordination.remember('key', 'payment 1', hour);
    const one = bucket('ann', { capacity: 1 });
    const admitted = await coordination.admit({ buckets: [one], hintKey: 'key' });
    const refused = await coordination.admit({ buckets: [one], hintKey: 'key' });
    assert.deepEqual([admitted.admitted, admitted.hint], [true, 'payment 1']);
    assert.deepEqual([refused.admitted, refused.hint], [false, 'payment 1']);
  });

  test('an unknown key and no key have no hint', async (t) => {
    const { coordination } = await opened(t, open);
    assert.equal((await coordination.admit({ buckets: [], hintKey: 'other' })).hint, null);
    assert.equal((await coordination.admit({ buckets: [] })).hint, null);
  });

  test('a later hint replaces the earlier one', async (t) => {
    const { coordination } = await opened(t, open);
    coordination.remember('key', 'first', hour);
    coordination.remember('key', 'second', hour);
    assert.equal((await coordination.admit({ buckets: [], hintKey: 'key' })).hint, 'second');
  });

  test('a hint ends with its time to live', async (t) => {
    const { coordination, advance } = await opened(t, open);
    coordination.remember('key', 'value', 200);
    await advance(250);
    assert.equal((await coordination.admit({ buckets: [], hintKey: 'key' })).hint, null);
  });
}

function exerciseLeases(open: OpenCoordination): void {
  test('a lease has one holder, and each name stands for itself', async (t) => {
    const { coordination } = await opened(t, open);
    assert.deepEqual(await grantedTo(coordination, ['a', 'b'], 'one'), ['a', 'b']);
    assert.deepEqual(await grantedTo(coordination, ['b', 'c'], 'two'), ['c']);
  });

  test('what the holder itself still holds is not free', async (t) => {
    const { coordination } = await opened(t, open);
    assert.deepEqual(await grantedTo(coordination, ['a', 'a'], 'one'), ['a']);
    assert.deepEqual(await grantedTo(coordination, ['a'], 'one'), []);
  });

  test('simultaneous calls grant a name once', async (t) => {
    const { coordination } = await opened(t, open);
    const holders = Array.from({ length: 20 }, (_, i) => `holder ${i}`);
    const granted = await Promise.all(holders.map((one) => grantedTo(coordination, ['a'], one)));
    assert.equal(granted.flat().length, 1);
  });

  test('a released name is free again', async (t) => {
    const { coordination } = await opened(t, open);
    await coordination.lease(['a', 'b'], 'one', hour);
    coordination.release(['a'], 'one');
    assert.deepEqual(await grantedTo(coordination, ['a', 'b'], 'two'), ['a']);
  });

  test('nobody gives back what another one holds', async (t) => {
    const { coordination } = await opened(t, open);
    await coordination.lease(['a'], 'one', hour);
    coordination.release(['a', 'never held'], 'two');
    assert.deepEqual(await grantedTo(coordination, ['a'], 'two'), []);
  });

  test('a lease ends by itself', async (t) => {
    const { coordination, advance } = await opened(t, open);
    await coordination.lease(['a'], 'one', 200);
    await advance(250);
    assert.deepEqual(await grantedTo(coordination, ['a'], 'two'), ['a']);
  });

  test('a late release by the former holder leaves the new lease alone', async (t) => {
    const { coordination, advance } = await opened(t, open);
    await coordination.lease(['a'], 'one', 200);
    await advance(250);
    await coordination.lease(['a'], 'two', hour);
    coordination.release(['a'], 'one');
    assert.deepEqual(await grantedTo(coordination, ['a'], 'three'), []);
  });

  test('the fencing number of a name grows with every grant', async (t) => {
    const { coordination, advance } = await opened(t, open);
    const fenceOf = async (holder: string, ttlMs: number): Promise<number> =>
      (await coordination.lease(['a'], holder, ttlMs)).granted.get('a') ?? Number.NaN;
    const first = await fenceOf('one', hour);
    coordination.release(['a'], 'one');
    const second = await fenceOf('one', 200);
    await advance(250);
    const third = await fenceOf('two', hour);
    assert.ok(first < second && second < third, `${first} < ${second} < ${third}`);
  });
}

const grantedTo = async (store: Coordination, names: string[], holder: string) =>
  [...(await store.lease(names, holder, hour)).granted.keys()].toSorted();

function exerciseMessages(open: OpenCoordination): void {
  test('a message reaches every listener of its channel, in order, and no other', async (t) => {
    const { coordination } = await opened(t, open);
    const [one, two, other] = [collect('last'), collect('last'), collect('last')];
    await coordination.subscribe('news', one.listener);
    await coordination.subscribe('news', two.listener);
    await coordination.subscribe('elsewhere', other.listener);
    coordination.publish('news', 'first');
    coordination.publish('news', 'last');
    coordination.publish('elsewhere', 'last');
    assert.deepEqual(await one.upToLast, ['first', 'last']);
    assert.deepEqual(await two.upToLast, ['first', 'last']);
    assert.deepEqual(await other.upToLast, ['last']);
  });

  test('who stopped listening hears nothing more, and the others still do', async (t) => {
    const { coordination } = await opened(t, open);
    const [gone, stays] = [collect('never'), collect('last')];
    const heard: string[] = [];
    const stop = await coordination.subscribe('news', (message) => {
      heard.push(message);
      gone.listener(message);
    });
    await coordination.subscribe('news', stays.listener);
    stop();
    coordination.publish('news', 'last');
    await stays.upToLast;
    assert.deepEqual(heard, []);
  });

  test('a message that nobody listens to is no fault', async (t) => {
    const { coordination } = await opened(t, open);
    coordination.publish('nobody', 'message');
    await coordination.ping();
  });
}

/** A listener, and the promise of the messages up to and including `last`. */
function collect(last: string) {
  const seen: string[] = [];
  const { promise, resolve } = Promise.withResolvers<string[]>();
  const listener = (message: string): void => {
    seen.push(message);
    if (message === last) resolve(seen);
  };
  return { listener, upToLast: promise };
}
