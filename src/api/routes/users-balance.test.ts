import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type Person, type TestApi } from '../../../test/support/api.ts';
import { assertProblem, testGuards, testStatuses } from '../../../test/support/api-refusals.ts';
import { statement } from '../../db/database.ts';
import { newUserId } from '../../ids.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const balance = (id = 'me', query = '') =>
  ({ method: 'GET', url: `/api/v1/users/${id}/balance${query}` }) as const;

const setBalance = statement<never>(
  'test_balance',
  'UPDATE accounts SET balance = $2, held = $3 WHERE id = $1',
);

async function personWith(minor: bigint, held: bigint): Promise<Person> {
  const person = await api.person();
  await api.database.query(setBalance, [person.accountId, minor, held]);
  return person;
}

test('balance, held and available belong together', async () => {
  const person = await personWith(10_050n, 2_000n);
  const response = await api.send(person, balance());
  assert.equal(response.statusCode, 200, response.body);
  const { as_of, ...body } = response.json();
  assert.match(as_of, /Z$/);
  assert.deepEqual(body, {
    account_id: person.accountId,
    balance: '100.50',
    available: '80.50',
    held: '20.00',
    currency: 'USD',
  });
});

test('one\'s own id is "me", and an operator may ask for anybody', async () => {
  const person = await personWith(100n, 0n);
  for (const asking of [person, await api.person('operator'), await api.person('admin')]) {
    const response = await api.send(asking, balance(person.id));
    assert.equal(response.json().balance, '1.00');
  }
});

test('somebody else, nobody and no id are one and the same 404', async () => {
  const [person, other] = [await api.person(), await api.person()];
  for (const id of [other.id, newUserId(), 'you']) {
    const response = await api.send(person, balance(id));
    assertProblem(response, { status: 404, code: 'user_not_found' });
  }
});

test('a currency without account is a 404', async () => {
  for (const currency of ['EUR', 'XXQ', '']) {
    const response = await api.send(await api.person(), balance('me', `?currency=${currency}`));
    assertProblem(response, { status: 404, code: 'account_not_found' });
  }
});

test('what was booked before a moment, without what nobody wrote down', async () => {
  const person = await personWith(100n, 0n);
  const response = await api.send(person, balance('me', '?as_of=2026-01-01'));
  assert.equal(response.statusCode, 200, response.body);
  assert.deepEqual(response.json(), {
    account_id: person.accountId,
    balance: '0.00',
    currency: 'USD',
    as_of: '2026-01-01T00:00:00.000Z',
  });
});

for (const [asOf, detail] of [
  ['2999-01-01', /is in the future/],
  ['now', /is not a time/],
] as const) {
  test(`as_of=${asOf} is refused`, async () => {
    const response = await api.send(await api.person(), balance('me', `?as_of=${asOf}`));
    const problem = assertProblem(response, { status: 400, code: 'validation_failed' });
    assert.match(JSON.stringify(problem['errors']), detail);
  });
}

test('a parameter that is not known is refused', async () => {
  const response = await api.send(await api.person(), balance('me', '?at=now'));
  assertProblem(response, { status: 400, code: 'validation_failed' });
});

testGuards(
  () => api,
  () => balance(),
  'RATE_LIMIT_BALANCE_PER_MINUTE',
);

test('the balance limit binds customers, the global one binds operators too', async () => {
  const limited = await api.beside({
    RATE_LIMIT_ENABLED: 'true',
    RATE_LIMIT_BALANCE_PER_MINUTE: '1',
    RATE_LIMIT_GLOBAL_PER_MINUTE: '3',
  });
  const [customer, operator] = [await api.person(), await api.person('operator')];
  const first = await limited.send(customer, balance());
  assert.equal(first.headers['ratelimit-policy'], '"balance";q=1;w=60, "global";q=3;w=60');
  assert.match(String(first.headers['ratelimit']), /^"balance";r=0;t=60$/);
  assert.equal(first.headers['x-ratelimit-limit'], '1');
  assert.equal(first.headers['x-ratelimit-remaining'], '0');
  const refused = await limited.send(customer, balance());
  const problem = assertProblem(refused, { status: 429, code: 'rate_limit_exceeded' });
  assert.equal(problem['type'], 'https://iana.org/assignments/http-problem-types#quota-exceeded');
  assert.deepEqual(problem['violated-policies'], ['balance']);
  const statuses: number[] = [];
  for (let at = 0; at < 4; at += 1)
    statuses.push((await limited.send(operator, balance())).statusCode);
  assert.deepEqual(statuses, [200, 200, 200, 429]);
  await limited.close();
});

testStatuses(() => api, 'GET /api/v1/users/:id/balance');
