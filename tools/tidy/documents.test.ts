import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settings } from '../../src/config-table.ts';
import { describeSettings } from '../../src/settings.ts';
import { brokenLinks, machinePaths } from './documents.ts';
import { readTree, treeOf } from './tree.ts';

const tree = readTree();

test('no file names a folder of one machine or a download address', () => {
  // Put together, so that this file does not break the rule that it tests.
  const [slash, host, field] = ['/', 'registry', 'resolved'];
  const named = [
    `cd ${slash}work/main`,
    `see ${slash}home/ann/notes`,
    `path: "${slash}root/.cache"`,
    `https://${host}.example.org/x`,
    `"${field}": "https://example.org/a.tgz"`,
  ];
  for (const line of named)
    assert.equal(machinePaths(treeOf({ 'docs/a.md': `\n${line}\n` })).length, 1, line);
  const fine = 'see /api/v1/users/me, a homework/x, ./work/x and /tmp/x\n';
  assert.deepEqual(machinePaths(treeOf({ 'docs/a.md': fine })), []);
  assert.deepEqual(machinePaths(tree), []);
});

test('every relative link leads somewhere', () => {
  const seeded = treeOf({
    'README.md': [
      '[a](docs/a.md) [b](docs/b.md) [folder](docs/) [web](https://example.org/x)',
      '[here](#what-it-is) [there](docs/a.md#gone) `[code](nowhere.md)`',
      '## What it is?',
      '```',
      '[code](nowhere.md)',
      '```',
    ].join('\n'),
    'docs/a.md': '[up](../README.md#what-it-is) [lost](../lost.md)',
  });
  assert.deepEqual(brokenLinks(seeded), [
    'README.md:1 links to docs/b.md, which does not exist',
    'README.md:2 links to docs/a.md#gone, which does not exist',
    'docs/a.md:1 links to ../lost.md, which does not exist',
  ]);
  assert.deepEqual(brokenLinks(tree), []);
});

test('.env.example holds every setting as the code has it', () => {
  const fresh = describeSettings(settings);
  assert.match(fresh, /^PORT=8000$/m);
  assert.equal(tree.files.get('.env.example'), fresh, 'run `node tools/env-example.ts`');
});
