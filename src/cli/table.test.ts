import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatTable } from './table.ts';

test('columns are as wide as their widest cell, numbers stand to the right', () => {
  const rows = [
    ['yours', '100.00'],
    ['clearing', '-5.00'],
  ];
  assert.equal(
    formatTable(['account', 'amount'], rows),
    'account   amount\n────────  ──────\nyours     100.00\nclearing   -5.00\n',
  );
  assert.equal(formatTable(['a'], []), 'a\n─\n');
});
