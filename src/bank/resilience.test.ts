import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../test/support/books.ts';
import {
  approved,
  declined,
  notFound,
  openScriptedBank,
  pending,
  retryable,
  unknown,
} from '../../test/support/scripted-bank.ts';
import type { Clock } from '../clock.ts';
import type { BankCall, BankOrder, ResilientBank } from './bank.ts';
import { openResilience } from './resilience.ts';

const order: BankOrder = { reference: 'r', kind: 'deposit', amountMinor: 1n, currency: 'USD' };
const call: BankCall = { deadlineMs: 1_000, requestId: 'request-1' };

function wrap(bank: Parameters<typeof openResilience>[0]) {
  let passed = 0;
  const clock: Clock = { now: () => 1_700_000_000_000 + passed, monotonic: () => passed };
  const options = { failures: 5, openMs: 60_000, callsMax: 500, clock, log: silentLog };
  return {
    bank: openResilience(bank, options),
    pass: (ms: number) => {
      passed += ms;
    },
  };
}

async function submitTimes(bank: ResilientBank, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) await bank.submit(order, call);
}

test('unknown and retryable are failures; a decline, a pending and a not found are answers', async () => {
  for (const [outcome, opens] of [
    [unknown, true],
    [retryable, true],
    [declined, false],
    [approved, false],
  ] as const) {
    const { bank } = wrap(openScriptedBank({ submits: [outcome] }));
    await submitTimes(bank, 10);
    assert.equal(bank.snapshot().state === 'open', opens, outcome.kind);
  }
  for (const [outcome, opens] of [
    [unknown, true],
    [pending, false],
    [notFound, false],
  ] as const) {
    const { bank } = wrap(openScriptedBank({ inquiries: [outcome] }));
    for (let n = 0; n < 10; n += 1) await bank.inquire(order, call);
    assert.equal(bank.snapshot().state === 'open', opens, outcome.kind);
  }
});

test('its changes are told at once, with the moment of each', async () => {
  const { bank, pass } = wrap(openScriptedBank({ submits: [retryable] }));
  const told: string[] = [];
  bank.onChange(() => told.push(bank.snapshot().state));
  pass(5_000);
  await submitTimes(bank, 5);
  const { state, since, opened, callsMax } = bank.snapshot();
  assert.deepEqual([state, opened, callsMax], ['open', 1, 0]);
  assert.equal(since.getTime(), 1_700_000_005_000);
  pass(60_000);
  assert.equal(bank.callsMax(), 1);
  assert.deepEqual(told, ['open', 'half_open']);
});

test('what a connector throws against its promise is unknown, and a failure', async () => {
  const broken = () => Promise.reject(new Error('it has a bug'));
  const { bank } = wrap({ ...openScriptedBank({}), submit: broken });
  const outcome = await bank.submit(order, call);
  assert.deepEqual(outcome, {
    kind: 'unknown',
    evidence: 'the connector failed: it has a bug',
  });
  await submitTimes(bank, 4);
  assert.equal(bank.snapshot().state, 'open');
});
