import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LoopOptions, type Once, startLoop } from './loop.ts';

/** Waits that end when the test says so, or when the loop is stopped or woken. */
function openWaits() {
  const waits: { readonly ms: number; readonly end: () => void }[] = [];
  let arrived = Promise.withResolvers<void>();
  const wait = (ms: number, signal: AbortSignal): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (signal.aborted) resolve();
    else {
      signal.addEventListener('abort', () => resolve());
      waits.push({ ms, end: resolve });
      arrived.resolve();
    }
    return promise;
  };
  /** The next wait that the loop has begun. */
  const next = async () => {
    while (waits.length === 0) {
      await arrived.promise;
      arrived = Promise.withResolvers<void>();
    }
    const first = waits.shift();
    assert.ok(first !== undefined);
    return first;
  };
  return { wait, next, waits };
}

function openLoop(once: Once, changed: Partial<LoopOptions> = {}) {
  const waits = openWaits();
  const errors: object[] = [];
  const log = { error: (fields: object) => errors.push(fields) };
  const options = { idleMs: 500, errorMsMax: 1000, log, wait: waits.wait, random: () => 1 };
  return { loop: startLoop('sweep', once, { ...options, ...changed }), ...waits, errors };
}

test('a turn that found more runs again at once, an idle one waits', async () => {
  let turns = 0;
  const { loop, next } = openLoop(async () => (++turns % 3 === 0 ? 'idle' : 'again'));
  const wait = await next();
  assert.deepEqual([turns, wait.ms], [3, 500]);
  wait.end();
  await next();
  assert.equal(turns, 6);
  await loop.stop();
});

test('a wake ends the idle wait', async () => {
  let turns = 0;
  const { loop, next } = openLoop(async () => {
    turns++;
    return 'idle';
  });
  await next();
  loop.wake();
  await next();
  assert.equal(turns, 2);
  await loop.stop();
});

test('a wake during a turn is not lost: the wait after it is skipped, and only that one', async () => {
  const [inTurn, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let turns = 0;
  const { loop, next, waits } = openLoop(async () => {
    turns++;
    inTurn.resolve();
    await gate.promise;
    return 'idle';
  });
  await inTurn.promise;
  loop.wake();
  loop.wake();
  gate.resolve();
  await next();
  assert.equal(turns, 2);
  assert.equal(waits.length, 0);
  await loop.stop();
});

test('errors in a row wait ever longer, up to the bound, and one success forgets them', async () => {
  let turns = 0;
  const { loop, next, errors } = openLoop(async () => {
    if (++turns === 7) return 'again';
    throw new Error(`turn ${turns}`);
  });
  const waited: number[] = [];
  for (let i = 0; i < 7; i++) {
    const wait = await next();
    waited.push(wait.ms);
    wait.end();
  }
  assert.deepEqual(waited, [100, 200, 400, 800, 1000, 1000, 100]);
  assert.equal(errors.length, 7);
  await loop.stop();
});

test('waits after errors are spread over half of their length', async () => {
  const { loop, next } = openLoop(() => Promise.reject(new Error('always')), { random: () => 0 });
  assert.equal((await next()).ms, 50);
  await loop.stop();
});

test('a wake does not end the wait after an error', async () => {
  let turns = 0;
  const { loop, next } = openLoop(async () => {
    if (++turns === 1) throw new Error('once');
    return 'idle';
  });
  const wait = await next();
  loop.wake();
  assert.equal(turns, 1);
  wait.end();
  await next();
  await loop.stop();
});

test('stop ends the wait and awaits the running turn, which is told', async () => {
  const [inTurn, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const events: string[] = [];
  const { loop } = openLoop(async (signal) => {
    inTurn.resolve();
    await gate.promise;
    events.push(`turn ended, aborted: ${signal.aborted}`);
    return 'idle';
  });
  await inTurn.promise;
  const stopped = loop.stop().then(() => events.push('stopped'));
  gate.resolve();
  await stopped;
  assert.deepEqual(events, ['turn ended, aborted: true', 'stopped']);
  await loop.stop();
});

test('a turn that fails because it was stopped is no error', async () => {
  const inTurn = Promise.withResolvers<void>();
  const { loop, errors } = openLoop(
    (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')));
        inTurn.resolve();
      }),
  );
  await inTurn.promise;
  await loop.stop();
  assert.deepEqual(errors, []);
});

test('a loop that always finds more lets others run', async () => {
  let turns = 0;
  const { loop } = openLoop(async () => {
    turns++;
    return 'again';
  });
  await new Promise((resolve) => setImmediate(resolve));
  await loop.stop();
  assert.ok(turns >= 1);
});

test('the real wait ends with its signal', async () => {
  let turns = 0;
  const log = { error: () => {} };
  const turned = Promise.withResolvers<void>();
  const once: Once = async () => {
    if (++turns === 2) turned.resolve();
    return 'idle';
  };
  const loop = startLoop('real', once, { idleMs: 3_600_000, errorMsMax: 1000, log });
  loop.wake();
  await turned.promise;
  await loop.stop();
});
