import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTree, treeOf } from './tree.ts';
import { bannedWords, emptyTests, journeyHeaders, leftOutTests, sqlPlaces } from './words.ts';

const tree = readTree();

const bannedIn = (path: string, code: string): number =>
  bannedWords(treeOf({ [path]: `${code}\n` })).length;

test('time is read in clock.ts only', () => {
  assert.deepEqual(bannedWords(treeOf({ 'src/payments/a.ts': 'const now = Date.now();\n' })), [
    'src/payments/a.ts:1 Date.now: time comes in by argument (clock.ts)',
  ]);
  for (const code of [
    'new Date();',
    'new Date;',
    'performance.now();',
    'const { now } = [Date.now];',
  ])
    assert.equal(bannedIn('src/api/a.ts', code), 1, code);
  assert.equal(bannedIn('src/api/a.test.ts', 'performance.now();'), 0);
  assert.equal(bannedIn('src/api/a.ts', 'new Date(5); // Date.now()\nconst x = "Date.now()";'), 0);
  assert.equal(bannedIn('src/clock.ts', 'Date.now();'), 0);
});

test('the environment is read in config.ts only', () => {
  assert.equal(bannedIn('src/db/a.ts', 'process.env["X"];'), 1);
  assert.equal(bannedIn('src/config.ts', 'process.env;'), 0);
});

test('randomness is passed in', () => {
  assert.equal(bannedIn('src/payments/a.ts', 'const random = Math.random;'), 1);
  assert.equal(bannedIn('test/e2e/a.test.ts', 'Math.random();'), 1);
});

test('no float touches money', () => {
  for (const code of ['Number(row.amount);', 'parseFloat("1.1");', 'Number.parseFloat("1.1");'])
    assert.ok(bannedIn('src/ledger/a.ts', code) > 0, code);
  assert.equal(bannedIn('src/ledger/a.ts', 'Number.isInteger(3); Number(row.count);'), 0);
  assert.equal(bannedIn('src/api/a.ts', 'Number("3");'), 0);
});

test('no test sleeps', () => {
  assert.equal(bannedIn('src/a.test.ts', 'await new Promise((r) => setTimeout(r, 100));'), 1);
  assert.equal(bannedIn('test/e2e/a.test.ts', 'await sleep(5);'), 1);
  assert.equal(bannedIn('src/queue/conformance.ts', 'await setTimeout(5);'), 1);
  assert.equal(bannedIn('src/a.ts', 'setTimeout(f, 5);'), 0);
});

test('no test is left out', () => {
  // Put together here, so that this file does not break its own rule.
  for (const word of ['only', 'skip', 'todo']) {
    assert.equal(bannedIn('src/a.test.ts', `test.${word}('x', () => {});`), 1, word);
    const option = treeOf({ 'src/a.test.ts': `test('x', { ${word}: true }, () => {});` });
    assert.deepEqual(leftOutTests(option), [`src/a.test.ts:1 ${word}: every test runs`]);
  }
  assert.equal(bannedIn('src/a.test.ts', "test('x', (t) => t.skip());"), 1);
  const other = treeOf({ 'src/a.test.ts': "test('lists skip', () => list({ skip: 5 }));" });
  assert.deepEqual(leftOutTests(other), []);
  assert.deepEqual(leftOutTests(tree), []);
});

test('no test file is empty', () => {
  const empty = treeOf({
    'src/a.test.ts': '// test();\n',
    'src/b.test.ts': 'exerciseQueue(open);',
  });
  assert.deepEqual(emptyTests(empty), ['src/a.test.ts holds no test']);
  assert.deepEqual(emptyTests(tree), []);
});

test('SQL stands in store files', () => {
  const holds = (path: string, text: string): number =>
    sqlPlaces(treeOf({ [path]: `const s = ${text};\n` })).length;
  assert.deepEqual(sqlPlaces(treeOf({ 'src/payments/a.ts': '\nf(`SELECT 1`);\n' })), [
    'src/payments/a.ts:2 holds SQL: it belongs in a store file',
  ]);
  for (const text of [
    '`\n  WITH rows AS (SELECT 1) SELECT 2`',
    "'update payments set x = 1'",
    `\`INSERT INTO \${table} VALUES (1)\``,
    "'select id from payments'",
  ]) {
    assert.equal(holds('src/payments/settle.ts', text), 1, text);
    assert.equal(holds('src/payments/settle-store.ts', text), 0, text);
    assert.equal(holds('src/users/store.ts', text), 0, text);
  }
  assert.equal(holds('src/api/a.ts', "'select a bank, then pay'"), 0);
  assert.deepEqual(sqlPlaces(tree), []);
});

test('a journey file opens with In, Out, If we die here', () => {
  const header = '/**\n * In: a\n * Out: b\n * If we die here: c\n */\n';
  assert.deepEqual(journeyHeaders(treeOf({ 'src/payments/settle.ts': '/** In: a */\n' })), [
    'src/payments/settle.ts opens without Out: If we die here:',
  ]);
  assert.equal(journeyHeaders(treeOf({ 'src/payments/accept.ts': 'f();\n' })).length, 1);
  const complete = { 'src/payments/recover.ts': `import { a } from './a.ts';\n${header}` };
  assert.deepEqual(journeyHeaders(treeOf(complete)), []);
  assert.deepEqual(journeyHeaders(tree), []);
});

test('the tree holds no banned word', () => {
  assert.deepEqual(bannedWords(tree), []);
});
