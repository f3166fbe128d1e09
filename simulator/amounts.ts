import { type Scenario, type ScenarioName, scenarios } from './scenarios.ts';

/**
 * Amounts (minor units) that force a scenario, so that a test or a demo can ask for one. 7,771.01
 * and up are amounts that nobody pays by chance; CREDENTIALS.md lists what comes of each.
 */
export function scenarioOfAmount(amount: string, submitsBefore: number): Scenario | null {
  const names = scenariosByAmount.get(amount);
  if (names === undefined) return null;
  const name = names[Math.min(submitsBefore, names.length - 1)];
  return name === undefined ? null : scenarios[name];
}

/** For the first submit, the second and so on; the last one stays. */
export const scenariosByAmount: ReadonlyMap<string, readonly ScenarioName[]> = new Map<
  string,
  readonly ScenarioName[]
>([
  ['777101', ['executed']],
  ['777102', ['insufficient-funds']],
  ['777103', ['invalid-request']],
  ['777104', ['unavailable']],
  ['777105', ['unavailable', 'unavailable', 'executed']],
  ['777106', ['timeout-moved']],
  ['777107', ['timeout-not-moved', 'executed']],
  ['777108', ['silent-moved', 'executed']],
  ['777109', ['silent-not-moved', 'executed']],
  ['777110', ['late-after-inquiry', 'executed']],
  ['777111', ['slow']],
  ['777112', ['drip', 'executed']],
  ['777113', ['cut', 'executed']],
  ['777114', ['hang-up', 'executed']],
  ['777115', ['garbled', 'executed']],
  ['777116', ['huge', 'executed']],
  ['777117', ['surplus', 'executed']],
  ['777118', ['wrong-amount', 'executed']],
  ['777119', ['wrong-currency', 'executed']],
  ['777120', ['wrong-reference', 'executed']],
  ['777121', ['server-error', 'server-error', 'executed']],
  ['777122', ['server-error-moved', 'executed']],
  ['777123', ['outage-503', 'outage-hang-up', 'executed']],
  ['777124', ['timeout-dup-charges']],
  ['777125', ['callback-before']],
  ['777126', ['callback-after']],
  ['777127', ['callback-instead']],
  ['777128', ['callback-never']],
  ['777129', ['callback-five-times']],
  ['777130', ['callback-out-of-order']],
  ['777131', ['callback-forged']],
  ['777132', ['callback-stale']],
  ['777133', ['callback-wrong-amount']],
  ['777134', ['declined-then-paid']],
  ['777135', ['paid-then-declined']],
  ['777136', ['paid-never-moved']],
]);
