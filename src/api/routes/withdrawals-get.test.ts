import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../../../test/support/api.ts';
import { insertTestPayment } from '../../../test/support/api-payments.ts';
import { assertProblem, testGuards, testStatuses } from '../../../test/support/api-refusals.ts';
import { newPaymentId } from '../../ids.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const get = (id: string) => ({ method: 'GET', url: `/api/v1/withdrawals/${id}` }) as const;

test('a withdrawal is shown as it stands', async () => {
  const person = await api.person();
  const payment = { kind: 'withdrawal', status: 'FAILED', errorCode: 'TIMEOUT' } as const;
  const id = await insertTestPayment(api.database, person, payment);
  const response = await api.send(person, get(id));
  assert.equal(response.statusCode, 200, response.body);
  const { created_at, updated_at, ...body } = response.json();
  assert.match(created_at, /^2026-.*Z$/);
  assert.match(updated_at, /Z$/);
  assert.deepEqual(body, {
    id,
    account_id: person.accountId,
    transaction_type: 'withdrawal',
    amount: '10.00',
    currency: 'USD',
    status: 'FAILED',
    bank_transaction_id: null,
    error_code: 'TIMEOUT',
    error_message: 'The bank did not answer in time.',
    description: null,
    metadata: null,
    message: 'Failed; the balance has not changed.',
  });
});

test("somebody else's, a deposit, none at all and no id are one and the same 404", async () => {
  const [person, other] = [await api.person(), await api.person('admin')];
  const theirs = await insertTestPayment(api.database, other, { kind: 'withdrawal' });
  const otherKind = await insertTestPayment(api.database, person, { kind: 'deposit' });
  for (const id of [theirs, otherKind, newPaymentId(), 'not-an-id', "1' OR '1'='1"]) {
    const response = await api.send(person, get(encodeURIComponent(id)));
    const problem = assertProblem(response, { status: 404, code: 'payment_not_found' });
    assert.equal(problem['detail'], 'There is no such payment, or it is not yours.');
  }
});

testGuards(
  () => api,
  () => get(newPaymentId()),
  'RATE_LIMIT_GLOBAL_PER_MINUTE',
);
testStatuses(() => api, 'GET /api/v1/withdrawals/:id');
