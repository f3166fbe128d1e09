import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../../../test/support/api.ts';
import {
  assertProblem,
  testBodies,
  testDatabaseFailures,
  testStatuses,
} from '../../../test/support/api-refusals.ts';
import { statement } from '../../db/database.ts';
import { newSecret } from '../../users/secrets.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const post = (url: string, body: object) => api.send(null, { method: 'POST', url, body });
const logout = (refresh_token: string, more = {}) =>
  ({ method: 'POST', url: '/api/v1/auth/logout', body: { refresh_token, ...more } }) as const;

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly user: { readonly id: string };
}

const password = 'long enough';
let count = 0;
/** Somebody who is signed in twice. */
async function signInTwice(): Promise<readonly [Tokens, Tokens]> {
  count += 1;
  const email = `logout${count}@example.com`;
  const first = await post('/api/v1/auth/register', { email, full_name: 'Ann', password });
  const second = await post('/api/v1/auth/login', { email, password });
  return [first.json(), second.json()];
}

const refreshStatus = async ({ refresh_token }: Tokens) =>
  (await post('/api/v1/auth/refresh', { refresh_token })).statusCode;
const meStatus = async ({ access_token }: Tokens) => {
  const headers = { authorization: `Bearer ${access_token}` };
  return (await api.inject({ url: '/api/v1/users/me', headers })).statusCode;
};

test('logging out ends this session and no other', async () => {
  const [first, second] = await signInTwice();
  const response = await api.send(null, logout(first.refresh_token));
  assert.deepEqual([response.statusCode, response.body], [204, '']);
  assert.deepEqual([await refreshStatus(first), await refreshStatus(second)], [401, 200]);
});

test('logging out everywhere ends every session and every access token, at once', async () => {
  const [first, second] = await signInTwice();
  assert.equal(await meStatus(second), 200);
  const response = await api.send(null, logout(first.refresh_token, { everywhere: true }));
  assert.equal(response.statusCode, 204);
  assert.deepEqual([await refreshStatus(first), await refreshStatus(second)], [401, 401]);
  assert.deepEqual([await meStatus(first), await meStatus(second)], [401, 401]);
  const audited = statement<{ actor: string; action: string }>(
    'test_audited',
    'SELECT actor, action FROM audit_log WHERE subject = $1',
  );
  const subject = `user:${first.user.id}`;
  assert.deepEqual(await api.database.query(audited, [subject]), [
    { actor: subject, action: 'session.end_all' },
  ]);
});

test('a token that was ended, or never ours, gets the same answer', async () => {
  const [first] = await signInTwice();
  await api.send(null, logout(first.refresh_token));
  for (const token of [first.refresh_token, 'nonsense', newSecret('tgr_')])
    assert.equal((await api.send(null, logout(token))).statusCode, 204);
});

test('past its limit it says when to come back', async () => {
  const limited = await api.beside({
    RATE_LIMIT_ENABLED: 'true',
    RATE_LIMIT_LOGIN_PER_MINUTE: '1',
  });
  await limited.send(null, logout('guess'));
  const response = await limited.send(null, logout('guess'));
  assertProblem(response, { status: 429, code: 'rate_limit_exceeded' });
  await limited.close();
});

testBodies(
  () => api,
  () => logout('tgr_'),
);
testDatabaseFailures(
  () => api,
  async () => ({ person: null, call: logout(newSecret('tgr_')) }),
);
testStatuses(() => api, 'POST /api/v1/auth/logout');
