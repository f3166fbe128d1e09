import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../test/support/wait.ts';
import { type BatcherOptions, openBatcher, type Verdict } from './batcher.ts';
import { Overloaded } from './overloaded.ts';

type Options = BatcherOptions<number, string>;
type Flush = Options['flush'];

class Culprit extends Error {}
class Again extends Error {}

const answerAll: Flush = async (group) => group.map((item) => ({ done: `got ${item}` }));

function open(flush: Flush, changes: Partial<Options> = {}) {
  const groups: (readonly number[])[] = [];
  const batcher = openBatcher<number, string>({
    name: 'test',
    slots: 2,
    groupMax: 100,
    waitingMax: 1000,
    flush: (group) => {
      groups.push(group);
      return flush(group);
    },
    classify: (error) =>
      error instanceof Culprit ? 'culprit' : error instanceof Again ? 'again' : 'fatal',
    ...changes,
  });
  return { batcher, groups };
}

/** Flushes that end when the test says so. */
function gated() {
  const gates: PromiseWithResolvers<void>[] = [];
  const flush: Flush = async (group) => {
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    await gate.promise;
    return answerAll(group);
  };
  const openNext = async (): Promise<void> => {
    const gate = await until(() => gates.shift(), { what: 'a group in flight' });
    gate.resolve();
  };
  return { flush, openNext, waiting: () => gates.length };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const range = (length: number): number[] => Array.from({ length }, (_, index) => index);

test('an idle batcher flushes one item within the same turn of the event loop', async () => {
  const { batcher, groups } = open(answerAll);
  const result = batcher.submit(7);
  assert.equal(groups.length, 0);
  await turn();
  assert.deepEqual(groups, [[7]]);
  assert.equal(await result, 'got 7');
});

test('what comes in one turn shares a group, and each caller gets its own answer', async () => {
  const { batcher, groups } = open(answerAll);
  const results = await Promise.all(range(20).map(batcher.submit));
  assert.deepEqual(groups, [range(20)]);
  assert.deepEqual(
    results,
    range(20).map((item) => `got ${item}`),
  );
});

test('it gathers while every slot is busy, and takes groupMax at most', async () => {
  const gate = gated();
  const { batcher, groups } = open(gate.flush, { slots: 1, groupMax: 3 });
  const first = batcher.submit(0);
  await turn();
  const rest = [1, 2, 3, 4, 5].map(batcher.submit);
  await turn();
  assert.deepEqual(groups, [[0]]);
  assert.equal(batcher.load(), 6);
  for (let group = 0; group < 3; group += 1) await gate.openNext();
  await Promise.all([first, ...rest]);
  assert.deepEqual(groups, [[0], [1, 2, 3], [4, 5]]);
});

test('two slots run side by side, never three', async () => {
  const gate = gated();
  const { batcher } = open(gate.flush, { groupMax: 1 });
  const all = range(5).map(batcher.submit);
  for (let turns = 0; turns < 5; turns += 1) await turn();
  assert.equal(gate.waiting(), 2);
  for (let group = 0; group < 5; group += 1) await gate.openNext();
  await Promise.all(all);
});

test('a full waiting room refuses the next, and only the next', async () => {
  const gate = gated();
  const { batcher } = open(gate.flush, { slots: 1, waitingMax: 2 });
  const inFlight = batcher.submit(0);
  await turn();
  const waiting = [1, 2].map(batcher.submit);
  await assert.rejects(batcher.submit(3), Overloaded);
  await gate.openNext();
  await gate.openNext();
  assert.deepEqual(await Promise.all([inFlight, ...waiting]), ['got 0', 'got 1', 'got 2']);
});

test('one bad row of fifty harms nobody else, and is found by halving', async () => {
  for (const bad of [0, 24, 49]) {
    const { batcher, groups } = open(async (group) => {
      if (group.includes(bad)) throw new Culprit(`row ${bad}`);
      return answerAll(group);
    });
    const results = await Promise.allSettled(range(50).map(batcher.submit));
    results.forEach((result, item) => {
      if (item === bad) assert.equal(result.status, 'rejected');
      else assert.deepEqual(result, { status: 'fulfilled', value: `got ${item}` });
    });
    // Two flushes for each of log2(50) halvings.
    assert.ok(groups.length <= 13, `${groups.length} flushes`);
  }
});

test('a group that meets another runs three times, then one by one', async () => {
  let isQuiet = false;
  const { batcher, groups } = open(async (group) => {
    if (group.length > 1 || !isQuiet) {
      isQuiet = group.length === 1;
      throw new Again();
    }
    return answerAll(group);
  });
  const results = await Promise.all(range(4).map(batcher.submit));
  assert.deepEqual(
    results,
    range(4).map((item) => `got ${item}`),
  );
  assert.deepEqual(groups.slice(0, 4), [range(4), range(4), range(4), [0]]);
});

test('an item that meets others for ever is told after three runs', async () => {
  const { batcher, groups } = open(async () => {
    throw new Again('still');
  });
  await assert.rejects(batcher.submit(1), /still/);
  assert.equal(groups.length, 3);
});

test('a failure nobody can mend is told to every caller, once', async () => {
  const { batcher, groups } = open(async () => {
    throw new Error('away');
  });
  const results = await Promise.allSettled(range(10).map(batcher.submit));
  assert.ok(results.every((result) => result.status === 'rejected'));
  assert.equal(groups.length, 1);
});

test('an item without a verdict is told, its neighbours are answered', async () => {
  const { batcher } = open(async (group) => (await answerAll(group)).slice(1));
  const results = await Promise.allSettled([1, 2].map(batcher.submit));
  assert.deepEqual(
    results.map((result) => result.status),
    ['fulfilled', 'rejected'],
  );
});

test('a postponed item joins the group after the next that got something done', async () => {
  let isTaken = true;
  const { batcher, groups } = open(
    async (group) => {
      const verdicts = group.map(
        (item): Verdict<string> => (item === 1 && isTaken ? 'later' : { done: `got ${item}` }),
      );
      if (group.includes(3)) isTaken = false;
      return verdicts;
    },
    { slots: 1 },
  );
  const postponed = batcher.submit(1);
  await batcher.submit(2);
  await batcher.submit(3);
  assert.equal(await postponed, 'got 1');
  assert.ok(groups.length >= 3);
});

test('a postponed item is not starved by a stream of others', async () => {
  let turns = 0;
  const answered = new AbortController();
  const { batcher } = open(async (group) => {
    await turn();
    return group.map((item) => (item === -1 && ++turns < 10 ? 'later' : { done: `got ${item}` }));
  });
  const stream = (async () => {
    for (let item = 0; !answered.signal.aborted; item += 1) await batcher.submit(item);
  })();
  assert.equal(await batcher.submit(-1), 'got -1');
  answered.abort();
  await stream;
  assert.equal(turns, 10);
});

test('a postponed item comes back by itself where nobody else is under way', async () => {
  let turns = 0;
  const { batcher } = open(async (group) =>
    group.map((item) => (++turns < 4 ? 'later' : { done: `got ${item}` })),
  );
  assert.equal(await batcher.submit(1), 'got 1');
  assert.equal(turns, 4);
});

test('a hundred and fifty thousand postponed at once all come back', async () => {
  let isTaken = true;
  const { batcher } = open(
    async (group) => {
      const verdict = isTaken ? 'later' : { done: 'got it' };
      return group.map(() => verdict);
    },
    { groupMax: 200_000, waitingMax: Number.POSITIVE_INFINITY, slots: 1 },
  );
  const all = range(150_000).map(batcher.submit);
  await turn();
  isTaken = false;
  assert.equal((await Promise.all(all)).length, 150_000);
});

test('drained waits for what waits and what is in flight, and counts them', async () => {
  const gate = gated();
  const { batcher } = open(gate.flush, { slots: 1 });
  await batcher.drained();
  const all = [1, 2].map(batcher.submit);
  await turn();
  const late = batcher.submit(3);
  assert.equal(batcher.load(), 3);
  let isDrained = false;
  const drained = batcher.drained().then(() => (isDrained = true));
  await gate.openNext();
  await Promise.all(all);
  assert.equal(isDrained, false);
  await gate.openNext();
  await drained;
  assert.equal(await late, 'got 3');
  assert.equal(batcher.load(), 0);
});
