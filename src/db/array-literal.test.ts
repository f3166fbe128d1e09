import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openBooks } from '../../test/support/books.ts';
import { literal } from './array-literal.ts';
import { statement } from './database.ts';

/** What PostgreSQL takes for something else when it is not quoted. */
const traps = ['', 'NULL', 'null', 'Null', '"', '\\', '\\"', ',', '{', '}', '{}', ' ', '\n', "'"];
const anyText = fc.oneof(
  fc.constantFrom(...traps),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({ unit: fc.constantFrom(...traps, 'a', 'é', '漢', '🎉'), maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replaceAll('\0', '')),
);

const texts = statement<{ got: (string | null)[] }>('test_texts', 'SELECT $1::text[] AS got');
const one = statement<{ got: string }>('test_text', 'SELECT $1::text AS got');
const numbers = statement<{ got: string[] | null }>(
  'test_bigints',
  'SELECT array(SELECT x::text FROM unnest($1::bigint[]) WITH ORDINALITY AS t (x, n) ORDER BY n) AS got',
);
const moments = statement<{ got: Date[] }>('test_moments', 'SELECT $1::timestamptz[] AS got');
const truths = statement<{ got: (boolean | null)[] }>('test_truths', 'SELECT $1::bool[] AS got');
const floats = statement<{ got: number[] }>('test_floats', 'SELECT $1::float8[] AS got');

test('what goes to PostgreSQL in an array comes back as it was', async (t) => {
  const { database } = await openBooks(t);

  await t.test('any text', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(anyText), { maxLength: 10 }),
        anyText,
        async (values, alone) => {
          assert.deepEqual((await database.query(texts, [values]))[0]?.got, values);
          assert.equal((await database.query(one, [alone]))[0]?.got, alone);
        },
      ),
      { numRuns: 300 },
    ),
  );

  await t.test('any 64-bit number', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
        async (values) => {
          assert.deepEqual((await database.query(numbers, [values]))[0]?.got, values.map(String));
        },
      ),
      { numRuns: 50 },
    ),
  );

  await t.test('any moment, to the millisecond', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.date({
            min: new Date('1000-01-01'),
            max: new Date('9999-12-31'),
            noInvalidDate: true,
          }),
        ),
        async (values) => {
          assert.deepEqual((await database.query(moments, [values]))[0]?.got, values);
        },
      ),
      { numRuns: 50 },
    ),
  );

  await t.test('truth values, nulls and fractions', async () => {
    const values = [true, null, false];
    assert.deepEqual((await database.query(truths, [values]))[0]?.got, values);
    const fractions = [0.1, -1.5, 1e21, 1e-7, 5e-324];
    assert.deepEqual((await database.query(floats, [fractions]))[0]?.got, fractions);
  });
});

test('an id, a number and a status word travel without quotes', () => {
  assert.equal(
    literal(['0198c0de-0000-7000-8000-000000000001', 'PENDING', 12n, null]),
    '{0198c0de-0000-7000-8000-000000000001,PENDING,12,NULL}',
  );
});
