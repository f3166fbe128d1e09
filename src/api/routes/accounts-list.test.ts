import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../../../test/support/api.ts';
import { assertProblem, testGuards, testStatuses } from '../../../test/support/api-refusals.ts';
import { newUserId } from '../../ids.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const list = (query = '') => ({ method: 'GET', url: `/api/v1/accounts${query}` }) as const;
const open = (currency: string) =>
  ({ method: 'POST', url: '/api/v1/accounts', body: { currency } }) as const;

test('all accounts of the caller, in the order in which they were opened', async () => {
  const person = await api.person();
  await api.send(await api.person(), open('EUR'));
  for (const currency of ['JPY', 'EUR']) await api.send(person, open(currency));
  const response = await api.send(person, list());
  assert.equal(response.statusCode, 200, response.body);
  const items: { readonly currency: string }[] = response.json().items;
  assert.deepEqual(
    items.map((account) => account.currency),
    ['USD', 'JPY', 'EUR'],
  );
});

test('an operator asks for those of anybody, a customer only for his own', async () => {
  const person = await api.person();
  const query = `?user_id=${person.id}`;
  for (const asking of [person, await api.person('operator')]) {
    const response = await api.send(asking, list(query));
    assert.equal(response.json().items[0].id, person.accountId);
  }
  for (const id of [person.id, newUserId(), 'you']) {
    const response = await api.send(await api.person(), list(`?user_id=${id}`));
    assertProblem(response, { status: 404, code: 'user_not_found' });
  }
});

test('a parameter that is not known is refused', async () => {
  const response = await api.send(await api.person(), list('?currency=EUR'));
  assertProblem(response, { status: 400, code: 'validation_failed' });
});

testGuards(
  () => api,
  () => list(),
  'RATE_LIMIT_BALANCE_PER_MINUTE',
);

testStatuses(() => api, 'GET /api/v1/accounts');
