import { once } from 'node:events';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import type { TestGroup } from './test-files.ts';

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  /** False: the runner is not content although no test failed (too little coverage, no summary). */
  isWhole: boolean;
}

export interface TestRunOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly coverage: boolean;
  readonly stopping: AbortSignal;
}

/** Runs each file in a process of its own and prints as it goes. */
export async function runTests(group: TestGroup, options: TestRunOptions): Promise<Counts> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0, isWhole: false };
  const events = run({
    files: [...group.files],
    concurrency: group.concurrency,
    timeout: group.timeoutMs,
    signal: options.stopping,
    env: options.env,
    ...(options.coverage ? coverageOfSources : {}),
  });
  events.on('test:summary', (summary) => {
    // One for each file, and one without a name for all of them.
    if (summary.file !== undefined) return;
    counts.passed = summary.counts.passed;
    counts.failed = summary.counts.tests - summary.counts.passed - notRun(summary.counts);
    counts.skipped = notRun(summary.counts);
    counts.isWhole = summary.success;
  });
  const printed = events.compose(new spec());
  printed.pipe(process.stdout, { end: false });
  await once(printed, 'end');
  return counts;
}

/** Neither passed nor failed. A cancelled test counts as failed. */
function notRun(counts: { readonly skipped: number; readonly todo: number }): number {
  return counts.skipped + counts.todo;
}

const coverageOfSources = {
  coverage: true,
  coverageIncludeGlobs: ['src/**'],
  coverageExcludeGlobs: ['src/**/*.test.ts', 'src/**/conformance.ts'],
  lineCoverage: 70,
};
