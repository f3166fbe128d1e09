import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fitTable, wrap } from './layout.ts';

test('a table fits into the width, whatever is in it', () => {
  const cells = fc.array(
    fc.array(fc.stringMatching(/^[a-z ]{0,60}$/), { minLength: 3, maxLength: 3 }),
  );
  fc.assert(
    fc.property(cells, fc.integer({ min: 16, max: 120 }), (rows, width) => {
      const lines = fitTable(['one', 'two', 'three'], rows, width);
      assert.equal(lines.length, rows.length + 2);
      assert.deepEqual(
        lines.filter((line) => line.length > width),
        [],
      );
    }),
  );
});

test('wrapping loses no word, and breaks none', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{1,30}$/)),
      fc.nat({ max: 80 }),
      (words, width) => {
        const lines = wrap(words.join(' '), width);
        assert.equal(lines.join(' '), words.join(' '));
        assert.deepEqual(
          lines.filter((line) => line.includes(' ') && line.length > width),
          [],
        );
      },
    ),
  );
});
