import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from './settings.ts';

const least = { BANK_SIMULATOR_DATA: '/tmp/bank.sqlite' };

test('the defaults are a bank of 2 to 10 seconds that fails one time in ten', () => {
  const settings = readSettings(least);
  assert.ok(!('faults' in settings));
  const { host, port, delayMsMin, delayMsMax, successRate, seed } = settings;
  assert.deepEqual(
    { host, port, delayMsMin, delayMsMax, successRate, seed },
    {
      host: '127.0.0.1',
      port: 8001,
      delayMsMin: 2000,
      delayMsMax: 10_000,
      successRate: 0.9,
      seed: null,
    },
  );
});

test('a scenario by its name, or rules, hold from the start, and no secret is told', () => {
  const settings = readSettings({
    ...least,
    BANK_SIMULATOR_SCENARIO: '[{"scenario": "garbled", "count": 2}, {"scenario": "slow"}]',
    BANK_SIMULATOR_CALLBACK_URL: 'http://127.0.0.1:8000/webhooks/bank-callback',
    BANK_WEBHOOK_SECRET: 'the-secret',
  });
  assert.ok(!('faults' in settings));
  const chosen = settings.rules.map(({ scenario, count }) => `${scenario} ${count}`);
  assert.deepEqual(chosen, ['garbled 2', 'slow null']);
  assert.equal(settings.callbacks.secret, 'the-secret');
  assert.doesNotMatch(JSON.stringify(settings.words), /the-secret/);
  const named = readSettings({ ...least, BANK_SIMULATOR_SCENARIO: 'late' });
  assert.ok(!('faults' in named));
  assert.equal(named.rules[0]?.scenario, 'late');
});

const wrong: readonly (readonly [env: Record<string, string>, sentence: RegExp])[] = [
  [{ BANK_SIMULATOR_DATA: '' }, /BANK_SIMULATOR_DATA is missing/],
  [{ BANK_SIMULATOR_DATA: 'here.sqlite' }, /BANK_SIMULATOR_DATA .* absolute/],
  [{ BANK_SIMULATOR_PORT: '70000' }, /BANK_SIMULATOR_PORT \(70000\)/],
  [{ BANK_SIMULATOR_PORT: 'http' }, /BANK_SIMULATOR_PORT \(http\)/],
  [{ BANK_SIMULATOR_MIN_DELAY: '-1' }, /BANK_SIMULATOR_MIN_DELAY \(-1\)/],
  [{ BANK_SIMULATOR_MAX_DELAY: '3601' }, /BANK_SIMULATOR_MAX_DELAY \(3601\)/],
  [{ BANK_SIMULATOR_MIN_DELAY: '11' }, /MIN_DELAY \(11\) is above BANK_SIMULATOR_MAX_DELAY \(10\)/],
  [{ BANK_SIMULATOR_SUCCESS_RATE: '1.5' }, /BANK_SIMULATOR_SUCCESS_RATE \(1.5\)/],
  [{ BANK_SIMULATOR_SUCCESS_RATE: '90%' }, /BANK_SIMULATOR_SUCCESS_RATE \(90%\)/],
  [{ BANK_SIMULATOR_SEED: 'x' }, /BANK_SIMULATOR_SEED \(x\)/],
  [{ BANK_SIMULATOR_SCENARIO: 'kind' }, /BANK_SIMULATOR_SCENARIO: scenario must be one of exec/],
  [{ BANK_SIMULATOR_SCENARIO: '{"scenario":' }, /BANK_SIMULATOR_SCENARIO: a rule is an object/],
  [{ BANK_SIMULATOR_CALLBACK_URL: 'here' }, /BANK_SIMULATOR_CALLBACK_URL \(here\)/],
  [{ BANK_SIMULATOR_CALLBACK_URL: 'http://127.0.0.1:1' }, /BANK_WEBHOOK_SECRET is missing/],
  [{ LOG_LEVEL: 'loud' }, /LOG_LEVEL \(loud\)/],
  [{ LOG_FORMAT: 'xml' }, /LOG_FORMAT \(xml\)/],
];

for (const [env, sentence] of wrong) {
  test(`${JSON.stringify(env)} is refused in one sentence`, () => {
    const settings = readSettings({ ...least, ...env });
    assert.ok('faults' in settings);
    assert.equal(settings.faults.length, 1);
    assert.match(settings.faults[0] ?? '', sentence);
  });
}
