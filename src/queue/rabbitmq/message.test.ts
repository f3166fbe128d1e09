import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { newPaymentId } from '../../ids.ts';
import { hintPaymentsMax } from '../queue.ts';
import { decodeHint, encodeHint, rawText } from './message.ts';

describe('message', () => {
  const ids = Array.from({ length: hintPaymentsMax + 1 }, newPaymentId);
  const messageOf = (paymentIds: unknown, schema: unknown = 1): string =>
    JSON.stringify({ schema, payment_ids: paymentIds });

  test('a hint arrives as it was sent', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: hintPaymentsMax }), (count) => {
        const hint = { paymentIds: ids.slice(0, count) };
        assert.deepEqual(decodeHint(rawText(encodeHint(hint))), hint);
      }),
    );
  });

  test('the largest hint fits into what is kept of a message', () => {
    const raw = encodeHint({ paymentIds: ids.slice(0, hintPaymentsMax) });
    assert.equal(rawText(raw).length, raw.length);
  });

  test('an id named twice counts once, in either case', () => {
    const [first = '', second = ''] = ids;
    const raw = messageOf([first, second.toUpperCase(), first, second]);
    assert.deepEqual(decodeHint(raw), { paymentIds: [first, second] });
  });

  test('what we did not write is no hint', () => {
    const good = ids[0];
    const bodies = [
      '',
      'null',
      '[]',
      '{"schema":1}',
      messageOf([]),
      messageOf(ids),
      messageOf([good], 2),
      messageOf([good], '1'),
      messageOf(good),
      messageOf([good, 1]),
      messageOf([good, `${good}0`]),
      messageOf([good, "'; DROP TABLE payments"]),
    ];
    for (const body of bodies) assert.equal(decodeHint(body), null, body);
  });

  test('no text makes it throw', () => {
    fc.assert(fc.property(fc.string(), (text) => void decodeHint(text)));
    fc.assert(fc.property(fc.json(), (text) => void decodeHint(text)));
    fc.assert(
      fc.property(fc.anything(), (paymentIds) => {
        if (typeof JSON.stringify({ paymentIds }, withoutBigints) === 'string')
          decodeHint(JSON.stringify({ schema: 1, payment_ids: paymentIds }, withoutBigints));
      }),
    );
  });

  test('a body is read whatever the client made of it, and cut where it is too long', () => {
    assert.equal(rawText('text'), 'text');
    assert.equal(rawText({ schema: 1 }), '{"schema":1}');
    assert.equal(rawText(undefined), '');
    assert.equal(rawText(Buffer.alloc(1_000_000, 'x')).length, 16_384);
    assert.equal(rawText('x'.repeat(1_000_000)).length, 16_384);
  });
});

const withoutBigints = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : value;
