import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importCycles, importDirection } from './imports.ts';
import { readTree, treeOf } from './tree.ts';

const tree = readTree();

const judged = (from: string, to: string): string[] =>
  importDirection(treeOf({ [from]: `import { x } from '${to}';\n` }));

test('imports follow the arrows', () => {
  assert.deepEqual(judged('src/ledger/post.ts', '../payments/store.ts'), [
    'src/ledger/post.ts:1 imports src/payments/store.ts: ledger/ may import db/database.ts',
  ]);
  for (const [from, to] of [
    ['src/payments/accept.ts', '../api/server.ts'],
    ['src/ledger/post.ts', '../runtime/loop.ts'],
    ['src/ledger/post.ts', '../settings.ts'],
    ['src/db/external.ts', '../payments/states.ts'],
    ['src/money.ts', './db/database.ts'],
    ['src/payments/accept.ts', '../config.ts'],
    ['src/payments/accept.ts', '../app.ts'],
    ['src/api/server.ts', './server.test.ts'],
    ['src/surprise/x.ts', '../db/database.ts'],
  ] as const)
    assert.equal(judged(from, to).length, 1, `${from} → ${to}`);
  for (const [from, to] of [
    ['src/api/routes/deposits-create.ts', '../../payments/accept.ts'],
    ['src/payments/settle.ts', '../ledger/post.ts'],
    ['src/payments/store.ts', '../db/database.ts'],
    ['src/ledger/post.ts', '../money.ts'],
  ] as const)
    assert.deepEqual(judged(from, to), []);
});

test('only app, cli and tests import a concrete port', () => {
  for (const to of ['../db/external.ts', '../queue/embedded.ts', '../coordination/memory.ts'])
    assert.equal(judged('src/payments/accept.ts', to).length, 1, to);
  assert.equal(judged('src/payments/execute.ts', '../bank/http/client.ts').length, 1);
  assert.deepEqual(judged('src/app.ts', './db/external.ts'), []);
  assert.deepEqual(judged('src/cli/audit.ts', '../db/external.ts'), []);
  assert.deepEqual(judged('src/payments/accept.test.ts', '../db/external.ts'), []);
});

test('the simulator and src/ know nothing of each other', () => {
  assert.equal(judged('simulator/server.ts', '../src/money.ts').length, 1);
  assert.equal(judged('simulator/server.test.ts', '../src/money.ts').length, 1);
  assert.equal(judged('src/bank/http/client.ts', '../../../simulator/bank.ts').length, 1);
  assert.deepEqual(judged('test/e2e/a.test.ts', '../../src/money.ts'), []);
});

test('the SDK stands on its own, and of the gateway only the demo is its client', () => {
  assert.equal(judged('sdk/src/retry.ts', '../../src/money.ts').length, 1);
  assert.equal(judged('src/payments/accept.ts', '../../sdk/src/retry.ts').length, 1);
  assert.deepEqual(judged('sdk/src/webhook.test.ts', '../../src/webhooks/sign.ts'), []);
  assert.deepEqual(judged('src/cli/demo/client.ts', '../../../sdk/src/retry.ts'), []);
});

test('an import() and a type count as imports', () => {
  const seeded = treeOf({
    'src/ledger/a.ts': "const x = await import('../api/server.ts');\n",
    'src/ledger/b.ts': "import type { X } from '../api/server.ts';\n",
    'src/ledger/c.ts': "export { x } from '../api/server.ts';\n",
    'src/ledger/d.ts': "// import { x } from '../api/server.ts';\n",
  });
  assert.equal(importDirection(seeded).length, 3);
});

test('no import cycles', () => {
  const seeded = treeOf({
    'src/b.ts': "import './c.ts';\n",
    'src/c.ts': "import './a.ts';\n",
    'src/a.ts': "import './b.ts';\n",
    'src/free.ts': "import './a.ts';\n",
  });
  assert.deepEqual(importCycles(seeded), ['src/a.ts → src/b.ts → src/c.ts → src/a.ts is a cycle']);
  assert.deepEqual(importCycles(tree), []);
});

test('the tree keeps to it', () => {
  assert.deepEqual(importDirection(tree), []);
});
