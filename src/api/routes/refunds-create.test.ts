import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { openTestApi, type Person, type TestApi } from '../../../test/support/api.ts';
import { insertTestPayment } from '../../../test/support/api-payments.ts';
import {
  assertProblem,
  testBodies,
  testGuards,
  testStatuses,
} from '../../../test/support/api-refusals.ts';
import { openJourney } from '../../../test/support/journey.ts';
import { statement } from '../../db/database.ts';
import { newPaymentId, type PaymentId } from '../../ids.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
  api.use({ accept: openJourney(api.database).accept });
});
after(() => api.close());

const refund = (depositId: string, body: object = {}, key: string = randomUUID()) =>
  ({
    method: 'POST',
    url: '/api/v1/refunds',
    body: { deposit_id: depositId, amount: '4.00', ...body },
    headers: { 'idempotency-key': key },
  }) as const;

const get = (url: string) => ({ method: 'GET', url }) as const;

const setBalance = statement<never>(
  'test_balance',
  'UPDATE accounts SET balance = $2 WHERE id = $1',
);

/** Somebody with a settled deposit of 10.00, and what is left of it. */
async function depositor(leftMinor = 1_000n): Promise<{ person: Person; depositId: PaymentId }> {
  const person = await api.person();
  const depositId = await insertTestPayment(api.database, person, { status: 'SUCCESS' });
  await api.database.query(setBalance, [person.accountId, leftMinor]);
  return { person, depositId };
}

test('a refund is accepted: 202, its address, its body, its funds held; and replayed', async () => {
  const { person, depositId } = await depositor();
  const call = refund(depositId, { description: 'came too late' });
  const response = await api.send(person, call);
  assert.equal(response.statusCode, 202, response.body);
  const body = response.json();
  assert.equal(response.headers['location'], `/api/v1/refunds/${body.id}`);
  assert.equal(body.transaction_type, 'refund');
  assert.equal(body.deposit_id, depositId);
  assert.equal(body.message, 'Refund accepted; the bank is being asked.');
  const balance = (await api.send(person, get('/api/v1/users/me/balance'))).json();
  assert.deepEqual([balance.balance, balance.held], ['10.00', '4.00']);
  const replay = await api.send(person, call);
  assert.deepEqual([replay.statusCode, replay.body], [202, response.body]);
  const one = (await api.send(person, get(`/api/v1/refunds/${body.id}`))).json();
  assert.deepEqual([one.deposit_id, one.status], [depositId, 'PENDING']);
  const { items } = (await api.send(person, get('/api/v1/refunds'))).json();
  assert.deepEqual(
    items.map((item: { deposit_id: string }) => item.deposit_id),
    [depositId],
  );
});

test('more than the deposit has left is refused, stored, and replayed as the same refusal', async () => {
  const { person, depositId } = await depositor();
  await api.send(person, refund(depositId, { amount: '7.00' }));
  const call = refund(depositId);
  const first = await api.send(person, call);
  const problem = assertProblem(first, { status: 400, code: 'refund_exceeds_deposit' });
  assert.equal(problem['available'], '3.00');
  assert.equal(
    problem['detail'],
    'The refund of 4.00 USD exceeds the 3.00 USD that the deposit has left.',
  );
  const second = await api.send(person, call);
  assert.equal(second.body, first.body);
  assert.equal(second.headers['idempotent-replayed'], 'true');
  const stored = await api.send(person, get(`/api/v1/refunds/${String(problem['payment_id'])}`));
  assert.equal(stored.json().error_code, 'REFUND_EXCEEDS_DEPOSIT');
});

test('more than the account has left is refused as a withdrawal would be', async () => {
  const { person, depositId } = await depositor(399n);
  const response = await api.send(person, refund(depositId));
  const problem = assertProblem(response, { status: 400, code: 'insufficient_funds' });
  assert.equal(problem['detail'], 'The refund of 4.00 USD exceeds the available 3.99 USD.');
});

for (const status of ['PENDING', 'PROCESSING', 'FAILED', 'PENDING_REVIEW'] as const) {
  test(`a deposit that is ${status} is not given back`, async () => {
    const person = await api.person();
    const depositId = await insertTestPayment(api.database, person, { status });
    const response = await api.send(person, refund(depositId));
    assertProblem(response, { status: 409, code: 'deposit_not_settled' });
  });
}

test("another's deposit, a withdrawal, none at all and no id are one and the same 404", async () => {
  const { person } = await depositor();
  const { depositId: foreign } = await depositor();
  const withdrawal = await insertTestPayment(api.database, person, {
    kind: 'withdrawal',
    status: 'SUCCESS',
  });
  for (const id of [foreign, withdrawal, newPaymentId(), 'it']) {
    const response = await api.send(person, refund(id));
    assertProblem(response, { status: 404, code: 'payment_not_found' });
  }
});

test('another currency than the deposit has, and an amount that is none, are refused', async () => {
  const { person, depositId } = await depositor();
  const other = await api.send(person, refund(depositId, { currency: 'EUR' }));
  assertProblem(other, { status: 400, code: 'validation_failed' });
  assert.equal((await api.send(person, refund(depositId, { currency: 'USD' }))).statusCode, 202);
  const none = await api.send(person, refund(depositId, { amount: '0.00' }));
  assertProblem(none, { status: 400, code: 'invalid_amount' });
});

test('another deposit under the same key is another request', async () => {
  const { person, depositId } = await depositor();
  const another = await insertTestPayment(api.database, person, { status: 'SUCCESS' });
  assert.equal((await api.send(person, refund(depositId, {}, 'once'))).statusCode, 202);
  const response = await api.send(person, refund(another, {}, 'once'));
  const problem = assertProblem(response, { status: 422, code: 'idempotency_key_reused' });
  assert.deepEqual(problem['differing'], ['deposit_id']);
});

testGuards(
  () => api,
  () => refund(newPaymentId()),
  'RATE_LIMIT_GLOBAL_PER_MINUTE',
);

testBodies(
  () => api,
  () => refund(newPaymentId()),
);

testStatuses(() => api, 'POST /api/v1/refunds');
