import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../../../test/support/api.ts';
import { insertTestPayment } from '../../../test/support/api-payments.ts';
import { assertProblem, testGuards, testStatuses } from '../../../test/support/api-refusals.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const list = (query = '') => ({ method: 'GET', url: `/api/v1/deposits${query}` }) as const;

test('the list has the deposits of the caller, newest first, and nothing else', async () => {
  const [person, other] = [await api.person(), await api.person()];
  await insertTestPayment(api.database, other, { kind: 'deposit' });
  const first = await insertTestPayment(api.database, person, { kind: 'deposit' });
  await insertTestPayment(api.database, person, { kind: 'withdrawal' });
  const second = await insertTestPayment(api.database, person, { kind: 'deposit' });
  const response = await api.send(person, list());
  assert.equal(response.statusCode, 200, response.body);
  const { items, ...page } = response.json();
  const ids = items.map((item: { id: string }) => item.id);
  assert.deepEqual(ids, [second, first]);
  assert.deepEqual(page, { next_cursor: null, limit: 20 });
});

test('a type filter has no place here', async () => {
  const response = await api.send(await api.person(), list('?type=deposit'));
  const problem = assertProblem(response, { status: 400, code: 'validation_failed' });
  const detail = 'is not a field of this request';
  assert.deepEqual(problem['errors'], [{ parameter: 'type', detail }]);
});

testGuards(
  () => api,
  () => list(),
  'RATE_LIMIT_TRANSACTIONS_PER_MINUTE',
);
testStatuses(() => api, 'GET /api/v1/deposits');
