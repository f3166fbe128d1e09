import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { openTestApi, type Person, type TestApi } from '../../../test/support/api.ts';
import {
  assertProblem,
  testBodies,
  testGuards,
  testStatuses,
} from '../../../test/support/api-refusals.ts';
import { openJourney } from '../../../test/support/journey.ts';
import { statement } from '../../db/database.ts';
import { newAccountId } from '../../ids.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
  api.use({ accept: openJourney(api.database).accept });
});
after(() => api.close());

const transfer = (to: string, body: object = {}, key: string = randomUUID()) =>
  ({
    method: 'POST',
    url: '/api/v1/transfers',
    body: { to_account_id: to, amount: '3.00', ...body },
    headers: { 'idempotency-key': key },
  }) as const;

const get = (url: string) => ({ method: 'GET', url }) as const;

const setBalance = statement<never>(
  'test_balance',
  'UPDATE accounts SET balance = $2 WHERE id = $1',
);

async function personWith(minor: bigint): Promise<Person> {
  const person = await api.person();
  await api.database.query(setBalance, [person.accountId, minor]);
  return person;
}

test('a transfer is done: 201, its address, its body, and both balances', async () => {
  const [anna, ben] = [await personWith(1_000n), await api.person()];
  const call = transfer(ben.accountId, { description: 'lunch', metadata: { table: 7 } });
  const response = await api.send(anna, call);
  assert.equal(response.statusCode, 201, response.body);
  const body = response.json();
  assert.equal(response.headers['location'], `/api/v1/transfers/${body.id}`);
  const { id, created_at, updated_at, message, ...rest } = body;
  assert.equal(typeof id, 'string');
  assert.equal(created_at, updated_at);
  assert.equal(message, 'Transferred.');
  assert.deepEqual(rest, {
    account_id: anna.accountId,
    to_account_id: ben.accountId,
    transaction_type: 'transfer',
    amount: '3.00',
    currency: 'USD',
    status: 'SUCCESS',
    bank_transaction_id: null,
    error_code: null,
    error_message: null,
    description: 'lunch',
    metadata: { table: 7 },
  });
  for (const [person, balance] of [
    [anna, '7.00'],
    [ben, '3.00'],
  ] as const)
    assert.equal((await api.send(person, get('/api/v1/users/me/balance'))).json().balance, balance);
  const replay = await api.send(anna, call);
  assert.deepEqual([replay.statusCode, replay.body], [201, response.body]);
  assert.equal(replay.headers['idempotent-replayed'], 'true');
});

test('both sides find it, in their lists and by itself; the metadata are the sender’s alone', async () => {
  const [anna, ben, eve] = [await personWith(1_000n), await api.person(), await api.person()];
  const made = await api.send(anna, transfer(ben.accountId, { metadata: { secret: 1 } }));
  const { id } = made.json();
  for (const [person, metadata] of [
    [anna, { secret: 1 }],
    [ben, null],
  ] as const) {
    const one = (await api.send(person, get(`/api/v1/transfers/${id}`))).json();
    assert.deepEqual([one.to_account_id, one.metadata], [ben.accountId, metadata]);
    const { items } = (await api.send(person, get('/api/v1/transfers'))).json();
    assert.deepEqual(
      items.map((item: { id: string; to_account_id: string }) => [item.id, item.to_account_id]),
      [[id, ben.accountId]],
    );
  }
  const foreign = await api.send(eve, get(`/api/v1/transfers/${id}`));
  assertProblem(foreign, { status: 404, code: 'payment_not_found' });
  assertProblem(await api.send(anna, get(`/api/v1/deposits/${id}`)), {
    status: 404,
    code: 'payment_not_found',
  });
});

test('beyond the funds it is refused, stored, and replayed as the same refusal', async () => {
  const [anna, ben] = [await personWith(299n), await api.person()];
  const call = transfer(ben.accountId);
  const first = await api.send(anna, call);
  const problem = assertProblem(first, { status: 400, code: 'insufficient_funds' });
  assert.equal(problem['detail'], 'The transfer of 3.00 USD exceeds the available 2.99 USD.');
  await api.database.query(setBalance, [anna.accountId, 1_000n]);
  const second = await api.send(anna, call);
  assert.equal(second.body, first.body);
  const gone = await api.send(ben, get(`/api/v1/transfers/${String(problem['payment_id'])}`));
  assert.equal(gone.statusCode, 404, 'what was refused never arrived');
});

test('no account, one in another currency and one of somebody deactivated look the same', async () => {
  const [anna, ben, gone] = [await personWith(1_000n), await api.person(), await api.person()];
  const open = { method: 'POST', url: '/api/v1/accounts', body: { currency: 'EUR' } } as const;
  const euros = (await api.send(ben, open)).json().id;
  const deactivate = statement<never>(
    'test_deactivate',
    'UPDATE users SET is_active = false WHERE id = $1',
  );
  await api.database.query(deactivate, [gone.id]);
  const answers = [];
  for (const to of [newAccountId(), 'me', euros, gone.accountId]) {
    const response = await api.send(anna, transfer(to));
    const problem = assertProblem(response, { status: 404, code: 'receiver_not_found' });
    answers.push(JSON.stringify({ ...problem, request_id: null, instance: null }));
  }
  assert.equal(new Set(answers).size, 1);
});

test('to oneself it is refused', async () => {
  const anna = await personWith(1_000n);
  const response = await api.send(anna, transfer(anna.accountId));
  const problem = assertProblem(response, { status: 400, code: 'validation_failed' });
  assert.match(JSON.stringify(problem['errors']), /to_account_id/);
});

test('another receiver under the same key is another request', async () => {
  const [anna, ben, eve] = [await personWith(1_000n), await api.person(), await api.person()];
  assert.equal((await api.send(anna, transfer(ben.accountId, {}, 'once'))).statusCode, 201);
  const response = await api.send(anna, transfer(eve.accountId, {}, 'once'));
  const problem = assertProblem(response, { status: 422, code: 'idempotency_key_reused' });
  assert.deepEqual(problem['differing'], ['to_account_id']);
});

test('a currency that is unknown, or that the sender has no account in, is refused', async () => {
  const [anna, ben] = [await personWith(1_000n), await api.person()];
  for (const [currency, code] of [
    ['XXQ', 'unknown_currency'],
    ['EUR', 'no_account_in_currency'],
  ] as const) {
    const response = await api.send(anna, transfer(ben.accountId, { currency }));
    assertProblem(response, { status: 400, code });
  }
  const unpaid = await api.send(anna, transfer(ben.accountId, { amount: '-1' }));
  assertProblem(unpaid, { status: 400, code: 'invalid_amount' });
});

test('a key needs the scope that moves money on', async () => {
  const [anna, ben] = [await personWith(1_000n), await api.person()];
  const depositor = await api.keyOf(anna, ['deposits:write', 'read']);
  const refused = await api.send(depositor, transfer(ben.accountId));
  assertProblem(refused, { status: 403, code: 'forbidden' });
  const payer = await api.keyOf(anna, ['withdrawals:write']);
  assert.equal((await api.send(payer, transfer(ben.accountId))).statusCode, 201);
});

testGuards(
  () => api,
  () => transfer(newAccountId()),
  'RATE_LIMIT_GLOBAL_PER_MINUTE',
);

testBodies(
  () => api,
  () => transfer(newAccountId()),
);

testStatuses(() => api, 'POST /api/v1/transfers');
