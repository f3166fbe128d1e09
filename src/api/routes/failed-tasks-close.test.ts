import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../../../test/support/api.ts';
import {
  assertProblem,
  testBodies,
  testGuards,
  testStatuses,
} from '../../../test/support/api-refusals.ts';
import { insertTestPoison, insertTestTask } from '../../../test/support/failed-tasks.ts';
import { actors } from '../../audit-log/append.ts';
import { newUserId } from '../../ids.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const close = (id: string, body: unknown = { note: 'not ours' }) =>
  ({ method: 'POST', url: `/api/v1/failed-tasks/${id}/close`, body }) as const;

test('an operator closes a task with a note, once', async () => {
  const poison = await insertTestPoison(api.database, 'message:4');
  const operator = await api.person('operator');
  const response = await api.send(operator, close(poison));
  assert.equal(response.statusCode, 200, response.body);
  const { state, closed_by, closed_note } = response.json();
  assert.deepEqual(
    [state, closed_by, closed_note],
    ['closed', actors.user(operator.id), 'not ours'],
  );
  const again = await api.send(operator, close(poison));
  assertProblem(again, { status: 409, code: 'failed_task_closed' });
});

test('what happens again opens the task again', async () => {
  const poison = await insertTestPoison(api.database, 'message:5');
  const operator = await api.person('operator');
  await api.send(operator, close(poison));
  assert.equal(await insertTestPoison(api.database, 'message:5'), poison);
  const response = await api.send(operator, {
    method: 'GET',
    url: `/api/v1/failed-tasks/${poison}`,
  });
  const { state, closed_by, times } = response.json();
  assert.deepEqual([state, closed_by, times], ['open', null, 2]);
});

test('a payment in review does not fall out of sight', async () => {
  const { task } = await insertTestTask(api.database, await api.person());
  const response = await api.send(await api.person('operator'), close(task));
  assertProblem(response, { status: 409, code: 'payment_in_review' });
});

for (const id of [newUserId(), 'nonsense'])
  test(`${id === 'nonsense' ? 'what is no id' : 'an id of nothing'} is not found`, async () => {
    const response = await api.send(await api.person('operator'), close(id));
    assertProblem(response, { status: 404, code: 'failed_task_not_found' });
  });

test('a customer is forbidden', async () => {
  const person = await api.person();
  const { task } = await insertTestTask(api.database, person);
  assertProblem(await api.send(person, close(task)), { status: 403, code: 'forbidden' });
});

for (const body of [{}, { note: '' }, { note: ' \n' }, { note: 'x'.repeat(1001) }])
  test(`${JSON.stringify(body).slice(0, 30)} is refused`, async () => {
    const response = await api.send(await api.person('operator'), close(newUserId(), body));
    assertProblem(response, { status: 400, code: 'validation_failed' });
  });

const nothing = () => close(newUserId());
testGuards(() => api, nothing, 'RATE_LIMIT_GLOBAL_PER_MINUTE', 'operator');
testBodies(() => api, nothing, 'operator');
testStatuses(() => api, 'POST /api/v1/failed-tasks/:id/close');
