import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../../../test/support/api.ts';
import {
  assertProblem,
  testBodies,
  testDatabaseFailures,
  testStatuses,
} from '../../../test/support/api-refusals.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

let count = 0;
const register = (change: object = {}) => {
  count += 1;
  const email = `Person${count}@Example.com`;
  const body = { email, full_name: ' Ann Other ', password: 'correct horse', ...change };
  return { method: 'POST', url: '/api/v1/auth/register', body } as const;
};

test('whoever registers is signed in, and has a USD account', async () => {
  const response = await api.send(null, register({ webhook_url: 'https://example.com/hook' }));
  assert.equal(response.statusCode, 201, response.body);
  const { access_token, refresh_token, user, webhook_endpoint, ...rest } = response.json();
  assert.match(webhook_endpoint.secret, /^whsec_/);
  const endpoints = { method: 'GET', url: '/api/v1/webhooks/endpoints' } as const;
  const listed = await api.send({ ...user, token: access_token }, endpoints);
  const [endpoint] = listed.json().items;
  assert.deepEqual([endpoint.id, endpoint.url], [webhook_endpoint.id, user.webhook_url]);
  assert(!listed.body.includes('whsec_'));
  assert.match(refresh_token, /^tgr_[\w-]{43}$/);
  assert.deepEqual(rest, {
    token_type: 'bearer',
    expires_in: 1800,
    refresh_expires_in: 30 * 86_400,
  });
  assert.equal(user.email, `person${count}@example.com`);
  assert.equal(user.full_name, 'Ann Other');
  assert.equal(user.role, 'user');
  assert.equal(user.is_active, true);
  const balance = await api.inject({
    url: '/api/v1/users/me/balance',
    headers: { authorization: `Bearer ${access_token}` },
  });
  assert.equal(balance.json().currency, 'USD');
  assert.equal(balance.json().balance, '0.00');
});

test('an e-mail is taken once, in whatever case, even at the same moment', async () => {
  const call = register();
  const again = { ...call, body: { ...call.body, email: call.body.email.toUpperCase() } };
  const responses = await Promise.all([api.send(null, call), api.send(null, again)]);
  const statuses = responses.map((response) => response.statusCode).toSorted((a, b) => a - b);
  assert.deepEqual(statuses, [201, 409]);
  const refused = await api.send(null, call);
  assertProblem(refused, { status: 409, code: 'email_taken' });
});

test('a card number is not taken for a name', async () => {
  const call = register({ full_name: 'Ann 4111 1111 1111 1111' });
  const response = await api.send(null, call);
  assertProblem(response, { status: 400, code: 'card_number_refused' });
});

const bad: readonly (readonly [string, object, string])[] = [
  ['an e-mail without @', { email: 'example.com' }, '#/email'],
  ['an e-mail with two @', { email: 'a@b@example.com' }, '#/email'],
  ['an e-mail without a domain', { email: 'a@example' }, '#/email'],
  ['an e-mail with a line break', { email: 'a\nb@example.com' }, '#/email'],
  ['a long e-mail', { email: `${'a'.repeat(60)}@${'b'.repeat(200)}.com` }, '#/email'],
  ['a blank name', { full_name: '  ' }, '#/full_name'],
  ['a short password', { password: '1234567' }, '#/password'],
  ['a password that bcrypt would cut', { password: 'ü'.repeat(37) }, '#/password'],
  ['a webhook that is no web address', { webhook_url: 'ftp://example.com' }, '#/webhook_url'],
  ['a webhook with a password in it', { webhook_url: 'https://a:b@example.com' }, '#/webhook_url'],
  ['a webhook on this machine', { webhook_url: 'https://localhost/' }, '#/webhook_url'],
  ['a webhook without TLS', { webhook_url: 'http://example.com/' }, '#/webhook_url'],
  ['a webhook with nothing but one', { webhook_url: 'https://:b@example.com' }, '#/webhook_url'],
  ['a role of their own choice', { role: 'admin' }, '#/role'],
];
for (const [what, change, pointer] of bad) {
  test(`${what} is refused`, async () => {
    const response = await api.send(null, register(change));
    const problem = assertProblem(response, { status: 400, code: 'validation_failed' });
    assert.equal((problem['errors'] as { pointer: string }[])[0]?.pointer, pointer);
  });
}

test('past the limit of an address it says when to come back', async () => {
  const limited = await api.beside({
    RATE_LIMIT_ENABLED: 'true',
    RATE_LIMIT_LOGIN_PER_MINUTE: '1',
  });
  await limited.send(null, register());
  const response = await limited.send(null, register());
  const problem = assertProblem(response, { status: 429, code: 'rate_limit_exceeded' });
  assert.deepEqual(problem['violated-policies'], ['login-address']);
  await limited.close();
});

testBodies(
  () => api,
  () => register(),
);
testDatabaseFailures(
  () => api,
  async () => ({ person: null, call: register() }),
);
testStatuses(() => api, 'POST /api/v1/auth/register');
