import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../config.ts';
import { judgeExchange, restFor, retryDelayMs } from './schedule.ts';
import type { Exchange } from './send.ts';

const [second, minute, hour] = [1_000, 60_000, 3_600_000];
const table = [
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];

test('H6 the table of retries is the one that is documented: ten attempts in 3.2 days', () => {
  const { WEBHOOK_RETRY_DELAYS_SECONDS: delays } = readConfig({});
  assert.deepEqual(
    delays.map((seconds) => seconds * second),
    table,
  );
  const total = table.reduce((sum, one) => sum + one, 0) / (24 * hour);
  assert(total > 3.1 && total < 3.2, `${total} days`);
});

test('H6 each delay is the one of the table, 20 % less or more, and after ten attempts there is none', () => {
  const delayMs = (failures: number, random: number) =>
    retryDelayMs({ failures, delaysMs: table, retryAfterMs: null, random });
  for (const [index, base] of table.entries()) {
    assert.equal(delayMs(index + 1, 0), base * 0.8);
    assert.equal(delayMs(index + 1, 0.5), base);
    assert.equal(delayMs(index + 1, 1), Math.round(base * 1.2));
  }
  assert.equal(delayMs(10, 0.5), null);
});

test('H7 Retry-After makes a wait longer, never shorter, and never adds an attempt', () => {
  const delayMs = (failures: number, retryAfterMs: number) =>
    retryDelayMs({ failures, delaysMs: table, retryAfterMs, random: 0.5 });
  assert.equal(delayMs(1, 60 * second), 60 * second);
  assert.equal(delayMs(2, 60 * second), 5 * minute);
  assert.equal(delayMs(1, 365 * 24 * hour), 24 * hour);
  assert.equal(delayMs(10, 60 * second), null);
});

const now = Date.parse('2026-01-01T00:00:00Z');
const answered = (status: number, retryAfter: string | null = null): Exchange => ({
  kind: 'answered',
  status,
  retryAfter,
  answer: '',
});

const statuses: readonly (readonly [number, string])[] = [
  [200, 'delivered'],
  [204, 'delivered'],
  [299, 'delivered'],
  [300, 'redirect'],
  [302, 'redirect'],
  [304, 'redirect'],
  [400, 'status'],
  [401, 'status'],
  [404, 'status'],
  [410, 'gone'],
  [429, 'status slows'],
  [500, 'status'],
  [502, 'status slows'],
  [503, 'status'],
  [504, 'status slows'],
  [0, 'status'],
];
for (const [status, meaning] of statuses) {
  test(`H7 an answer of ${status}: ${meaning}`, () => {
    const verdict = judgeExchange(answered(status), now);
    const slows = verdict.kind === 'failed' && verdict.slows ? ' slows' : '';
    const said = verdict.kind === 'failed' ? verdict.error + slows : verdict.kind;
    assert.equal(said, meaning);
  });
}

const retryAfters: readonly (readonly [string, number | null])[] = [
  ['0', 0],
  ['120', 120 * second],
  ['Thu, 01 Jan 2026 00:01:00 GMT', minute],
  ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
  ['soon', null],
  ['-5', 0],
];
for (const [text, ms] of retryAfters) {
  test(`H7 Retry-After: ${text}`, () => {
    const verdict = judgeExchange(answered(503, text), now);
    assert(verdict.kind === 'failed');
    assert.equal(verdict.retryAfterMs ?? 0, ms ?? 0);
  });
}

test('H7 an endpoint that asks for less rests for half a minute to an hour', () => {
  const rest = (status: number, retryAfter: string | null = null) =>
    restFor(judgeExchange(answered(status, retryAfter), now));
  assert.equal(rest(429), 30 * second);
  assert.equal(rest(429, '1'), 30 * second);
  assert.equal(rest(504, '600'), 600 * second);
  assert.equal(rest(502, '999999'), hour);
  assert.equal(rest(500, '600'), null);
  assert.equal(rest(200), null);
});
