import { globSync } from 'node:fs';
import { matchesGlob } from 'node:path';

export interface TestGroup {
  readonly name: string;
  readonly files: readonly string[];
  readonly concurrency: number;
  /** Milliseconds that one file, and so one test, may take. */
  readonly timeoutMs: number;
}

export interface FoundTests {
  readonly groups: readonly TestGroup[];
  /** Patterns that match nothing; a run over nothing must not pass. */
  readonly missing: readonly string[];
}

const everywhere = '{src,simulator,test,tools,bench}/**/*.test.ts';

/**
 * Failovers of whole clusters: minutes of waiting for elections. They run where a pattern names
 * them, as `make test-cluster` does.
 */
const onRequest = 'test/cluster/';

/** These kill processes and load the machine: last, and one at a time. */
const heavy = ['test/crash/', 'test/distributed/', 'test/stress/', onRequest];

/**
 * The test files below the current folder that match any of the patterns; without a pattern all but
 * those on request.
 */
export function findTests(patterns: readonly string[], files = globSync(everywhere)): FoundTests {
  const all = files.toSorted();
  const matches = (file: string, pattern: string): boolean =>
    file.includes(pattern) || matchesGlob(file, pattern);
  const chosen =
    patterns.length === 0
      ? all.filter((file) => !file.startsWith(onRequest))
      : all.filter((file) => patterns.some((pattern) => matches(file, pattern)));
  const isHeavy = (file: string): boolean => heavy.some((folder) => file.startsWith(folder));
  const missing = patterns.filter((pattern) => !all.some((file) => matches(file, pattern)));
  return {
    groups: [
      {
        name: 'tests',
        files: chosen.filter((file) => !isHeavy(file)),
        concurrency: 2,
        timeoutMs: 180_000,
      },
      {
        name: 'crash and stress tests',
        files: chosen.filter(isHeavy),
        concurrency: 1,
        timeoutMs: 600_000,
      },
    ],
    missing: all.length === 0 ? [everywhere] : missing,
  };
}
