import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileLength, functionLength, lineLength, longFiles } from './size.ts';
import { readTree, treeOf } from './tree.ts';

const tree = readTree();
const lines = (count: number): string => '  work();\n'.repeat(count);

test('no file is longer than 500 lines', (t) => {
  assert.deepEqual(fileLength(treeOf({ 'src/a.ts': lines(501) })), [
    'src/a.ts is 501 lines (500 allowed)',
  ]);
  assert.deepEqual(fileLength(treeOf({ 'src/a.ts': lines(500) })), []);
  for (const sentence of longFiles(tree)) t.diagnostic(sentence);
  assert.deepEqual(fileLength(tree), []);
});

test('no line is wider than 100 characters', () => {
  assert.deepEqual(lineLength(treeOf({ 'src/a.ts': `\n// ${'x'.repeat(98)}` })), [
    'src/a.ts:2 is 101 characters wide (100 allowed)',
  ]);
  assert.deepEqual(lineLength(tree), []);
});

test('no function is longer than 70 lines', () => {
  const seeded = treeOf({
    'src/settle.ts': `\n\nfunction settlePayment() {\n${lines(71)}}\n`,
    'src/arrow.ts': `const arrow = () => {\n${lines(71)}};\n`,
    'src/method.ts': `class A {\n  run() {\n${lines(71)}}\n}\n`,
    'src/fooled.ts': `function f() {\n  return '}{' + \`\${'{'}\` + /[{]/;\n}\n${lines(90)}`,
    'src/fits.ts': `function fits() {\n${lines(68)}}\n`,
    'src/nested.ts': `function open() {\n${`function part() {\n${lines(60)}}\n`.repeat(2)}}\n`,
    'src/suite.test.ts': `describe('s', () => {\n${`test('x', () => {\n${lines(30)}});\n`.repeat(5)}});\n`,
  });
  assert.deepEqual(functionLength(seeded), [
    'src/settle.ts:3 function settlePayment is 73 lines (70 allowed)',
    'src/arrow.ts:1 function arrow is 73 lines (70 allowed)',
    'src/method.ts:2 function run is 73 lines (70 allowed)',
  ]);
  assert.deepEqual(functionLength(tree), []);
});
