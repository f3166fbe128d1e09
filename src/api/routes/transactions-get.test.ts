import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../../../test/support/api.ts';
import { insertTestPayment, insertTestTrail } from '../../../test/support/api-payments.ts';
import { assertProblem, testGuards, testStatuses } from '../../../test/support/api-refusals.ts';
import { callbackBody, signCallback } from '../../../test/support/bank-callbacks.ts';
import { newPaymentId } from '../../ids.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const get = (id: string, expand = 'timeline,postings,attempts') =>
  ({ method: 'GET', url: `/api/v1/transactions/${id}?expand=${expand}` }) as const;

test('a payment comes with its timeline, its attempts and its postings', async () => {
  const person = await api.person();
  const id = await insertTestPayment(api.database, person, { status: 'SUCCESS' });
  await insertTestTrail(api.database, person, id);
  const response = await api.send(person, get(id));
  assert.equal(response.statusCode, 200, response.body);
  const body = response.json();
  assert.equal(body.id, id);
  assert.equal(body.status, 'SUCCESS');
  assert.deepEqual(
    body.timeline.map((one: { version: number | null; type: string }) => [one.version, one.type]),
    [
      [1, 'deposit.accepted'],
      [null, 'bank.submit'],
      [2, 'deposit.succeeded'],
    ],
  );
  assert.deepEqual(body.timeline[1].data, {
    outcome: 'approved',
    message: 'The bank confirmed that the money moved.',
  });
  assert.deepEqual(body.timeline[2].data, { status: 'SUCCESS' });
  const [attempt] = body.attempts;
  assert.equal(attempt.number, 1);
  assert.equal(attempt.outcome, 'approved');
  assert.deepEqual(
    body.postings.map((posting: { account_kind: string; amount: string }) => [
      posting.account_kind,
      posting.amount,
    ]),
    [
      ['user', '10.00'],
      ['clearing', '-10.00'],
    ],
  );
  assert.equal(body.postings[0].balance_after, '10.00');
  assert.equal(body.postings[1].balance_after, null);
});

test('nothing comes along that is not asked for', async () => {
  const person = await api.person();
  const id = await insertTestPayment(api.database, person, { status: 'SUCCESS' });
  await insertTestTrail(api.database, person, id);
  for (const [expand, parts] of [
    ['', []],
    ['postings', ['postings']],
    [' attempts , timeline', ['attempts', 'timeline']],
  ] as const) {
    const body = (await api.send(person, get(id, encodeURIComponent(expand)))).json();
    const trail = ['timeline', 'postings', 'attempts'].filter((part) => part in body);
    assert.deepEqual(trail.toSorted(), parts);
    assert.equal(body.outcome, 'succeeded');
    assert.equal(body.evidence.length, 1);
  }
});

test('what cannot come along is refused by name', async () => {
  const person = await api.person();
  const id = await insertTestPayment(api.database, person, {});
  for (const expand of ['everything', 'timeline,toString', '__proto__']) {
    const response = await api.send(person, get(id, expand));
    const problem = assertProblem(response, { status: 400, code: 'validation_failed' });
    assert.deepEqual(problem['errors'], [
      { parameter: 'expand', detail: 'is a list of timeline, postings, attempts' },
    ]);
  }
});

test('a callback stands in the timeline, with what it was taken for', async () => {
  const person = await api.person();
  const id = await insertTestPayment(api.database, person, { status: 'PROCESSING' });
  const body = callbackBody(id);
  const headers = { 'content-type': 'application/json', 'x-bank-signature': signCallback(body) };
  await api.send(null, { method: 'POST', url: '/webhooks/bank-callback', body, headers });
  const [call] = (await api.send(person, get(id, 'timeline'))).json().timeline;
  assert.equal(call.type, 'bank.called');
  assert.deepEqual(call.data, { status: 'SUCCESS', verdict: 'inquiry_due', times: 1 });
});

test("what the bank said is for operators, who see anybody's payment", async () => {
  const [person, operator] = [await api.person(), await api.person('operator')];
  const id = await insertTestPayment(api.database, person, { status: 'SUCCESS' });
  await insertTestTrail(api.database, person, id);
  const own = (await api.send(person, get(id))).json();
  assert.equal(own.attempts[0].evidence, undefined);
  assert.equal(own.attempts[0].worker, undefined);
  const seen = (await api.send(operator, get(id))).json();
  assert.equal(seen.attempts[0].evidence, '200 APPROVED');
});

test("somebody else's and none at all are one and the same 404", async () => {
  const [person, other] = [await api.person(), await api.person()];
  const theirs = await insertTestPayment(api.database, other, {});
  for (const id of [theirs, newPaymentId(), '1']) {
    const response = await api.send(person, get(id));
    assertProblem(response, { status: 404, code: 'payment_not_found' });
  }
});

testGuards(
  () => api,
  () => get(newPaymentId()),
  'RATE_LIMIT_GLOBAL_PER_MINUTE',
);
testStatuses(() => api, 'GET /api/v1/transactions/:id');
