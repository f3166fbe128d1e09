import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findMatrix, findTests } from './test-files.ts';

const tree = ['test/crash/kill.test.ts', 'src/money.test.ts', 'test/e2e/deposit.test.ts'];
const chosen = (...patterns: string[]) =>
  findTests(patterns, tree).groups.map(({ files }) => files.join(' '));

test('without a pattern every test runs, the heavy ones in a group of their own', () => {
  assert.deepEqual(chosen(), ['src/money.test.ts test/e2e/deposit.test.ts', '', tree[0]]);
});

test('without a pattern the core of the journey runs in distributed mode too', () => {
  const journey = 'test/e2e/journey.test.ts';
  const distributed = findTests([], [...tree, journey], 'embedded').groups.filter(
    ({ mode }) => mode === 'distributed',
  );
  assert.deepEqual(
    distributed.map(({ files }) => files),
    [[journey]],
  );
});

test('the matrix is the end-to-end suite, whole, in every mode', () => {
  const { groups, missing } = findMatrix(tree);
  const modes = ['embedded', 'distributed', 'mixed-rabbitmq', 'mixed-redis'];
  assert.deepEqual(
    groups.map(({ mode, files }) => [mode, files]),
    modes.map((mode) => [mode, ['test/e2e/deposit.test.ts']]),
  );
  assert.deepEqual(missing, []);
  assert.equal(findMatrix([]).missing.length, 1, 'no suite is no success');
});

test('failovers of clusters run in CI, and where a pattern names them', () => {
  const failover = 'test/cluster/failover.test.ts';
  assert.deepEqual(findTests([], [...tree, failover]).groups, findTests([], tree).groups);
  assert.deepEqual(findTests(['test/cluster'], [...tree, failover]).groups[2]?.files, [failover]);
  const inCi = findTests([], [...tree, failover], 'embedded', true);
  assert.ok(inCi.groups[2]?.files.includes(failover));
});

test('a pattern is a part of the path or a glob', () => {
  assert.deepEqual(chosen('money'), ['src/money.test.ts', '', '']);
  assert.deepEqual(chosen('test/**/*.test.ts'), ['test/e2e/deposit.test.ts', '', tree[0]]);
});

test('a pattern that matches nothing, and a tree without tests, are said to be missing', () => {
  assert.deepEqual(findTests(['money', 'mony'], tree).missing, ['mony']);
  assert.equal(findTests([], []).missing.length, 1);
});
