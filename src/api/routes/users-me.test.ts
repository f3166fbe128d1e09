import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../../../test/support/api.ts';
import { assertProblem, testGuards, testStatuses } from '../../../test/support/api-refusals.ts';
import { systemClock } from '../../clock.ts';
import { statement } from '../../db/database.ts';
import { newUserId } from '../../ids.ts';
import { openTokens } from '../../users/tokens.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const me = { method: 'GET', url: '/api/v1/users/me' } as const;

test("the caller is shown, without what is nobody else's business", async () => {
  const person = await api.person('operator');
  const response = await api.send(person, me);
  assert.equal(response.statusCode, 200, response.body);
  const { created_at, ...body } = response.json();
  assert.match(created_at, /Z$/);
  assert.deepEqual(body, {
    id: person.id,
    email: person.email,
    full_name: 'Some Body',
    is_active: true,
    role: 'operator',
    webhook_url: null,
  });
});

const deactivate = statement<never>('test', 'UPDATE users SET is_active = false WHERE id = $1');
const revoke = statement<never>(
  'test_revoke',
  "UPDATE users SET valid_after = now() + interval '1 second' WHERE id = $1",
);
for (const [what, change] of [
  ['whose user was deactivated', deactivate],
  ['from before valid_after', revoke],
] as const) {
  test(`a token ${what} no longer counts`, async () => {
    const person = await api.person();
    await api.database.query(change, [person.id]);
    const response = await api.send(person, me);
    assertProblem(response, { status: 401, code: 'token_revoked' });
  });
}

test('a token of a user who does not exist counts for nothing', async () => {
  const person = await api.person();
  const { JWT_SECRET_KEY: secret } = api.config;
  const tokens = openTokens({ secret, expireMinutes: 30, clock: systemClock });
  const ghost = { ...person, token: tokens.issue({ id: newUserId(), role: 'admin' }) };
  assertProblem(await api.send(ghost, me), { status: 401, code: 'token_revoked' });
});

testGuards(
  () => api,
  () => me,
  'RATE_LIMIT_GLOBAL_PER_MINUTE',
);
testStatuses(() => api, 'GET /api/v1/users/me');
