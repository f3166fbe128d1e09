import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../test/support/books.ts';
import { until } from '../../test/support/wait.ts';
import type { Queryable } from '../db/database.ts';
import { openPressure } from './pressure.ts';

/** A database that counts what it is told to, and takes as long as it is told to. */
function openCounted() {
  const state = { now: 0, unfinished: 0n, tookMs: 1, counts: 0 };
  const database: Queryable = {
    query: async () => {
      state.counts += 1;
      state.now += state.tookMs;
      // The row that the count's statement promises.
      return [{ count: state.unfinished }] as never;
    },
  };
  const clock = { now: () => 0, monotonic: () => state.now };
  const pressure = openPressure({
    database,
    clock,
    log: silentLog,
    backlogMax: 10,
    eventLoopDelayMsMax: 500,
  });
  const counted = async (): Promise<void> => {
    const before = state.counts;
    await until(() => state.counts > before, { what: 'another count' });
  };
  return { state, pressure, counted };
}

test('beyond the backlog payments are refused, and welcome again when it is gone', async (t) => {
  const { state, pressure, counted } = openCounted();
  t.after(pressure.stop);
  state.unfinished = 11n;
  await counted();
  await until(() => pressure.retryAfterSeconds() === 10, { what: 'the refusal' });
  state.unfinished = 10n;
  state.now += 1_000;
  await counted();
  await until(() => pressure.retryAfterSeconds() === null, { what: 'the welcome' });
});

test('a count that took long delays the next one by seconds, not by half a minute', async (t) => {
  const { state, pressure, counted } = openCounted();
  t.after(pressure.stop);
  state.unfinished = 11n;
  state.tookMs = 3_000;
  await counted();
  await until(() => pressure.retryAfterSeconds() !== null, { what: 'the refusal' });
  state.unfinished = 0n;
  // 150 s by its share of the time.
  state.now += 5_000;
  await counted();
  assert.equal(state.counts, 2);
});
