import { globSync } from 'node:fs';
import { matchesGlob } from 'node:path';
import { type TestModeName, testMode, testModes } from '../test/support/test-mode.ts';

export interface TestGroup {
  readonly name: string;
  readonly files: readonly string[];
  readonly concurrency: number;
  /** What the gateways of these tests are made of: their TEST_MODE. */
  readonly mode: TestModeName;
  /** Milliseconds that one file, and so one test, may take. */
  readonly timeoutMs: number;
}

export interface FoundTests {
  readonly groups: readonly TestGroup[];
  /** Patterns that match nothing; a run over nothing must not pass. */
  readonly missing: readonly string[];
}

/** The suite that holds in every mode. */
const inEveryMode = 'test/e2e/';

/**
 * What of it runs in every `make test` on real RabbitMQ and Redis too; all of it, in all modes, is
 * `make test-matrix`.
 */
const core = ['journey', 'concurrency', 'idempotency', 'shutdown'];

const everywhere = '{src,simulator,sdk,test,tools,bench}/**/*.test.ts';

/**
 * Failovers of whole clusters: minutes of waiting for elections. They run in CI, and where a
 * pattern names them, as `make test-cluster` does.
 */
const onRequest = 'test/cluster/';

/** These kill processes and load the machine: last, and one at a time. */
const heavy = ['test/crash/', 'test/distributed/', 'test/stress/', onRequest];

/**
 * The test files below the current folder that match any of the patterns, in the mode that
 * TEST_MODE names. Without a pattern all but those on request, and the core of the journey in
 * distributed mode.
 */
export function findTests(
  patterns: readonly string[],
  files = globSync(everywhere),
  mode = testMode(),
  withClusters = false,
): FoundTests {
  const all = files.toSorted();
  const matches = (file: string, pattern: string): boolean =>
    file.includes(pattern) || matchesGlob(file, pattern);
  const isEverything = patterns.length === 0;
  const chosen = isEverything
    ? all.filter((file) => withClusters || !file.startsWith(onRequest))
    : all.filter((file) => patterns.some((pattern) => matches(file, pattern)));
  const isHeavy = (file: string): boolean => heavy.some((folder) => file.startsWith(folder));
  const isCore = (file: string): boolean =>
    core.some((name) => file === `${inEveryMode}${name}.test.ts`);
  const missing = patterns.filter((pattern) => !all.some((file) => matches(file, pattern)));
  return {
    groups: [
      { ...light, name: 'tests', mode, files: chosen.filter((file) => !isHeavy(file)) },
      {
        ...light,
        name: 'core of the journey, distributed',
        mode: 'distributed',
        files: isEverything && mode !== 'distributed' ? all.filter(isCore) : [],
      },
      {
        name: 'crash and stress tests',
        mode,
        files: chosen.filter(isHeavy),
        concurrency: 1,
        timeoutMs: 600_000,
      },
    ],
    missing: all.length === 0 ? [everywhere] : missing,
  };
}

const light = { concurrency: 2, timeoutMs: 180_000 };

/** The whole end-to-end suite, once in each mode. */
export function findMatrix(files = globSync(everywhere)): FoundTests {
  const suite = files.filter((file) => file.startsWith(inEveryMode)).toSorted();
  // Proven by testModes itself: Object.keys forgets what its keys are.
  const modes = Object.keys(testModes) as TestModeName[];
  return {
    groups: modes.map((mode) => ({ ...light, name: `end to end, ${mode}`, mode, files: suite })),
    missing: suite.length === 0 ? [inEveryMode] : [],
  };
}
