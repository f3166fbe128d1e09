import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  connectionError,
  openScript,
  refusal,
  type Scripted,
} from '../../test/support/scripted-fetch.ts';
import { UnansweredError } from './problem.ts';
import { openRetrying, type RetryOptions, readRetryAfter } from './retry.ts';

const url = 'https://gateway.test/api/v1';
const done: Scripted = { status: 200, body: {} };

function keyed(key = 'k'): Request {
  return new Request(`${url}/deposits`, {
    method: 'POST',
    headers: { 'idempotency-key': key },
    body: '{"amount":"1.00"}',
  });
}

const plainPost = (): Request => new Request(`${url}/api-keys`, { method: 'POST', body: '{}' });
const get = (): Request => new Request(`${url}/users/me`);

async function run(request: Request, answers: readonly Scripted[], options: RetryOptions = {}) {
  const script = openScript(answers);
  const response = await openRetrying(script.around, options)(request);
  return { ...script, status: response.status };
}

const away = refusal(503, 'overloaded');
const reset = connectionError('ECONNRESET');
const refused = connectionError('ECONNREFUSED');

for (const [what, request, first, repeats] of [
  ['a GET after 503', get, away, true],
  ['a GET after a reset connection', get, reset, true],
  ['a GET after 502 from between', get, { status: 502 }, true],
  ['a keyed POST after 503', keyed, away, true],
  ['a keyed POST after a reset connection', keyed, reset, true],
  [
    'a keyed POST after 409 with Retry-After',
    keyed,
    refusal(409, 'x', { 'retry-after': '1' }),
    true,
  ],
  ['a keyed POST after 409', keyed, refusal(409, 'x'), false],
  ['a keyed POST after 422', keyed, refusal(422, 'idempotency_key_reused'), false],
  ['a keyed POST after 500', keyed, refusal(500, 'internal_error'), false],
  ['another POST after 429', plainPost, refusal(429, 'rate_limit_exceeded'), true],
  ['another POST after 503', plainPost, away, false],
  ['another POST that was never sent', plainPost, refused, true],
] as const)
  test(`${what} is ${repeats ? 'sent again' : 'the result'}`, async () => {
    const { requests, status } = await run(request(), [first, done]);
    assert.equal(requests.length, repeats ? 2 : 1);
    assert.equal(status === 200, repeats);
  });

test('another POST that may have arrived is not sent again, and its error says so', async () => {
  const script = openScript([reset, done]);
  await assert.rejects(openRetrying(script.around)(plainPost()), UnansweredError);
  assert.equal(script.requests.length, 1);
});

test('every repeat has the same key and the same body', async () => {
  const { requests } = await run(keyed('order-1042'), [reset, away, reset, done]);
  assert.equal(requests.length, 4);
  for (const { headers, text } of requests) {
    assert.equal(headers.get('idempotency-key'), 'order-1042');
    assert.equal(text, '{"amount":"1.00"}');
  }
});

test('Retry-After is obeyed: never earlier, and with some spread', async () => {
  const { pauses } = await run(get(), [refusal(429, 'x', { 'retry-after': '7' }), done]);
  assert.deepEqual(pauses, [7_125]);
});

test('without one the pauses double, half of each drawn, and there is an end to them', async () => {
  const { pauses, status } = await run(get(), [away]);
  assert.equal(status, 503);
  assert.deepEqual(pauses, [187.5, 375, 750, 1_500]);
});

test('a pause that is longer than one wants is not waited for', async () => {
  const { pauses, status } = await run(get(), [refusal(429, 'x', { 'retry-after': '3600' }), done]);
  assert.deepEqual({ pauses, status }, { pauses: [], status: 429 });
});

test('who is told of a pause is told why and how long', async () => {
  const told: unknown[] = [];
  await run(get(), [away, reset, done], {
    onRetry: ({ response, pauseMs }) => told.push([response?.status ?? null, pauseMs]),
  });
  assert.deepEqual(told, [
    [503, 187.5],
    [null, 375],
  ]);
});

test('a gateway that says nothing is given up in time, and asked again', async () => {
  const silence = (request: Request): Promise<Response> =>
    new Promise((_resolve, reject) => {
      request.signal.addEventListener('abort', () => reject(new Error('aborted')));
    });
  const { requests, status } = await run(get(), [silence, done], { timeoutMs: 20 });
  assert.deepEqual([requests.length, status], [2, 200]);
});

test('whoever aborts is obeyed at once, between two tries too', async () => {
  const abort = new AbortController();
  const reason = new Error('no more');
  const script = openScript([away]);
  const send = openRetrying(script.around, { onRetry: () => abort.abort(reason) });
  const request = new Request(`${url}/users/me`, { signal: abort.signal });
  await assert.rejects(send(request), reason);
  assert.equal(script.requests.length, 1);
});

test('Retry-After may be a date', () => {
  const nowMs = Date.UTC(2026, 0, 1);
  assert.equal(readRetryAfter('Thu, 01 Jan 2026 00:00:10 GMT', nowMs), 10_000);
  assert.equal(readRetryAfter('Wed, 31 Dec 2025 00:00:10 GMT', nowMs), 0);
  assert.equal(readRetryAfter('soon', nowMs), null);
  assert.equal(readRetryAfter(null, nowMs), null);
});
