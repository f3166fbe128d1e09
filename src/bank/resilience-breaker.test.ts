import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Breaker, openBreaker } from './resilience-breaker.ts';

const settings = { failures: 5, openMs: 60_000, callsMax: 64 };

/** Each call begins and ends at `now`. */
function calls(breaker: Breaker, ends: string, now: number): void {
  for (const end of ends) breaker.end(breaker.begin(now), end === 'x', now);
}

test('five failures in a row open it where half of the last ten seconds failed, and not else', () => {
  for (const [ends, expected] of [
    ['xxxx', 'closed'],
    ['xxxxx', 'open'],
    ['xxxx.xxxx', 'closed'],
    ['.....xxxxx', 'open'],
    ['......xxxxx', 'closed'],
    ['......xxxxxx', 'open'],
  ] as const) {
    const breaker = openBreaker(settings);
    calls(breaker, ends, 1_000);
    assert.equal(breaker.state(1_000), expected, ends);
  }
});

test('what ended more than ten seconds ago counts no more', () => {
  const breaker = openBreaker(settings);
  calls(breaker, '.'.repeat(1_000), 1_000);
  calls(breaker, 'xxxx', 10_900);
  calls(breaker, 'x', 10_999);
  assert.equal(breaker.state(10_999), 'closed');
  calls(breaker, 'x', 11_000);
  assert.equal(breaker.state(11_000), 'open');
});

test('it is open for its time, then lets one call through, and opens again where that fails', () => {
  const breaker = openBreaker(settings);
  calls(breaker, 'xxxxx', 0);
  assert.equal(breaker.callsMax(0), 0);
  assert.equal(breaker.callsMax(59_999), 0);
  assert.deepEqual([breaker.state(60_000), breaker.callsMax(60_000)], ['half_open', 1]);
  // Nobody came to try it: it waits.
  assert.deepEqual([breaker.state(1e6), breaker.callsMax(1e6)], ['half_open', 1]);
  calls(breaker, 'x', 1e6);
  assert.deepEqual([breaker.state(1e6 + 59_999), breaker.opened()], ['open', 2]);
});

test('after the first answer the limit doubles each second, until it is closed', () => {
  const breaker = openBreaker(settings);
  calls(breaker, 'xxxxx', 0);
  calls(breaker, '.', 60_000);
  const limits = [0, 999, 1_000, 2_000, 3_000, 4_999].map((ms) => breaker.callsMax(60_000 + ms));
  assert.deepEqual(limits, [2, 2, 4, 8, 16, 32]);
  assert.equal(breaker.state(64_999), 'half_open');
  assert.deepEqual([breaker.state(65_000), breaker.callsMax(65_000)], ['closed', 64]);
});

test('while the limit rises, as many failures in a row as it allows open it again', () => {
  for (const [ms, ends, expected] of [
    [0, 'x', 'half_open'],
    [0, 'xx', 'open'],
    [1_000, 'xxx', 'half_open'],
    [1_000, 'xxxx', 'open'],
    [3_000, 'xxxxx', 'open'],
    [3_000, '......xxxxx', 'half_open'],
  ] as const) {
    const breaker = openBreaker(settings);
    calls(breaker, 'xxxxx', 0);
    calls(breaker, '.', 60_000);
    calls(breaker, ends, 60_000 + ms);
    assert.equal(breaker.state(60_000 + ms), expected, `${ms} ${ends}`);
  }
});

test('calls from before it opened neither open nor close it when they end', () => {
  const breaker = openBreaker(settings);
  const slow = Array.from({ length: 20 }, () => breaker.begin(0));
  calls(breaker, 'xxxxx', 0);
  for (const call of slow.slice(0, 10)) breaker.end(call, false, 10);
  assert.equal(breaker.state(10), 'open');
  assert.equal(breaker.state(60_000), 'half_open');
  for (const call of slow.slice(10)) breaker.end(call, true, 60_000);
  assert.equal(breaker.callsMax(60_000), 1);
  assert.equal(breaker.opened(), 1);
});

test('with 0 failures it never opens', () => {
  const breaker = openBreaker({ ...settings, failures: 0 });
  calls(breaker, 'x'.repeat(1_000), 0);
  assert.deepEqual([breaker.state(0), breaker.callsMax(0)], ['closed', 64]);
});

test('whatever happens: no calls while open, never more than the bulkhead, and answers close it', () => {
  const step = fc.record({
    ms: fc.integer({ min: 0, max: 5_000 }),
    failed: fc.boolean(),
    calls: fc.integer({ min: 0, max: 20 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const breaker = openBreaker(settings);
      let now = 0;
      for (const { ms, failed, calls: count } of steps) {
        now += ms;
        calls(breaker, (failed ? 'x' : '.').repeat(count), now);
        const limit = breaker.callsMax(now);
        assert.equal(limit === 0, breaker.state(now) === 'open');
        assert.ok(limit <= settings.callsMax);
      }
      for (let turn = 0; turn < 80; turn += 1) {
        now += 1_000;
        calls(breaker, '.', now);
      }
      assert.equal(breaker.state(now), 'closed');
    }),
  );
});
