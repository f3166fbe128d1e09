import { once } from 'node:events';
import { resolve } from 'node:path';
import { startTestServer } from '../test/support/postgres.ts';
import { findMatrix, findTests } from './test-files.ts';
import { type Counts, runTests } from './test-run.ts';
import { startSharedServers } from './test-servers.ts';
import { runTool } from './test-tool.ts';

/**
 * The gate, the same here and in CI: `npm test` checks format, types and lint and runs every test;
 * `npm test -- webhooks money` runs only the test files whose path contains one of the words (or
 * matches it as a glob); `--coverage` measures src/ and refuses less than 70 % of its lines;
 * `--matrix` runs the end-to-end suite in every mode instead.
 *
 * Its last line is `N passed, N failed, N skipped`, over everything that ran.
 */
/** In this order, cheapest to fix first. */
const checks: readonly (readonly [string, readonly [string, ...string[]]])[] = [
  ['format', ['biome', 'check', '.']],
  ['types', ['tsc', '-p', '.']],
  ['lint', ['oxlint', '--type-aware']],
];

// Exits by itself: a handle that somebody forgot must not keep the gate open.
process.exit(await main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<number> {
  process.chdir(resolve(import.meta.dirname, '..'));
  const coverage = args.includes('--coverage');
  const isMatrix = args.includes('--matrix');
  const patterns = args.filter((arg) => !['--coverage', '--matrix'].includes(arg));
  const unknown = patterns.filter((pattern) => pattern.startsWith('-'));
  if (unknown.length > 0) return refuse(`unknown option ${unknown.join(' ')}`);
  if (isMatrix && patterns.length > 0) return refuse('--matrix runs the whole end-to-end suite');
  const isCi = process.env['CI'] === 'true';
  const files = isMatrix ? findMatrix() : findTests(patterns, undefined, undefined, isCi);
  if (files.missing.length > 0) return refuse(`no test file matches ${files.missing.join(', ')}`);

  const stopping = stopOnSignal();
  const times: string[] = [];
  const stage = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    console.log(`\n== ${name}`);
    const startedAt = performance.now();
    const result = await work();
    times.push(`${name} ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
    return result;
  };

  if (patterns.length === 0 && !isMatrix) {
    for (const [name, command] of checks) {
      const exit = await stage(name, () => runTool(command, stopping));
      if (exit !== 0) return refuse(`${name} failed (${command.join(' ')}); no test was run`);
    }
  }
  const totals: Counts = { passed: 0, failed: 0, skipped: 0, isWhole: true };
  const database = await stage('database', startTestServer);
  const stops = [database.stop];
  try {
    const shared = await stage('shared servers', () => startSharedServers(files.groups));
    stops.push(shared.stop);
    const servers = { ...process.env, ...database.env, ...shared.env };
    for (const group of files.groups) {
      if (stopping.aborted || group.files.length === 0) continue;
      const env = { ...servers, TEST_MODE: group.mode };
      add(totals, await stage(group.name, () => runTests(group, { env, coverage, stopping })));
    }
  } finally {
    for (const stop of stops) await stop();
  }
  console.log(`\n${times.join(' · ')}`);
  if (stopping.aborted) console.log('interrupted: not every test was run');
  console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
  return totals.failed === 0 && totals.isWhole && !stopping.aborted ? 0 : 1;
}

function add(totals: Counts, counts: Counts): void {
  totals.passed += counts.passed;
  totals.failed += counts.failed;
  totals.skipped += counts.skipped;
  totals.isWhole &&= counts.isWhole;
}

function refuse(sentence: string): number {
  console.error(`\n${sentence}`);
  return 1;
}

/** Ctrl-C ends the running stage; the server is stopped on the way out as after any other run. */
function stopOnSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    void once(process, name).then(() => controller.abort());
  return controller.signal;
}
