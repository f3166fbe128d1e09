import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type Person, type TestApi } from '../../../test/support/api.ts';
import { insertTestPayment, insertTestTrail } from '../../../test/support/api-payments.ts';
import { assertProblem, testGuards } from '../../../test/support/api-refusals.ts';
import { openJourney } from '../../../test/support/journey.ts';
import { statement } from '../../db/database.ts';
import { newPaymentId } from '../../ids.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
  api.use({ accept: openJourney(api.database).accept });
});
after(() => api.close());

const cancel = (name: string, id: string) =>
  ({ method: 'POST', url: `/api/v1/${name}/${id}/cancel` }) as const;

const setBalance = statement<never>(
  'test_balance',
  'UPDATE accounts SET balance = $2 WHERE id = $1',
);

async function create(person: Person, name: string): Promise<string> {
  const response = await api.send(person, {
    method: 'POST',
    url: `/api/v1/${name}`,
    body: { amount: '5.00' },
    headers: { 'idempotency-key': newPaymentId() },
  });
  return response.json().id;
}

for (const name of ['deposits', 'withdrawals']) {
  test(`${name}: what is pending is cancelled, once, and says so`, async () => {
    const person = await api.person();
    await api.database.query(setBalance, [person.accountId, 500n]);
    const id = await create(person, name);
    const response = await api.send(person, cancel(name, id));
    assert.equal(response.statusCode, 200, response.body);
    const { status, error_code, error_message } = response.json();
    assert.deepEqual([status, error_code], ['FAILED', 'CANCELLED']);
    assert.equal(error_message, 'It was cancelled before the bank was asked.');
    const url = '/api/v1/users/me/balance';
    const balance = (await api.send(person, { method: 'GET', url })).json();
    assert.deepEqual([balance.available, balance.held], ['5.00', '0.00']);
    const again = await api.send(person, cancel(name, id));
    const problem = assertProblem(again, { status: 409, code: 'payment_not_pending' });
    assert.equal(problem['status_of_payment'], 'FAILED');
  });
}

for (const status of ['PROCESSING', 'SUCCESS', 'FAILED', 'PENDING_REVIEW'] as const) {
  test(`what is ${status} cannot be cancelled, and stays so`, async () => {
    const person = await api.person();
    const id = await insertTestPayment(api.database, person, { status });
    await insertTestTrail(api.database, person, id);
    const response = await api.send(person, cancel('deposits', id));
    assertProblem(response, { status: 409, code: 'payment_not_pending' });
    const url = `/api/v1/deposits/${id}`;
    assert.equal((await api.send(person, { method: 'GET', url })).json().status, status);
  });
}

test("somebody else's, one of another kind and none at all are one and the same 404", async () => {
  const person = await api.person();
  const own = await create(person, 'deposits');
  const foreign = await create(await api.person(), 'deposits');
  for (const [name, id] of [
    ['withdrawals', own],
    ['refunds', own],
    ['deposits', foreign],
    ['deposits', newPaymentId()],
    ['deposits', 'it'],
  ] as const) {
    const response = await api.send(person, cancel(name, id));
    assertProblem(response, { status: 404, code: 'payment_not_found' });
  }
});

testGuards(
  () => api,
  () => cancel('deposits', newPaymentId()),
  'RATE_LIMIT_GLOBAL_PER_MINUTE',
);
