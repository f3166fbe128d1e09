import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { newPaymentId } from '../ids.ts';
import { excerptOf } from './excerpt.ts';

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLW9mLWl0';

const hidden: readonly (readonly [what: string, text: string, secret: string])[] = [
  ['a password', '{"user":"dana","password":"hunter2"}', 'hunter2'],
  ['a quoted token', '{"access_token": "abc"}', 'abc'],
  ['a bearer token', 'Authorization: Bearer short-one', 'short-one'],
  ['an API key', 'api_key=tk_1234', 'tk_1234'],
  ['a JWT', `told ${jwt} to us`, jwt],
  ['a long key', `key ${'Zx9'.repeat(12)}`, 'Zx9'.repeat(12)],
  ['a card number', 'card 4111 1111 1111 1111 of Dana', '1111'],
  ['a card number in one', 'pan:4111111111111111', '411111'],
  ['a verification code', '{"cvc":"123"}', '123'],
];
for (const [what, text, secret] of hidden)
  test(`an excerpt does not show ${what}`, () => {
    const excerpt = excerptOf(text);
    assert.equal(excerpt.includes(secret), false, excerpt);
    assert.match(excerpt, /\[hidden\]/);
  });

test('an excerpt shows what tells whose it is', () => {
  const id = newPaymentId();
  const text = `rejected: {"schema":9,"payment_ids":["${id}"],"amount":"12.50"}`;
  assert.equal(excerptOf(text), text);
});

test('an excerpt is one bounded line that the database takes, whatever it is of', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
      const excerpt = excerptOf(text);
      return excerpt.length <= 200 && excerpt.isWellFormed() && !/[\0\r\n\u2028]/.test(excerpt);
    }),
  );
});
