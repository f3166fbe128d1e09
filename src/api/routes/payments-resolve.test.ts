import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../../../test/support/api.ts';
import { insertTestPayment } from '../../../test/support/api-payments.ts';
import {
  assertProblem,
  testBodies,
  testGuards,
  testStatuses,
} from '../../../test/support/api-refusals.ts';
import { insertTestTask, leaseTestPayment } from '../../../test/support/failed-tasks.ts';
import { openJourney } from '../../../test/support/journey.ts';
import { actors } from '../../audit-log/append.ts';
import { selectPage } from '../../audit-log/store.ts';
import { selectFailedTask } from '../../failed-tasks/store.ts';
import { newUserId } from '../../ids.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
  api.use({ resolve: openJourney(api.database).resolve });
});
after(() => api.close());

const failed = { outcome: 'failed', reason: 'the bank wrote to us' };
const resolve = (id: string, body: unknown = failed) =>
  ({ method: 'POST', url: `/api/v1/transactions/${id}/resolve`, body }) as const;

for (const [body, expected] of [
  [failed, { status: 'FAILED', error_code: 'RESOLVED_AS_FAILED', bank_transaction_id: null }],
  [
    { outcome: 'succeeded', reason: 'seen in the statement', bank_transaction_id: 'bank-9' },
    { status: 'SUCCESS', error_code: null, bank_transaction_id: 'bank-9' },
  ],
] as const)
  test(`an operator resolves a payment in review as ${body.outcome}, on record`, async () => {
    const { task, payment } = await insertTestTask(api.database, await api.person());
    const operator = await api.person('operator');
    const response = await api.send(operator, resolve(payment, body));
    assert.equal(response.statusCode, 200, response.body);
    const { status, error_code, bank_transaction_id } = response.json();
    assert.deepEqual({ status, error_code, bank_transaction_id }, expected);
    const closed = await selectFailedTask(api.database, task);
    assert.deepEqual(
      [closed?.closedBy, closed?.closedNote],
      [actors.user(operator.id), body.reason],
    );
    const filter = { actor: null, action: 'payment.resolve', beforeSeq: null, limit: 2 };
    const entries = await selectPage(api.database, { ...filter, subject: `payment:${payment}` });
    assert.deepEqual(
      entries.map((entry) => [entry.actor, entry.reason, entry.requestId]),
      [[actors.user(operator.id), body.reason, response.headers['x-request-id']]],
    );
    assertProblem(await api.send(operator, resolve(payment, body)), {
      status: 409,
      code: 'payment_final',
    });
  });

test('evidence is enough where nobody knows the transaction of the bank', async () => {
  const { payment } = await insertTestTask(api.database, await api.person());
  const body = { outcome: 'succeeded', reason: 'they called', evidence: 'call 17, Ms Weber' };
  const response = await api.send(await api.person('operator'), resolve(payment, body));
  assert.equal(response.json().bank_transaction_id, `operator:${payment.replaceAll('-', '')}`);
});

test('what is not unknown, or being asked about, is left alone', async () => {
  const [operator, owner] = [await api.person('operator'), await api.person()];
  const pending = await insertTestPayment(api.database, owner, { status: 'PENDING' });
  const leased = await insertTestTask(api.database, owner);
  await leaseTestPayment(api.database, leased.payment);
  for (const [id, status, code] of [
    [pending, 409, 'payment_not_unknown'],
    [leased.payment, 409, 'payment_in_contact'],
    [newUserId(), 404, 'payment_not_found'],
    ['nonsense', 404, 'payment_not_found'],
  ] as const)
    assertProblem(await api.send(operator, resolve(id)), { status, code });
});

test('a customer is forbidden, also for his own', async () => {
  const person = await api.person();
  const { payment } = await insertTestTask(api.database, person);
  assertProblem(await api.send(person, resolve(payment)), { status: 403, code: 'forbidden' });
});

for (const [what, body] of [
  ['a success without anything that shows it', { outcome: 'succeeded', reason: 'I think so' }],
  ['a decision without a reason', { outcome: 'failed' }],
  ['a blank reason', { outcome: 'failed', reason: ' ' }],
  ['another outcome', { outcome: 'SUCCESS', reason: 'x' }],
  ['a transaction of a failure', { ...failed, bank_transaction_id: 'bank-1' }],
  [
    'a transaction id with spaces',
    { outcome: 'succeeded', reason: 'x', bank_transaction_id: 'a b' },
  ],
] as const)
  test(`${what} is refused`, async () => {
    const { payment } = await insertTestTask(api.database, await api.person());
    const response = await api.send(await api.person('operator'), resolve(payment, body));
    assertProblem(response, { status: 400, code: 'validation_failed' });
  });

const nothing = () => resolve(newUserId());
testGuards(() => api, nothing, 'RATE_LIMIT_GLOBAL_PER_MINUTE', 'operator');
testBodies(() => api, nothing, 'operator');
testStatuses(() => api, 'POST /api/v1/transactions/:id/resolve');
