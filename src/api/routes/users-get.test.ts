import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../../../test/support/api.ts';
import { assertProblem, testGuards, testStatuses } from '../../../test/support/api-refusals.ts';
import { newUserId } from '../../ids.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const get = (id: string) => ({ method: 'GET', url: `/api/v1/users/${id}` }) as const;

test('a user is open to themselves, to operators and to admins', async () => {
  const person = await api.person();
  for (const who of [person, await api.person('operator'), await api.person('admin')]) {
    const response = await api.send(who, get(person.id));
    assert.equal(response.json().email, person.email, response.body);
  }
});

test('somebody else, an unknown user and none at all look the same', async () => {
  const [person, other] = [await api.person(), await api.person()];
  for (const id of [other.id, newUserId(), 'nonsense'])
    assertProblem(await api.send(person, get(id)), { status: 404, code: 'user_not_found' });
  const operator = await api.person('operator');
  assertProblem(await api.send(operator, get(newUserId())), {
    status: 404,
    code: 'user_not_found',
  });
});

testGuards(
  () => api,
  (person) => get(person.id),
  'RATE_LIMIT_GLOBAL_PER_MINUTE',
);
testStatuses(() => api, 'GET /api/v1/users/:id');
