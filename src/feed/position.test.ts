import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatPosition, isAfter, later, type Position, parsePosition } from './position.ts';

const position: fc.Arbitrary<Position> = fc.record(
  {
    epoch: fc.integer({ min: 1, max: 3 }),
    tx: fc.oneof(fc.bigInt({ min: 0n, max: 3n }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
    n: fc.oneof(fc.bigInt({ min: 0n, max: 3n }), fc.bigInt({ min: 0n, max: 2n ** 63n - 1n })),
  },
  { noNullPrototype: true },
);

test('a cursor is read back as the place that it was made of', () => {
  fc.assert(
    fc.property(position, (one) => assert.deepEqual(parsePosition(formatPosition(one)), one)),
  );
});

for (const text of [
  '',
  '1',
  '1-2',
  '1-2-3-4',
  ' 1-2-3',
  '01-2-3',
  '1-02-3',
  '-1-2-3',
  '1-2-x',
  '4294967296-1-1',
  '1-99999999999999999999-1',
  '1-1-9999999999999999999',
])
  test(`"${text}" is no cursor`, () => assert.equal(parsePosition(text), null));

test('places are in one order: epoch, then transaction, then number', () => {
  fc.assert(
    fc.property(position, position, (one, other) => {
      const isSame = formatPosition(one) === formatPosition(other);
      assert.equal(isAfter(one, other) || isAfter(other, one), !isSame);
      assert.equal(isAfter(one, other) && isAfter(other, one), false);
      assert.equal(isAfter(one, later(one, other)), false);
    }),
  );
  const ordered = ['1-9-9', '1-10-1', '1-10-2', '2-1-1'].map(parsePosition);
  for (const [at, one] of ordered.entries())
    for (const other of ordered.slice(at + 1))
      assert(one !== null && other !== null && isAfter(other, one));
});
