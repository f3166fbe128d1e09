import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeMessage, encodePlace, encodeRetry } from '../../src/feed/sse.ts';
import {
  connectionError,
  openScript,
  refusal,
  type Scripted,
} from '../../test/support/scripted-fetch.ts';
import { type EventsOptions, openTollgate } from './tollgate.ts';

function follow(answers: readonly Scripted[], options: EventsOptions = {}) {
  const script = openScript(answers);
  const tollgate = openTollgate({
    baseUrl: 'https://gateway.test',
    apiKey: 'tg_test_key',
    surroundings: script.around,
  });
  return { ...script, events: tollgate.events(options) };
}

const told = (id: string): string =>
  encodeMessage({ id, event: 'deposit.succeeded', data: JSON.stringify({ id }) });

/** A stream that brings these, and then ends, breaks or falls silent. */
const streamOf =
  (pieces: readonly string[], end: 'ends' | 'breaks' | 'silent' = 'ends') =>
  ({ signal }: Request): Response => {
    const left = [...pieces];
    const body = new ReadableStream({
      // As fetch has it.
      start: (controller) =>
        signal.addEventListener('abort', () => controller.error(signal.reason), { once: true }),
      pull: (controller) => {
        const piece = left.shift();
        if (piece !== undefined) return controller.enqueue(new TextEncoder().encode(piece));
        if (end === 'ends') return controller.close();
        if (end === 'breaks') return controller.error(new Error('reset'));
        // Never answered: the reader waits for it.
        return new Promise<void>(() => undefined);
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  };

async function idsOf(events: AsyncIterable<{ readonly id: string }>, count: number) {
  const ids: string[] = [];
  for await (const { id } of events) if (ids.push(id) === count) break;
  return ids;
}

const lastIds = ({ requests }: { requests: readonly { headers: Headers }[] }) =>
  requests.map(({ headers }) => headers.get('last-event-id'));

test('a stream that ends, breaks or falls silent goes on behind the last event', async () => {
  const opened = follow(
    [
      streamOf([told('1'), told('2')]),
      streamOf([told('3')], 'breaks'),
      streamOf([told('4'), encodePlace('9')], 'silent'),
      connectionError('ECONNRESET'),
      streamOf([told('10')]),
    ],
    { silenceMsMax: 20 },
  );
  assert.deepEqual(await idsOf(opened.events, 5), ['1', '2', '3', '4', '10']);
  assert.deepEqual(lastIds(opened), [null, '2', '3', '9', '9']);
  assert(opened.requests.every(({ headers }) => headers.get('authorization') !== null));
});

test('one begins behind the event that was dealt with before', async () => {
  const opened = follow([streamOf([told('8')])], {
    lastEventId: '7',
    query: { types: 'deposit.*' },
  });
  assert.deepEqual(await idsOf(opened.events, 1), ['8']);
  assert.deepEqual(lastIds(opened), ['7']);
  assert.equal(opened.requests[0]?.path, '/api/v1/events/stream?types=deposit.*');
});

test('a stream that brings nothing is opened again ever more slowly, or when it says so', async () => {
  const { events, pauses } = follow([
    streamOf([]),
    streamOf([]),
    streamOf([encodeRetry(5_000)]),
    streamOf([told('1')]),
  ]);
  await idsOf(events, 1);
  assert.deepEqual(pauses, [187.5, 375, 5_062.5]);
});

test('a place that the feed has forgotten is told, and not asked for again', async () => {
  const { events, requests } = follow([refusal(410, 'cursor_gone')], { lastEventId: '1' });
  await assert.rejects(idsOf(events, 1), { name: 'TollgateError', code: 'cursor_gone' });
  assert.equal(requests.length, 1);
});

test('a gateway that is away is waited for, and whoever aborts is obeyed', async () => {
  const away = Array.from({ length: 12 }, () => refusal(503, 'overloaded'));
  assert.deepEqual(await idsOf(follow([...away, streamOf([told('1')])]).events, 1), ['1']);

  const abort = new AbortController();
  const { events } = follow([streamOf([told('1')], 'silent')], { signal: abort.signal });
  assert.equal((await events.next()).value?.id, '1');
  abort.abort(new Error('no more'));
  await assert.rejects(events.next(), /no more/);
});
