import { environment } from '../../src/config.ts';
import type { WorkerRole } from '../../src/workers/store.ts';

/**
 * Which ports a test's gateway has, and as which processes it runs: `TEST_MODE` decides, so that
 * one suite holds for all of them. `npm run test:matrix` runs test/e2e once in each.
 */
export interface TestMode {
  readonly queue: 'embedded' | 'rabbitmq';
  readonly coordination: 'memory' | 'redis';
  /** One process for each. */
  readonly roles: readonly [WorkerRole, ...WorkerRole[]];
}

/** By the word of TEST_MODE. */
export const testModes = {
  embedded: { queue: 'embedded', coordination: 'memory', roles: ['all'] },
  distributed: { queue: 'rabbitmq', coordination: 'redis', roles: ['api', 'worker', 'worker'] },
  'mixed-rabbitmq': { queue: 'rabbitmq', coordination: 'memory', roles: ['all'] },
  'mixed-redis': { queue: 'embedded', coordination: 'redis', roles: ['all'] },
} as const satisfies Readonly<Record<string, TestMode>>;

export type TestModeName = keyof typeof testModes;

/** @throws where TEST_MODE is no mode: a run in another one than was asked for proves nothing. */
export function testMode(): TestModeName {
  const word = environment()['TEST_MODE'] ?? 'embedded';
  if (isModeName(word)) return word;
  throw new Error(`TEST_MODE (${word}) must be one of ${Object.keys(testModes).join(', ')}`);
}

const isModeName = (word: string): word is TestModeName => Object.hasOwn(testModes, word);
