import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { silentLog } from '../../test/support/books.ts';
import { takeFreePort } from '../runtime/ports.ts';
import { type BreakerReading, openMetrics } from './metrics.ts';
import { startMetricsServer } from './metrics-server.ts';

async function serve(t: TestContext, breakers: readonly BreakerReading[]): Promise<string> {
  const metrics = openMetrics({
    breakers: () => Promise.resolve(breakers),
    oldestUnknownSeconds: () => Promise.resolve(12.5),
    callsInFlight: () => 3,
  });
  const port = await takeFreePort();
  const server = await startMetricsServer({ host: '127.0.0.1', port, metrics, log: silentLog });
  t.after(server.stop);
  return `http://127.0.0.1:${port}`;
}

test('each breaker is 1 in its state and 0 in the others', async (t) => {
  const url = await serve(t, [{ bank: 'simulator', state: 'open' }]);
  const answer = await fetch(`${url}/metrics`);
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  const lines = (await answer.text()).split('\n');
  for (const line of [
    'tollgate_bank_breaker_state{bank="simulator",state="closed"} 0',
    'tollgate_bank_breaker_state{bank="simulator",state="half_open"} 0',
    'tollgate_bank_breaker_state{bank="simulator",state="open"} 1',
    'tollgate_payments_unknown_oldest_seconds 12.5',
    'tollgate_bank_calls_in_flight 3',
  ])
    assert.ok(lines.includes(line), `${line} in\n${lines.join('\n')}`);
});

test('a bank that nobody knows of has no line, and every metric has its help', async (t) => {
  const text = await (await fetch(`${await serve(t, [])}/metrics`)).text();
  assert.doesNotMatch(text, /breaker_state\{/);
  const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  const helped = [...text.matchAll(/^# HELP (\S+) \S/gm)].map(([, name]) => name);
  assert.deepEqual(helped, names);
  assert.equal(names.length, 3);
});

test('nothing else is served there', async (t) => {
  const url = await serve(t, []);
  assert.equal((await fetch(`${url}/health`)).status, 404);
  assert.equal((await fetch(`${url}/metrics`, { method: 'POST' })).status, 404);
});
