import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openBreaker } from './breaker.ts';

/** A breaker on a clock that the test moves; `probes` are answered as the test says. */
function openMoved(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let atMs = 0;
  const said: string[] = [];
  const probes: PromiseWithResolvers<void>[] = [];
  const breaker = openBreaker({
    probe: () => {
      const probe = Promise.withResolvers<void>();
      probes.push(probe);
      return probe.promise;
    },
    onOpen: (error) => said.push(`open: ${error.message}`),
    onClosed: () => said.push('closed'),
    probeEveryMs: 1000,
    silenceMsMin: 50,
    monotonic: () => atMs,
  });
  const failAt = (ms: number): void => {
    atMs = ms;
    breaker.failed(new Error('no answer'));
  };
  return { breaker, failAt, said, probes, pass: (ms: number) => t.mock.timers.tick(ms) };
}

test('a hundred calls that fail at one moment do not open it', (t) => {
  const { breaker, failAt } = openMoved(t);
  for (let i = 0; i < 100; i++) failAt(10);
  assert.equal(breaker.isOpen(), false);
});

test('failures that go on without an answer open it, once', (t) => {
  const { breaker, failAt, said } = openMoved(t);
  for (const at of [0, 20, 60, 70, 80]) failAt(at);
  assert.equal(breaker.isOpen(), true);
  assert.deepEqual(said, ['open: no answer']);
});

test('an answer between failures begins the row anew', (t) => {
  const { breaker, failAt } = openMoved(t);
  failAt(0);
  failAt(40);
  breaker.succeeded();
  for (const at of [100, 110, 120]) failAt(at);
  assert.equal(breaker.isOpen(), false);
});

test('open, it asks every second and closes with the first answer', async (t) => {
  const { breaker, failAt, said, probes, pass } = openMoved(t);
  for (const at of [0, 30, 60]) failAt(at);
  pass(999);
  assert.equal(probes.length, 0);
  pass(1);
  assert.equal(probes.length, 1);
  probes[0]?.reject(new Error('still away'));
  await probes[0]?.promise.catch(() => undefined);
  await Promise.resolve();
  assert.equal(breaker.isOpen(), true);
  pass(1000);
  probes[1]?.resolve();
  await probes[1]?.promise;
  assert.equal(breaker.isOpen(), false);
  assert.deepEqual(said, ['open: no answer', 'closed']);
});

test('closed for good, it asks no more, not even after a question under way', async (t) => {
  const { breaker, failAt, probes, pass } = openMoved(t);
  for (const at of [0, 30, 60]) failAt(at);
  pass(1000);
  breaker.close();
  probes[0]?.reject(new Error('closed'));
  await probes[0]?.promise.catch(() => undefined);
  await Promise.resolve();
  pass(10_000);
  assert.equal(probes.length, 1);
});
