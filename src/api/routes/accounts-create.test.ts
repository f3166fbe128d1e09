import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../../../test/support/api.ts';
import {
  assertProblem,
  testBodies,
  testGuards,
  testStatuses,
} from '../../../test/support/api-refusals.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const open = (currency: unknown) =>
  ({ method: 'POST', url: '/api/v1/accounts', body: { currency } }) as const;

for (const [currency, decimals, nothing] of [
  ['JPY', 0, '0'],
  ['EUR', 2, '0.00'],
  ['KWD', 3, '0.000'],
  ['CLF', 4, '0.0000'],
] as const) {
  test(`an account in ${currency} is opened, empty, with ${decimals} decimals`, async () => {
    const person = await api.person();
    const response = await api.send(person, open(currency));
    assert.equal(response.statusCode, 201, response.body);
    const { id, created_at, ...body } = response.json();
    assert.equal(response.headers['location'], `/api/v1/accounts/${id}`);
    assert.match(created_at, /Z$/);
    const amounts = { balance: nothing, available: nothing, held: nothing };
    assert.deepEqual(body, { currency, decimals, ...amounts });
  });
}

test('asked for twenty times at once, it is opened once', async () => {
  const person = await api.person();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => api.send(person, open('EUR'))),
  );
  const statuses = answers.map((answer) => answer.statusCode).toSorted((a, b) => a - b);
  assert.deepEqual(statuses, [...Array<number>(19).fill(200), 201]);
  assert.equal(new Set(answers.map((answer) => answer.json().id)).size, 1);
});

test('the account that one was registered with is found, not opened again', async () => {
  const person = await api.person();
  const response = await api.send(person, open('USD'));
  assert.equal(response.statusCode, 200, response.body);
  assert.equal(response.json().id, person.accountId);
});

test('a new account is there for the balance, and for a payment, at once', async () => {
  const person = await api.person();
  const balance = { method: 'GET', url: '/api/v1/users/me/balance?currency=EUR' } as const;
  assert.equal((await api.send(person, balance)).statusCode, 404);
  const { id } = (await api.send(person, open('EUR'))).json();
  assert.equal((await api.send(person, balance)).json().account_id, id);
});

test('what is no currency is refused', async () => {
  for (const currency of ['XXQ', 'eur', '', 'XAU']) {
    const response = await api.send(await api.person(), open(currency));
    assertProblem(response, { status: 400, code: 'unknown_currency' });
  }
});

test('a key needs the scope that moves money in', async () => {
  const person = await api.person();
  const reader = await api.keyOf(person, ['read']);
  assertProblem(await api.send(reader, open('EUR')), { status: 403, code: 'forbidden' });
  const writer = await api.keyOf(person, ['deposits:write']);
  assert.equal((await api.send(writer, open('EUR'))).statusCode, 201);
});

testGuards(
  () => api,
  () => open('EUR'),
  'RATE_LIMIT_GLOBAL_PER_MINUTE',
);

testBodies(
  () => api,
  () => open('EUR'),
);

testStatuses(() => api, 'POST /api/v1/accounts');
