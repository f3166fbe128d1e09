import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openHistogram } from './histogram.ts';
import { median } from './measure.ts';
import { atLeast, atMost, figure } from './report.ts';

const run = promisify(execFile);
const folder = fileURLToPath(new URL('..', import.meta.url));

/** Every side once, briefly; the exit code says that money was conserved after each. */
test('the short form measures, proves the money and ends with one JSON object', async () => {
  const figures = await runShortForm('sustained', 'latency');
  assert.ok(figures.length >= 15, `${figures.length} figures`);
  for (const one of figures) {
    const { name, value, unit, goal, met } = one;
    assert.ok(typeof name === 'string' && name !== '');
    assert.ok(typeof value === 'number' && Number.isFinite(value), name);
    assert.ok(typeof unit === 'string' && unit !== '');
    assert.ok(goal === null || (typeof goal === 'string' && /^[≥≤] [\d.]+$/.test(goal)), name);
    assert.ok(met === null || typeof met === 'boolean');
  }
  const settled = figures.find((one) => one['name'] === 'sustained settled');
  assert.ok(Number(settled?.['value']) > 0);
});

test('the same arms measure an API and a worker, and say so in each name', async () => {
  const figures = await runShortForm('latency', '--mode=distributed');
  assert.ok(figures.length >= 4, `${figures.length} figures`);
  for (const { name, value } of figures) {
    assert.match(String(name), /^distributed: /);
    assert.ok(Number(value) > 0, String(name));
  }
});

async function runShortForm(
  ...words: readonly string[]
): Promise<readonly Record<string, unknown>[]> {
  const args = ['bench/main.ts', ...words, '--quick', '--json'];
  const { stdout } = await run(process.execPath, args, { cwd: folder });
  return readFigures(stdout);
}

function readFigures(stdout: string): readonly Record<string, unknown>[] {
  const last: unknown = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  assert.ok(typeof last === 'object' && last !== null && 'figures' in last);
  assert.ok(Array.isArray(last.figures));
  return last.figures.map((one: unknown) => {
    assert.ok(typeof one === 'object' && one !== null);
    return { ...one };
  });
}

for (const word of ['no-such-arm', '--mode=no-such-mode'])
  test(`${word} is refused with the list of what there is`, async () => {
    const refused = await run(process.execPath, ['bench/main.ts', word], {
      cwd: folder,
    }).catch((error: unknown) => error);
    assert.ok(refused instanceof Error && 'code' in refused && 'stderr' in refused);
    assert.equal(refused.code, 2);
    for (const file of readdirSync(new URL('arms', import.meta.url)))
      assert.match(String(refused.stderr), new RegExp(`^  ${file.replace('.ts', '')} `, 'm'));
  });

test('percentiles are within one hundredth of the sorted truth', () => {
  const histogram = openHistogram();
  const samples = Array.from({ length: 10_001 }, (_, n) => 50 + n * 7);
  for (const one of samples) histogram.record(one);
  const { count, p50, p95, p99, max } = histogram.read();
  assert.equal(count, samples.length);
  assert.equal(max, (samples.at(-1) ?? 0) / 1000);
  for (const [share, seen] of [[0.5, p50] as const, [0.95, p95] as const, [0.99, p99] as const]) {
    const truth = (samples[Math.ceil(samples.length * share) - 1] ?? 0) / 1000;
    assert.ok(Math.abs(seen - truth) / truth < 0.01, `${share}: ${seen} for ${truth}`);
  }
});

test('a figure is the median of its repeats, judged by its goal', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([1, 3]), 2);
  assert.equal(figure('x', 'ratio', [0.4, 0.6, 0.5], atLeast(0.5)).met, true);
  assert.equal(figure('x', 'ms', [12, 9, 11], atMost(10)).met, false);
  assert.deepEqual(figure('x', 'ms', [3, 1, 2]).range, [1, 3]);
  assert.equal(figure('x', 'ms', [1]).goal, null);
});
