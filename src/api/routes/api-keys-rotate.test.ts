import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type Person, type TestApi } from '../../../test/support/api.ts';
import {
  assertProblem,
  testBodies,
  testGuards,
  testStatuses,
} from '../../../test/support/api-refusals.ts';
import { statement } from '../../db/database.ts';
import { newApiKeyId } from '../../ids.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const me = { method: 'GET', url: '/api/v1/users/me' } as const;
const rotate = (id: string, body: object = {}) =>
  ({ method: 'POST', url: `/api/v1/api-keys/${id}/rotate`, body }) as const;

async function keyOf(person: Person): Promise<{ id: string; holder: Person }> {
  const holder = await api.keyOf(person, ['read', 'deposits:write']);
  const list = await api.send(person, { method: 'GET', url: '/api/v1/api-keys' });
  return { id: list.json().items[0].id, holder };
}

const meStatus = async (holder: Person) => (await api.send(holder, me)).statusCode;

/** As if the overlap were over. */
const expire = statement('test_expire', 'UPDATE api_keys SET expires_at = now() WHERE id = $1');

test('both keys count until the overlap ends, then only the new one', async () => {
  const person = await api.person();
  const { id, holder } = await keyOf(person);
  const response = await api.send(person, rotate(id));
  assert.equal(response.statusCode, 201, response.body);
  const { key, replaced, ...fresh } = response.json();
  const successor = { ...person, token: key };
  assert.deepEqual([fresh.name, fresh.scopes], ['a key', ['read', 'deposits:write']]);
  assert.equal(fresh.expires_at, null);
  assert.deepEqual([replaced.id, replaced.rotated_to], [id, fresh.id]);
  const overlapMs = Date.parse(replaced.expires_at) - Date.parse(fresh.created_at);
  assert.ok(Math.abs(overlapMs - 86_400_000) < 60_000, String(overlapMs));
  assert.deepEqual([await meStatus(holder), await meStatus(successor)], [200, 200]);
  await api.database.query(expire, [id]);
  api.advance(4_000);
  assert.deepEqual([await meStatus(holder), await meStatus(successor)], [401, 200]);
});

test('without an overlap the old key is dead', async () => {
  const person = await api.person();
  const { id, holder } = await keyOf(person);
  const expires_at = '2099-01-01T00:00:00Z';
  const response = await api.send(person, rotate(id, { overlap_seconds: 0, expires_at }));
  assert.equal(response.json().expires_at, '2099-01-01T00:00:00.000Z');
  assert.equal(await meStatus(holder), 401);
});

test('of many rotations at once one makes a successor', async () => {
  const person = await api.person();
  const { id } = await keyOf(person);
  const answers = await Promise.all(Array.from({ length: 4 }, () => api.send(person, rotate(id))));
  const statuses = answers.map((answer) => answer.statusCode).toSorted((a, b) => a - b);
  assert.deepEqual(statuses, [201, 409, 409, 409]);
  const audited = statement(
    'test_audited',
    'SELECT action FROM audit_log WHERE subject = $1 ORDER BY seq',
  );
  const rows = await api.database.query(audited, [`api_key:${id}`]);
  assert.deepEqual(rows, [{ action: 'api_key.create' }, { action: 'api_key.rotate' }]);
});

test('a key that no longer counts is not rotated', async () => {
  const person = await api.person();
  const { id } = await keyOf(person);
  await api.send(person, { method: 'DELETE', url: `/api/v1/api-keys/${id}` });
  const response = await api.send(person, rotate(id));
  assertProblem(response, { status: 409, code: 'api_key_not_active' });
});

test("somebody else's key, an unknown one and none at all look the same", async () => {
  const [person, other] = [await api.person(), await api.person('admin')];
  const { id, holder } = await keyOf(person);
  for (const wanted of [id, newApiKeyId(), 'nonsense'])
    assertProblem(await api.send(other, rotate(wanted)), {
      status: 404,
      code: 'api_key_not_found',
    });
  assert.equal(await meStatus(holder), 200);
});

for (const body of [
  { overlap_seconds: -1 },
  { overlap_seconds: 7 * 86_400 + 1 },
  { expires_at: '2020-01-01T00:00:00Z' },
]) {
  test(`${JSON.stringify(body)} is refused`, async () => {
    const person = await api.person();
    const { id } = await keyOf(person);
    const response = await api.send(person, rotate(id, body));
    assertProblem(response, { status: 400, code: 'validation_failed' });
  });
}

testGuards(
  () => api,
  () => rotate(newApiKeyId()),
  'RATE_LIMIT_GLOBAL_PER_MINUTE',
);
testBodies(
  () => api,
  () => rotate(newApiKeyId()),
);
testStatuses(() => api, 'POST /api/v1/api-keys/:id/rotate');
