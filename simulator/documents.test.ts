import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { scenariosByAmount } from './amounts.ts';
import { scenarios } from './scenarios.ts';

/** docs/bank-contract.md lists what there is, no more and no less. */
const page = readFileSync(new URL('../docs/bank-contract.md', import.meta.url), 'utf8');

test('every scenario is described, and there is none besides', () => {
  const described = rowsOf('scenario').flatMap(([first = '']) => wordsIn(first));
  assert.deepEqual(described.toSorted(), Object.keys(scenarios).toSorted());
});

test('every amount is listed with its scenarios', () => {
  const listed = rowsOf('amount').map(([amount = '', usd = '', names = '']) => {
    assert.equal(Number(usd.replaceAll(/[,.]/g, '')), Number(amount));
    return [amount, wordsIn(names)];
  });
  assert.deepEqual(listed, [...scenariosByAmount]);
});

function rowsOf(firstColumn: string): readonly string[][] {
  const tables = page.split('\n\n').filter((block) => block.startsWith(`| ${firstColumn} |`));
  assert.equal(tables.length, 1, `there is one table of each ${firstColumn}`);
  const rows = (tables[0] ?? '').trim().split('\n').slice(2);
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function wordsIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
}
