import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type Person, type TestApi } from '../../../test/support/api.ts';
import { assertProblem, testGuards, testStatuses } from '../../../test/support/api-refusals.ts';
import { statement } from '../../db/database.ts';
import { newApiKeyId } from '../../ids.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const me = { method: 'GET', url: '/api/v1/users/me' } as const;
const revoke = (id: string) => ({ method: 'DELETE', url: `/api/v1/api-keys/${id}` }) as const;

async function keyOf(person: Person): Promise<{ id: string; holder: Person }> {
  const holder = await api.keyOf(person, ['read']);
  const list = await api.send(person, { method: 'GET', url: '/api/v1/api-keys' });
  return { id: list.json().items[0].id, holder };
}

test('a revoked key is dead at once here, and within five seconds everywhere', async () => {
  const elsewhere = await api.beside({});
  const person = await api.person();
  const { id, holder } = await keyOf(person);
  const statuses = async () =>
    Promise.all([api.send(holder, me), elsewhere.send(holder, me)]).then((answers) =>
      answers.map((answer) => answer.statusCode),
    );
  assert.deepEqual(await statuses(), [200, 200]);
  const response = await api.send(person, revoke(id));
  assert.deepEqual([response.statusCode, response.body], [204, '']);
  assert.equal((await api.send(holder, me)).statusCode, 401);
  elsewhere.advance(4_000);
  assert.deepEqual(await statuses(), [401, 401]);
  await elsewhere.close();
});

test('revoked twice is revoked once, and on record once', async () => {
  const person = await api.person();
  const { id } = await keyOf(person);
  for (let at = 0; at < 2; at += 1)
    assert.equal((await api.send(person, revoke(id))).statusCode, 204);
  const audited = statement(
    'test_audited',
    "SELECT actor, after FROM audit_log WHERE subject = $1 AND action = 'api_key.revoke'",
  );
  assert.deepEqual(await api.database.query(audited, [`api_key:${id}`]), [
    { actor: `user:${person.id}`, after: null },
  ]);
});

test("somebody else's key, an unknown one and none at all look the same", async () => {
  const [person, other] = [await api.person(), await api.person('admin')];
  const { id, holder } = await keyOf(person);
  for (const wanted of [id, newApiKeyId(), 'nonsense'])
    assertProblem(await api.send(other, revoke(wanted)), {
      status: 404,
      code: 'api_key_not_found',
    });
  assert.equal((await api.send(holder, me)).statusCode, 200);
});

testGuards(
  () => api,
  () => revoke(newApiKeyId()),
  'RATE_LIMIT_GLOBAL_PER_MINUTE',
);
testStatuses(() => api, 'DELETE /api/v1/api-keys/:id');
