import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../../../test/support/api.ts';
import {
  assertProblem,
  testBodies,
  testGuards,
  testStatuses,
} from '../../../test/support/api-refusals.ts';
import { newPaymentId } from '../../ids.ts';
import type { AcceptCommand, AcceptedPayment } from '../../payments/command.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const withdrawal = {
  method: 'POST',
  url: '/api/v1/withdrawals',
  body: { amount: '50.00' },
  headers: { 'idempotency-key': 'key-1' },
} as const;

const paymentOf = (command: AcceptCommand): AcceptedPayment => ({
  ...command,
  answerVersion: 1,
  refusal: null,
  refusalAvailable: null,
  createdAt: new Date('2026-01-02T03:04:05.678Z'),
});

test('a withdrawal is accepted: 202, its address, its body', async () => {
  api.use({
    accept: async (command) => ({
      kind: 'accepted',
      payment: paymentOf(command),
      replayed: false,
    }),
  });
  const response = await api.send(await api.person(), withdrawal);
  assert.equal(response.statusCode, 202, response.body);
  const body: Record<string, unknown> = response.json();
  assert.equal(body['transaction_type'], 'withdrawal');
  assert.equal(body['amount'], '50.00');
  assert.equal(response.headers.location, `/api/v1/withdrawals/${String(body['id'])}`);
});

test('a withdrawal beyond the funds is refused, stored, and replayed as the same refusal', async () => {
  const payments: AcceptedPayment[] = [];
  api.use({
    accept: async (command) => {
      const refused = { refusal: 'INSUFFICIENT_FUNDS', refusalAvailable: 3050n } as const;
      const payment = payments[0] ?? { ...paymentOf(command), ...refused };
      return { kind: 'refused', payment, replayed: payments.push(payment) > 1 };
    },
  });
  const person = await api.person();
  const first = await api.send(person, withdrawal);
  const problem = assertProblem(first, { status: 400, code: 'insufficient_funds' });
  assert.equal(problem['payment_id'], payments[0]?.id);
  assert.equal(problem['available'], '30.50');
  assert.equal(problem['detail'], 'The withdrawal of 50.00 USD exceeds the available 30.50 USD.');
  const second = await api.send(person, withdrawal);
  assert.equal(second.body, first.body);
  assert.equal(second.statusCode, 400);
  assert.equal(second.headers['content-type'], first.headers['content-type']);
  assert.equal(second.headers['idempotent-replayed'], 'true');
  // The body speaks of the first request, the header of this one.
  assert.notEqual(second.headers['x-request-id'], problem['request_id']);
});

test('a key that stands for another request is refused', async () => {
  const original = newPaymentId();
  api.use({ accept: async () => ({ kind: 'key_reused', original, differing: ['amount'] }) });
  const response = await api.send(await api.person(), withdrawal);
  assertProblem(response, { status: 422, code: 'idempotency_key_reused' });
});

testGuards(
  () => api,
  () => withdrawal,
  'RATE_LIMIT_GLOBAL_PER_MINUTE',
);
testBodies(
  () => api,
  () => withdrawal,
);
testStatuses(() => api, 'POST /api/v1/withdrawals');
