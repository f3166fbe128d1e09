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

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const login = (email: string, password: string) =>
  ({ method: 'POST', url: '/api/v1/auth/login', body: { email, password } }) as const;

let count = 0;
async function register(): Promise<string> {
  count += 1;
  const email = `login${count}@example.com`;
  const body = { email, full_name: 'Ann Other', password: 'correct horse' };
  const response = await api.send(null, { method: 'POST', url: '/api/v1/auth/register', body });
  assert.equal(response.statusCode, 201, response.body);
  return email;
}

test('the right password signs in', async () => {
  const email = await register();
  const response = await api.send(null, login(` ${email.toUpperCase()}`, 'correct horse'));
  assert.equal(response.statusCode, 200, response.body);
  const { access_token, user, ...rest } = response.json();
  assert.deepEqual(rest, { token_type: 'bearer', expires_in: 1800 });
  assert.equal(user.email, email);
  const me = await api.inject({
    url: '/api/v1/users/me',
    headers: { authorization: `bearer ${access_token}` },
  });
  assert.deepEqual(me.json(), user);
});

test('a wrong password, an unknown and a deactivated user cannot be told apart', async () => {
  const [email, gone] = [await register(), await register()];
  const deactivate = 'UPDATE users SET is_active = false WHERE email = $1';
  await api.database.query(statement('test_deactivate', deactivate), [gone]);
  const responses = [
    await api.send(null, login(email, 'wrong horse')),
    await api.send(null, login('nobody@example.com', 'correct horse')),
    await api.send(null, login(gone, 'correct horse')),
    await api.send(null, login(email, 'x'.repeat(73))),
  ];
  const bodies = responses.map((response) => {
    const problem = assertProblem(response, { status: 401, code: 'invalid_credentials' });
    return { ...problem, request_id: null, instance: null };
  });
  for (const body of bodies) assert.deepEqual(body, bodies[0]);
});

test('guesses at one e-mail are limited, wherever they come from', async () => {
  const limited = await api.beside({
    RATE_LIMIT_ENABLED: 'true',
    RATE_LIMIT_LOGIN_PER_MINUTE: '2',
    TRUSTED_PROXIES: '127.0.0.1',
  });
  const guess = (address: string) => ({
    ...login('Victim@example.com', 'guess-guess'),
    headers: { 'x-forwarded-for': address },
  });
  await limited.send(null, guess('203.0.113.1'));
  await limited.send(null, guess('203.0.113.2'));
  const response = await limited.send(null, guess('203.0.113.3'));
  const problem = assertProblem(response, { status: 429, code: 'rate_limit_exceeded' });
  assert.deepEqual(problem['violated-policies'], ['login-email']);
  await limited.close();
});

test('a forged X-Forwarded-For moves nobody to another address', async () => {
  const limited = await api.beside({
    RATE_LIMIT_ENABLED: 'true',
    RATE_LIMIT_LOGIN_PER_MINUTE: '2',
  });
  const statuses: number[] = [];
  for (let at = 0; at < 4; at += 1) {
    const headers = { 'x-forwarded-for': `203.0.113.${at}` };
    const call = { ...login(`someone${at}@example.com`, 'guess-guess'), headers };
    statuses.push((await limited.send(null, call)).statusCode);
  }
  assert.deepEqual(statuses, [401, 401, 429, 429]);
  await limited.close();
});

testBodies(
  () => api,
  () => login('a@example.com', 'correct horse'),
);
testDatabaseFailures(
  () => api,
  async () => ({ person: null, call: login('a@example.com', 'correct horse') }),
);
testStatuses(() => api, 'POST /api/v1/auth/login');
