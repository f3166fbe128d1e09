import { openEventLines, type SentEvent } from './event-lines.ts';
import type { paths } from './openapi.ts';
import { TollgateError } from './problem.ts';
import { type Exchange, readRetryAfter } from './retry.ts';
import type { Surroundings } from './surroundings.ts';

export interface EventsOptions {
  /** The `id` of the last event that was dealt with: the stream goes on behind it. */
  readonly lastEventId?: string;
  /** What the stream is asked for, as its address in the document says. */
  readonly query?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** A stream that is silent for so long, heartbeats too, is dead. Default 60,000. */
  readonly silenceMsMax?: number;
}

/** One change of a payment, as the feed has it; `id` is where to resume. */
export type FeedEvent =
  paths['/api/v1/events']['get']['responses'][200]['content']['application/json']['items'][number];

const silenceMsMaxDefault = 60_000;
const pauseMsFirst = 250;
const pauseMsLongest = 15_000;

/**
 * What happens, as it happens, for ever: a stream that ends or breaks is opened again behind the
 * last event that it brought. The next event is read when this one is dealt with.
 *
 * @throws TollgateError where the gateway refuses (410: `lastEventId` is older than what it keeps)
 */
export async function* followEvents(
  url: URL,
  { send, around }: { readonly send: Exchange; readonly around: Surroundings },
  options: EventsOptions = {},
): AsyncGenerator<FeedEvent, void, undefined> {
  const { signal } = options;
  let lastId = options.lastEventId ?? '';
  let pauseMsAsked: number | null = null;
  for (let failures = 0; ; failures++) {
    signal?.throwIfAborted();
    if (failures > 0) await around.wait(pauseBefore(failures, pauseMsAsked, around), signal);
    const opened = await openStream(url, { lastId, send, signal });
    if (opened === null) continue;
    if ('pauseMs' in opened) {
      pauseMsAsked = opened.pauseMs;
      continue;
    }
    pauseMsAsked = null;
    const silenceMsMax = options.silenceMsMax ?? silenceMsMaxDefault;
    const read = openEventLines(lastId);
    for await (const piece of piecesOf(opened.body, silenceMsMax)) {
      for (const sent of read(piece)) {
        failures = 0;
        if (sent.kind === 'retry') pauseMsAsked = sent.ms;
        if (sent.kind === 'event') yield parseEvent(sent.event);
        if (sent.kind === 'event') lastId = sent.event.id;
        if (sent.kind === 'moved') lastId = sent.id;
      }
    }
  }
}

type Opened = { readonly body: ReadableStream<Uint8Array> } | { readonly pauseMs: number | null };

/** Null: there was no answer. */
async function openStream(
  url: URL,
  wanted: {
    readonly lastId: string;
    readonly send: Exchange;
    readonly signal: AbortSignal | undefined;
  },
): Promise<Opened | null> {
  const { lastId, send, signal } = wanted;
  const headers = new Headers({ accept: 'text/event-stream' });
  if (lastId !== '') headers.set('last-event-id', lastId);
  const request = new Request(url, { headers, ...(signal === undefined ? {} : { signal }) });
  let response: Response;
  try {
    response = await send(request);
  } catch (error) {
    if (signal?.aborted === true) throw error;
    return null;
  }
  if (response.ok && response.body !== null) return { body: response.body };
  if (response.status === 429 || response.status >= 500) {
    await response.body?.cancel();
    // A clock is of no use to it: the gateway says seconds.
    return { pauseMs: readRetryAfter(response.headers.get('retry-after'), 0) };
  }
  throw new TollgateError(response, await readJson(response), null);
}

/** Text as it arrives. It ends where the stream ends, breaks or falls silent. */
async function* piecesOf(
  body: ReadableStream<Uint8Array>,
  silenceMsMax: number,
): AsyncGenerator<string, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const read = await readWithin(reader, silenceMsMax);
      if (read === null || read.done) return;
      yield decoder.decode(read.value, { stream: true });
    }
  } finally {
    // Also where nobody wants more of it; one that is broken already says so again.
    reader.cancel().catch(() => undefined);
  }
}

type Read = Awaited<ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']>>;

/** Null: it broke, or nothing came. */
function readWithin(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  ms: number,
): Promise<Read | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), ms);
    const end = (result: Read | null): void => {
      clearTimeout(timer);
      resolve(result);
    };
    reader.read().then(end, () => end(null));
  });
}

function parseEvent({ data }: SentEvent): FeedEvent {
  // Proven by the document: the data of a message is the event.
  return JSON.parse(data) as FeedEvent;
}

function pauseBefore(failures: number, askedMs: number | null, around: Surroundings): number {
  const whole = Math.min(pauseMsLongest, pauseMsFirst * 2 ** (failures - 1));
  return Math.max(askedMs ?? 0, whole / 2) + (around.random() * whole) / 2;
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    // What stands between us and the gateway answers in its own words.
    return text;
  }
}
