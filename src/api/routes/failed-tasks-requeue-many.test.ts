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
import { newUserId } from '../../ids.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const requeue = (body: unknown) =>
  ({ method: 'POST', url: '/api/v1/failed-tasks/requeue', body }) as const;

test('many are requeued at once, each with its own answer', async () => {
  const owner = await api.person();
  const [first, second] = [
    await insertTestTask(api.database, owner),
    await insertTestTask(api.database, owner),
  ];
  const poison = await insertTestPoison(api.database, 'message:3');
  const nobody = newUserId();
  const ids = [second.task, nobody, poison, first.task];
  const response = await api.send(await api.person('operator'), requeue({ ids }));
  assert.equal(response.statusCode, 200, response.body);
  assert.deepEqual(response.json(), {
    requeued: 2,
    items: [
      { id: second.task, result: 'requeued' },
      { id: nobody, result: 'not_found' },
      { id: poison, result: 'no_payment' },
      { id: first.task, result: 'requeued' },
    ],
  });
  for (const { payment } of [first, second]) assert.ok(api.announced.includes(payment));
});

test('all that failed for one reason are requeued, as many as were asked for', async () => {
  const owner = await api.person();
  for (let nth = 0; nth < 3; nth += 1)
    await insertTestTask(api.database, owner, { reason: 'WORKER_LOST' });
  const wish = { reason: 'WORKER_LOST', limit: 2, note: 'after the outage' };
  const operator = await api.person('operator');
  const response = await api.send(operator, requeue(wish));
  assert.equal(response.json().requeued, 2);
  const none = await api.send(operator, requeue({ reason: 'NOTHING' }));
  assert.deepEqual(none.json(), { requeued: 0, items: [] });
});

test('a customer is forbidden', async () => {
  const response = await api.send(await api.person(), requeue({ reason: 'REVIEW' }));
  assertProblem(response, { status: 403, code: 'forbidden' });
});

const id = newUserId();
for (const [what, body] of [
  ['neither ids nor a reason', {}],
  ['ids and a reason', { ids: [id], reason: 'REVIEW' }],
  ['no id', { ids: [] }],
  ['an id twice', { ids: [id, id] }],
  ['too many ids', { ids: Array.from({ length: 101 }, () => newUserId()) }],
  ['what is no id', { ids: ['nonsense'] }],
  ['too high a limit', { reason: 'REVIEW', limit: 101 }],
] as const)
  test(`${what} is refused`, async () => {
    const response = await api.send(await api.person('operator'), requeue(body));
    assertProblem(response, { status: 400, code: 'validation_failed' });
  });

const some = () => requeue({ ids: [newUserId()] });
testGuards(() => api, some, 'RATE_LIMIT_GLOBAL_PER_MINUTE', 'operator');
testBodies(() => api, some, 'operator');
testStatuses(() => api, 'POST /api/v1/failed-tasks/requeue');
