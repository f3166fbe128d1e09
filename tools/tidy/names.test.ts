import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settings } from '../../src/config-table.ts';
import { bannedNames, conformanceFaults, portFaults, reExports } from './names.ts';
import { readTree, treeOf } from './tree.ts';

const tree = readTree();

/** What a setting may be, as its range names it: `one of a, b`. */
const wordsOf = (setting: { readonly range: string }): string[] =>
  setting.range.replace(/^one of /, '').split(', ');

const choices = [
  { setting: 'QUEUE', folder: 'queue', words: wordsOf(settings.QUEUE) },
  { setting: 'COORDINATION', folder: 'coordination', words: wordsOf(settings.COORDINATION) },
  { setting: 'DATABASE', folder: 'db', words: wordsOf(settings.DATABASE) },
];

test('no file or folder has a name that takes in everything', () => {
  const seeded = treeOf({
    'src/utils/money.ts': '',
    'src/api/helpers.ts': '',
    'src/api/types.test.ts': '',
    'src/payments/index.ts': '',
    'src/payments/commonly.ts': '',
  });
  assert.deepEqual(bannedNames(seeded), [
    'src/utils/money.ts: utils is a banned name; name it by its reason',
    'src/api/helpers.ts: helpers is a banned name; name it by its reason',
    'src/api/types.test.ts: types is a banned name; name it by its reason',
    'src/payments/index.ts: index is a banned name; name it by its reason',
  ]);
  assert.deepEqual(bannedNames(tree), []);
});

test('no file only re-exports', () => {
  const seeded = treeOf({
    'src/all.ts': "/** All. */\nexport * from './a.ts';\nexport { b } from './b.ts';\n",
    'src/own.ts': "export { b } from './b.ts';\nexport const a = 1;\n",
  });
  assert.deepEqual(reExports(seeded), [
    'src/all.ts only re-exports; import from the files themselves',
  ]);
  assert.deepEqual(reExports(tree), []);
});

test('the config word is the name of the file', () => {
  const seeded = treeOf({ 'src/queue/embedded.ts': '' });
  const words = ['embedded', 'rabbitmq'];
  assert.deepEqual(portFaults(seeded, [{ setting: 'QUEUE', folder: 'queue', words }]), [
    'QUEUE=rabbitmq has no src/queue/rabbitmq.ts',
  ]);
  assert.deepEqual(portFaults(tree, choices), []);
});

test('every port has one suite, and every implementation calls it', () => {
  const ports = [{ folder: 'queue', implementations: ['embedded', 'rabbitmq'] }];
  const suite = 'export function exerciseQueue(open: () => void): void {}';
  assert.deepEqual(conformanceFaults(treeOf({}), ports), ['src/queue/ has no conformance.ts']);
  const seeded = treeOf({
    'src/queue/conformance.ts': suite,
    'src/queue/embedded.test.ts': 'exerciseQueue(open);',
    'src/queue/rabbitmq.test.ts': "test('something else', () => {});",
  });
  assert.deepEqual(conformanceFaults(seeded, ports), [
    'src/queue/rabbitmq.test.ts does not call exerciseQueue()',
  ]);
  assert.deepEqual(
    conformanceFaults(tree, [
      { folder: 'queue', implementations: wordsOf(settings.QUEUE) },
      { folder: 'coordination', implementations: wordsOf(settings.COORDINATION) },
      // Embedded starts a server and then speaks to it as external does.
      { folder: 'db', implementations: ['external'] },
      { folder: 'bank', implementations: ['http/connector'] },
    ]),
    [],
  );
});
