import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scenarioOfAmount, scenariosByAmount } from './amounts.ts';
import { type Draw, decide, drawDelayMs } from './decide.ts';
import { secureRandom, seededRandom } from './random.ts';
import { scenarios } from './scenarios.ts';

const drawsMax = 20_000;

test('the success rate is kept, and failures are spread evenly over four', () => {
  const random = seededRandom(7);
  const counts = new Map<string, number>();
  for (let n = 0; n < drawsMax; n += 1) {
    const word = wordOf(decide({ forced: null, successRate: 0.6 }, random));
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const share = (word: string): number => (counts.get(word) ?? 0) / drawsMax;
  assert.ok(Math.abs(share('executed') - 0.6) < 0.02);
  for (const word of ['INSUFFICIENT_FUNDS', 'INVALID_REQUEST', 'unavailable'])
    assert.ok(Math.abs(share(word) - 0.1) < 0.01, `${word}: ${share(word)}`);
  for (const word of ['timeout, moved', 'timeout, not moved'])
    assert.ok(Math.abs(share(word) - 0.05) < 0.01, `${word}: ${share(word)}`);
});

test('rate 1 always executes and rate 0 never', () => {
  const random = secureRandom();
  for (let n = 0; n < 2000; n += 1) {
    const question = { forced: null };
    assert.equal(decide({ ...question, successRate: 1 }, random).kind, 'executed');
    assert.notEqual(decide({ ...question, successRate: 0 }, random).kind, 'executed');
  }
});

test('a delay is uniform between its bounds', () => {
  const random = seededRandom(3);
  const bounds = { delayMsMin: 2000, delayMsMax: 10_000 };
  const delays = Array.from({ length: drawsMax }, () => drawDelayMs(bounds, random));
  const mean = delays.reduce((sum, delay) => sum + delay, 0) / drawsMax;
  assert.ok(delays.every((delay) => delay >= 2000 && delay < 10_000));
  assert.ok(Math.abs(mean - 6000) < 100, `mean ${mean}`);
  const early = delays.filter((delay) => delay < 4000).length / drawsMax;
  assert.ok(Math.abs(early - 0.25) < 0.02, `a quarter of the range holds ${early}`);
  assert.equal(drawDelayMs({ delayMsMin: 0, delayMsMax: 0 }, random), 0);
});

test('one seed is one sequence', () => {
  const [one, other] = [seededRandom(42), seededRandom(42)];
  for (let n = 0; n < 100; n += 1) assert.equal(one(), other());
  assert.notEqual(seededRandom(1)(), seededRandom(2)());
});

const never = (): number => assert.fail('a forced result draws nothing');

const forced: readonly (readonly [amount: string, words: readonly string[]])[] = [
  ['777101', ['executed', 'executed']],
  ['777102', ['INSUFFICIENT_FUNDS', 'INSUFFICIENT_FUNDS']],
  ['777103', ['INVALID_REQUEST', 'INVALID_REQUEST']],
  ['777104', ['unavailable', 'unavailable', 'unavailable', 'unavailable', 'unavailable']],
  ['777105', ['unavailable', 'unavailable', 'executed']],
  ['777106', ['timeout, moved']],
  ['777107', ['timeout, not moved', 'executed']],
  ['777110', ['timeout, not moved', 'executed']],
  ['777136', ['INSUFFICIENT_FUNDS']],
];

for (const [amount, words] of forced) {
  test(`amount ${amount} forces ${words.join(', then ')}`, () => {
    for (const [submitsBefore, word] of words.entries()) {
      const scenario = scenarioOfAmount(amount, submitsBefore);
      assert.ok(scenario !== null);
      assert.equal(wordOf(decide({ forced: scenario.draw, successRate: 0.5 }, never)), word);
    }
  });
}

test('every amount of the series forces its result, and no other does', () => {
  for (const [amount, names] of scenariosByAmount) {
    for (const [submitsBefore, name] of names.entries())
      assert.deepEqual(scenarioOfAmount(amount, submitsBefore), scenarios[name]);
    assert.deepEqual(scenarioOfAmount(amount, 99), scenarioOfAmount(amount, names.length - 1));
  }
  for (const amount of ['100', '777100', '7771010', '77710']) {
    assert.equal(scenarioOfAmount(amount, 0), null);
  }
});

function wordOf(draw: Draw): string {
  if (draw.kind === 'declined') return draw.code;
  if (draw.kind === 'timeout') return draw.moved ? 'timeout, moved' : 'timeout, not moved';
  return draw.kind;
}
