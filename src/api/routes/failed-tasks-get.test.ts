import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../../../test/support/api.ts';
import { assertProblem, testGuards, testStatuses } from '../../../test/support/api-refusals.ts';
import { insertTestTask } from '../../../test/support/failed-tasks.ts';
import { newUserId } from '../../ids.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const get = (id: string) => ({ method: 'GET', url: `/api/v1/failed-tasks/${id}` }) as const;

test('an operator reads a failed task with what was said each time', async () => {
  const { task, payment } = await insertTestTask(api.database, await api.person());
  const response = await api.send(await api.person('operator'), get(task));
  assert.equal(response.statusCode, 200, response.body);
  const body = response.json();
  assert.deepEqual([body.id, body.payment_id, body.reason], [task, payment, 'REVIEW']);
  assert.deepEqual(
    body.history.map((one: { detail: string }) => one.detail),
    ['no answer'],
  );
  assert.match(body.history[0].at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

for (const id of [newUserId(), 'nonsense'])
  test(`${id === 'nonsense' ? 'what is no id' : 'an id of nothing'} is not found`, async () => {
    const response = await api.send(await api.person('operator'), get(id));
    assertProblem(response, { status: 404, code: 'failed_task_not_found' });
  });

test('a customer is forbidden, also his own', async () => {
  const person = await api.person();
  const { task } = await insertTestTask(api.database, person);
  assertProblem(await api.send(person, get(task)), { status: 403, code: 'forbidden' });
});

testGuards(
  () => api,
  () => get(newUserId()),
  'RATE_LIMIT_GLOBAL_PER_MINUTE',
  'operator',
);
testStatuses(() => api, 'GET /api/v1/failed-tasks/:id');
