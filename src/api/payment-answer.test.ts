import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { present } from '../assert.ts';
import { newAccountId, newPaymentId } from '../ids.ts';
import { parseCurrency } from '../money.ts';
import { answerVersion } from '../payments/accept-rules.ts';
import type { AcceptedPayment } from '../payments/command.ts';
import { errorEntry, errorType } from './errors.ts';
import { answers, answerTo } from './payment-answer.ts';
import { buildProblem } from './problem.ts';

const payment: AcceptedPayment = {
  id: newPaymentId(),
  accountId: newAccountId(),
  kind: 'withdrawal',
  amountMinor: 5000n,
  currency: present(parseCurrency('USD'), 'USD is a currency'),
  requestId: 'req-1',
  description: null,
  metadata: null,
  counterAccountId: null,
  relatedPaymentId: null,
  answerVersion: 1,
  refusal: null,
  refusalAvailable: null,
  createdAt: new Date('2026-01-02T03:04:05.678Z'),
};

// Clients have stored these bytes. If this test fails, write a new version beside the old one.
test('version 1 is what it always was', () => {
  const fixed = {
    ...payment,
    id: '01920000-0000-7000-8000-000000000001' as AcceptedPayment['id'],
    accountId: '01920000-0000-7000-8000-000000000002' as AcceptedPayment['accountId'],
    description: 'a "b"',
    metadata: '{"a":1}',
  };
  assert.equal(
    answerTo(fixed).body,
    '{"id":"01920000-0000-7000-8000-000000000001",' +
      '"account_id":"01920000-0000-7000-8000-000000000002","transaction_type":"withdrawal",' +
      '"amount":"50.00","currency":"USD","status":"PENDING","bank_transaction_id":null,' +
      '"error_code":null,"error_message":null,"created_at":"2026-01-02T03:04:05.678Z",' +
      '"updated_at":"2026-01-02T03:04:05.678Z","description":"a \\"b\\"","metadata":{"a":1},' +
      '"message":"Withdrawal accepted; the bank is being asked."}',
  );
  const refused = { ...fixed, refusal: 'INSUFFICIENT_FUNDS', refusalAvailable: 5n } as const;
  assert.equal(
    answerTo(refused).body,
    '{"type":"https://tollgate.dev/errors#insufficient_funds","title":"Insufficient funds",' +
      '"status":400,"detail":"The withdrawal of 50.00 USD exceeds the available 0.05 USD.",' +
      '"instance":"urn:tollgate:request:req-1","code":"insufficient_funds",' +
      '"request_id":"req-1","error":"insufficient_funds",' +
      '"message":"The withdrawal of 50.00 USD exceeds the available 0.05 USD.",' +
      '"payment_id":"01920000-0000-7000-8000-000000000001","amount":"50.00",' +
      '"available":"0.05","currency":"USD"}',
  );
});

test('there is an answer of the version that accept writes', () => {
  assert.notEqual(answers[answerVersion], undefined);
});

test('the body is JSON whatever stands in the description', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (description) => {
      const body = JSON.parse(answerTo({ ...payment, description }).body);
      assert.equal(body.description, description);
    }),
  );
});

test('the stored refusal agrees with the catalogue', () => {
  const refused = { ...payment, refusal: 'INSUFFICIENT_FUNDS', refusalAvailable: 0n } as const;
  const answer = answerTo(refused);
  const values = { amount: '50.00', available: '0.00', currency: 'USD' };
  const problem = buildProblem('insufficient_funds', 'req-1', { values });
  const { payment_id, amount, available, currency, ...common } = JSON.parse(answer.body);
  assert.deepEqual(common, problem);
  assert.deepEqual([payment_id, amount, available, currency], [refused.id, '50.00', '0.00', 'USD']);
  assert.equal(answer.status, errorEntry('insufficient_funds').status);
  assert.equal(common.type, errorType('insufficient_funds'));
});
