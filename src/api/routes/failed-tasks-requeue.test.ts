import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../../../test/support/api.ts';
import {
  assertProblem,
  testBodies,
  testGuards,
  testStatuses,
} from '../../../test/support/api-refusals.ts';
import {
  insertTestPoison,
  insertTestTask,
  leaseTestPayment,
} from '../../../test/support/failed-tasks.ts';
import { actors } from '../../audit-log/append.ts';
import { selectPage } from '../../audit-log/store.ts';
import { closeTask } from '../../failed-tasks/close.ts';
import { newUserId } from '../../ids.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const requeue = (id: string, body: unknown = {}) =>
  ({ method: 'POST', url: `/api/v1/failed-tasks/${id}/requeue`, body }) as const;

test('an operator has the bank asked again now, on record', async () => {
  const { task, payment } = await insertTestTask(api.database, await api.person());
  const operator = await api.person('operator');
  const response = await api.send(operator, requeue(task, { note: 'the bank is back' }));
  assert.equal(response.statusCode, 200, response.body);
  const { state, requeued_by } = response.json();
  assert.deepEqual([state, requeued_by], ['open', actors.user(operator.id)]);
  assert.ok(api.announced.includes(payment));
  const [entry] = await selectPage(api.database, {
    actor: actors.user(operator.id),
    action: null,
    subject: `failed_task:${task}`,
    beforeSeq: null,
    limit: 1,
  });
  assert.deepEqual(
    [entry?.action, entry?.reason, entry?.requestId],
    ['failed_task.requeue', 'the bank is back', response.headers['x-request-id']],
  );
});

test('what cannot be requeued says why, and is not announced', async () => {
  const { database } = api;
  const [operator, owner] = [await api.person('operator'), await api.person()];
  const leased = await insertTestTask(database, owner);
  await leaseTestPayment(database, leased.payment);
  const closed = await insertTestTask(database, owner, { reason: 'WORKER_LOST' });
  const done = { actor: actors.system, reason: 'seen', requestId: null };
  assert.equal(await closeTask(database, closed.task, done), 'closed');
  const final = await insertTestTask(database, owner, { status: 'SUCCESS' });
  const poison = await insertTestPoison(database, 'message:2');
  const announced = api.announced.length;
  for (const [id, status, code] of [
    [leased.task, 409, 'payment_in_contact'],
    [closed.task, 409, 'failed_task_closed'],
    [final.task, 409, 'payment_final'],
    [poison, 409, 'failed_task_without_payment'],
    [newUserId(), 404, 'failed_task_not_found'],
    ['nonsense', 404, 'failed_task_not_found'],
  ] as const)
    assertProblem(await api.send(operator, requeue(id)), { status, code });
  assert.equal(api.announced.length, announced);
});

test('a customer is forbidden', async () => {
  const person = await api.person();
  const { task } = await insertTestTask(api.database, person);
  assertProblem(await api.send(person, requeue(task)), { status: 403, code: 'forbidden' });
});

test('a note of nothing is refused', async () => {
  const response = await api.send(
    await api.person('operator'),
    requeue(newUserId(), { note: '  ' }),
  );
  assertProblem(response, { status: 400, code: 'validation_failed' });
});

const nothing = () => requeue(newUserId());
testGuards(() => api, nothing, 'RATE_LIMIT_GLOBAL_PER_MINUTE', 'operator');
testBodies(() => api, nothing, 'operator');
testStatuses(() => api, 'POST /api/v1/failed-tasks/:id/requeue');
