import assert from 'node:assert/strict';
import { test } from 'node:test';
import { present } from '../assert.ts';
import { parseCurrency } from '../money.ts';
import { composeBody } from '../webhooks/compose.ts';
import { WebhookPaymentSchema } from './openapi-webhooks.ts';

test('the document tells every member of a message, in the order in which it is sent', () => {
  const body = composeBody({
    type: 'deposit.succeeded',
    occurredAt: new Date(0),
    bodyVersion: 1,
    subject: {
      kind: 'payment',
      id: 'id',
      version: 3,
      changed: '{"status":"SUCCESS"}',
      accountId: 'account',
      counterAccountId: null,
      relatedPaymentId: null,
      paymentKind: 'deposit',
      amountMinor: 100n,
      currency: present(parseCurrency('USD'), 'USD is a currency'),
      description: null,
      metadata: null,
      createdAt: new Date(0),
    },
  });
  const { data } = JSON.parse(body);
  assert.deepEqual(Object.keys(data), Object.keys(WebhookPaymentSchema.properties));
});
