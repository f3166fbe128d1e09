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

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const old = 'correct horse';
const change = (current_password: string, new_password: string) =>
  ({
    method: 'POST',
    url: '/api/v1/auth/change-password',
    body: { current_password, new_password },
  }) as const;

interface SignedIn extends Pick<Person, 'token'> {
  readonly id: string;
  readonly email: string;
  readonly refreshToken: string;
}

const post = (url: string, body: object) => api.send(null, { method: 'POST', url, body });

let count = 0;
async function register(): Promise<SignedIn> {
  count += 1;
  const email = `change${count}@example.com`;
  const response = await post('/api/v1/auth/register', { email, full_name: 'Ann', password: old });
  return signedIn(email, response.json());
}

function signedIn(
  email: string,
  body: { access_token: string; refresh_token: string; user: { id: string } },
): SignedIn {
  return { id: body.user.id, email, token: body.access_token, refreshToken: body.refresh_token };
}

const send = (who: SignedIn, call: Parameters<TestApi['send']>[1]) =>
  api.inject({
    method: call.method,
    url: call.url,
    headers: { authorization: `Bearer ${who.token}` },
    ...(call.body === undefined ? {} : { payload: Object(call.body) }),
  });
const meStatus = async (who: SignedIn) =>
  (await send(who, { method: 'GET', url: '/api/v1/users/me' })).statusCode;
const loginStatus = async (email: string, password: string) =>
  (await post('/api/v1/auth/login', { email, password })).statusCode;
const refreshStatus = async ({ refreshToken }: SignedIn) =>
  (await post('/api/v1/auth/refresh', { refresh_token: refreshToken })).statusCode;

test('a new password ends every session and token but the one in the answer, at once', async () => {
  const earlier = await register();
  const elsewhere = signedIn(
    earlier.email,
    (await post('/api/v1/auth/login', { email: earlier.email, password: old })).json(),
  );
  assert.equal(await meStatus(earlier), 200);
  const response = await send(earlier, change(old, 'battery staple'));
  assert.equal(response.statusCode, 200, response.body);
  const now = signedIn(earlier.email, response.json());
  assert.deepEqual(await Promise.all([earlier, elsewhere, now].map(meStatus)), [401, 401, 200]);
  assert.deepEqual(
    await Promise.all([earlier, elsewhere, now].map(refreshStatus)),
    [401, 401, 200],
  );
  assert.deepEqual(
    [await loginStatus(now.email, old), await loginStatus(now.email, 'battery staple')],
    [401, 200],
  );
  const audited = statement<{ actor: string; action: string }>(
    'test_audited',
    'SELECT actor, action, before, after FROM audit_log WHERE subject = $1',
  );
  const actor = `user:${now.id}`;
  assert.deepEqual(await api.database.query(audited, [actor]), [
    { actor, action: 'user.change_password', before: null, after: null },
  ]);
});

test('a token that was issued while our clock was behind counts all the same', async () => {
  const who = await register();
  const behind = await api.beside({});
  behind.advance(-60_000);
  const headers = { authorization: `Bearer ${who.token}` };
  const call = change(old, 'battery staple');
  const response = await behind.inject({ ...call, headers, payload: call.body });
  assert.equal(response.statusCode, 200, response.body);
  assert.equal(await meStatus(signedIn(who.email, response.json())), 200);
  await behind.close();
});

test('of two changes at once one counts', async () => {
  const who = await register();
  const wanted = ['first password', 'second password'];
  const answers = await Promise.all(wanted.map((password) => send(who, change(old, password))));
  const statuses = answers.map((answer) => answer.statusCode).toSorted((a, b) => a - b);
  assert.equal(statuses[0], 200);
  assert.ok([401, 403].includes(statuses[1] ?? 0), String(statuses));
});

test('a wrong current password changes nothing', async () => {
  const who = await register();
  for (const guess of ['a wrong guess', 'x'.repeat(80)])
    assertProblem(await send(who, change(guess, 'battery staple')), {
      status: 403,
      code: 'password_wrong',
    });
  assert.deepEqual([await meStatus(who), await loginStatus(who.email, old)], [200, 200]);
});

for (const password of ['1234567', 'ü'.repeat(37)]) {
  test(`a new password like ${password.slice(0, 7)} is refused`, async () => {
    const response = await send(await register(), change(old, password));
    const problem = assertProblem(response, { status: 400, code: 'validation_failed' });
    assert.match(JSON.stringify(problem['errors']), /#\/new_password/);
  });
}

testGuards(
  () => api,
  () => change(old, 'battery staple'),
  'RATE_LIMIT_LOGIN_PER_MINUTE',
);
testBodies(
  () => api,
  () => change(old, 'battery staple'),
);
testStatuses(() => api, 'POST /api/v1/auth/change-password');
