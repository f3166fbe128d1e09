import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../../../test/support/api.ts';
import {
  assertProblem,
  testBodies,
  testDatabaseFailures,
  testStatuses,
} from '../../../test/support/api-refusals.ts';
import { type Database, statement } from '../../db/database.ts';
import { loginUser } from '../../users/login.ts';
import { openPasswords } from '../../users/passwords.ts';
import { openSessions } from '../../users/sessions.ts';

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
  const { access_token, refresh_token, user, ...rest } = response.json();
  assert.match(refresh_token, /^tgr_[\w-]{43}$/);
  assert.deepEqual(rest, {
    token_type: 'bearer',
    expires_in: 1800,
    refresh_expires_in: 30 * 86_400,
  });
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

test('guesses at one e-mail are limited, and its owner gets in from elsewhere', async () => {
  const limited = await api.beside({
    RATE_LIMIT_ENABLED: 'true',
    RATE_LIMIT_LOGIN_PER_MINUTE: '3',
    TRUSTED_PROXIES: '127.0.0.1',
  });
  const email = await register();
  const from = (address: string, password: string) =>
    limited.send(null, {
      ...login(email, password),
      headers: { 'x-forwarded-for': address },
    });
  const statuses = async (address: string, times: number) => {
    const answers = [];
    for (let at = 0; at < times; at += 1) answers.push(await from(address, 'guess-guess'));
    return answers.map((answer) => answer.statusCode);
  };
  // One address uses up all that the e-mail has, and its own tokens with it.
  assert.deepEqual(await statuses('203.0.113.1', 4), [401, 401, 401, 429]);
  // From any other there is one guess a minute left: no more for the thief,
  assert.deepEqual(await statuses('203.0.113.2', 2), [401, 429]);
  const refused = await from('203.0.113.2', 'correct horse');
  const problem = assertProblem(refused, { status: 429, code: 'rate_limit_exceeded' });
  assert.deepEqual(problem['violated-policies'], ['login-email']);
  // and enough for whoever knows the password.
  assert.equal((await from('203.0.113.3', 'correct horse')).statusCode, 200);
  await limited.close();
});

test('unknown user or wrong password: the same statements and the same bcrypt work', async () => {
  const email = await register();
  const work = async (call: ReturnType<typeof login>) => {
    const counted = countStatements(api.database);
    const hashes: number[] = [];
    const passwords = openPasswords(4);
    const verdict = await loginUser(
      {
        database: counted.database,
        sessions: openSessions(counted.database, { days: 1 }),
        passwords: {
          ...passwords,
          verify: (password, hash) => {
            hashes.push(password.length);
            return passwords.verify(password, hash);
          },
        },
      },
      call.body,
    );
    return { kind: verdict.kind, statements: counted.names, hashes: hashes.length };
  };
  const known = await work(login(email, 'wrong horse'));
  assert.deepEqual(known, { kind: 'refused', statements: ['users_by_email'], hashes: 1 });
  assert.deepEqual(await work(login('nobody@example.com', 'wrong horse')), known);
});

test('a password that is changed while it is compared opens no session', async () => {
  const email = await register();
  const passwords = openPasswords(4);
  const change = statement<never>(
    'test_change_password',
    'UPDATE users SET password_hash = $2 WHERE email = $1',
  );
  const hash = await passwords.hash('another horse');
  const slow: typeof passwords = {
    ...passwords,
    verify: async (password, old) => {
      const isRight = await passwords.verify(password, old);
      await api.database.query(change, [email, hash]);
      return isRight;
    },
  };
  const { database } = api;
  const parts = { database, passwords: slow, sessions: openSessions(database, { days: 1 }) };
  const result = await loginUser(parts, login(email, 'correct horse').body);
  assert.deepEqual(result, { kind: 'refused' });
  const sessions = statement<{ count: bigint }>(
    'test_sessions_of',
    'SELECT count(*) FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.email = $1',
  );
  // The one of the registration.
  assert.deepEqual(await database.query(sessions, [email]), [{ count: 1n }]);
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

function countStatements(database: Database): { database: Database; names: string[] } {
  const names: string[] = [];
  return {
    names,
    database: {
      ...database,
      query: (asked, values) => {
        names.push(asked.name);
        return database.query(asked, values);
      },
    },
  };
}
