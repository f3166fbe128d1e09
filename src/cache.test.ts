import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCache } from './cache.ts';

function openCounting(options: { sizeMax?: number; freshMs?: number } = {}) {
  let nowMs = 0;
  const loads: string[] = [];
  const cache = openCache<string, string | null>({
    sizeMax: 2,
    freshMs: 5_000,
    clock: { now: () => nowMs, monotonic: () => nowMs },
    load: async (key) => {
      loads.push(key);
      if (key === 'broken') throw new Error('unreadable');
      return key === 'nobody' ? null : `${key}!`;
    },
    keep: (value) => value !== null,
    ...options,
  });
  const advance = (ms: number): void => {
    nowMs += ms;
  };
  return { cache, loads, advance };
}

test('callers at the same moment share one load', async () => {
  const { cache, loads } = openCounting();
  assert.deepEqual(await Promise.all([cache.get('a'), cache.get('a')]), ['a!', 'a!']);
  assert.deepEqual(loads, ['a']);
});

test('an answer is fresh up to its time, and not at it', async () => {
  const { cache, loads, advance } = openCounting();
  await cache.get('a');
  advance(4_999);
  await cache.get('a');
  assert.equal(loads.length, 1);
  advance(1);
  await cache.get('a');
  assert.equal(loads.length, 2);
});

test('a failure and an absence are told and not remembered', async () => {
  const { cache, loads } = openCounting();
  await assert.rejects(cache.get('broken'));
  await assert.rejects(cache.get('broken'));
  assert.equal(await cache.get('nobody'), null);
  assert.equal(await cache.get('nobody'), null);
  assert.equal(loads.length, 4);
});

test('whoever was not asked for again is forgotten first', async () => {
  const { cache, loads } = openCounting();
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await cache.get(key);
  assert.deepEqual(loads, ['a', 'b', 'c', 'b']);
});

test('what was forgotten is loaded again', async () => {
  const { cache, loads } = openCounting();
  await cache.get('a');
  cache.forget('a');
  await cache.get('a');
  assert.equal(loads.length, 2);
});
