import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './wait.ts';

test('the wait ends with what the condition returned', async () => {
  let asked = 0;
  const answer = await until(() => (++asked === 3 ? 'here' : null), { what: 'it', everyMs: 1 });
  assert.deepEqual([answer, asked], ['here', 3]);
});

test('a condition that throws is asked again', async () => {
  let asked = 0;
  const condition = async (): Promise<number> => {
    if (++asked < 3) throw new Error('refused');
    return 0;
  };
  assert.equal(await until(condition, { what: 'the server', everyMs: 1 }), 0);
});

test('past the deadline the failure says what was waited for and why it did not come', async () => {
  const condition = (): never => {
    throw new Error('connection refused');
  };
  await assert.rejects(
    until(condition, { what: 'the server to listen', deadlineMs: 5, everyMs: 1 }),
    /waited 5 ms for the server to listen; at last it threw "connection refused"/,
  );
});
