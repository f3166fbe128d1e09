import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { EventBody } from '../../src/feed/event.ts';
import { until } from './wait.ts';

/** One dispatched event, as a browser's EventSource has it. */
export interface StreamedEvent {
  readonly id: string;
  readonly type: string;
  readonly data: string;
}

/** A reader of server-sent events that follows the HTML standard's parser line by line. */
export interface SseParser {
  readonly push: (text: string) => StreamedEvent[];
  readonly lastEventId: () => string;
  readonly retryMs: () => number | null;
}

export function openSseParser(): SseParser {
  let rest = '';
  let [id, lastEventId, type] = ['', '', ''];
  let data: string[] = [];
  let retryMs: number | null = null;

  function line(text: string): StreamedEvent[] {
    if (text === '') return dispatch();
    const colon = text.indexOf(':');
    const name = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') type = value;
    if (name === 'data') data.push(value);
    if (name === 'id' && !value.includes('\0')) id = value;
    if (name === 'retry' && /^\d+$/.test(value)) retryMs = Number(value);
    return [];
  }

  function dispatch(): StreamedEvent[] {
    lastEventId = id;
    const event = { id: lastEventId, type: type === '' ? 'message' : type, data: data.join('\n') };
    const isEvent = data.length > 0;
    [type, data] = ['', []];
    return isEvent ? [event] : [];
  }

  return {
    push: (text) => {
      rest += text;
      // A CR at the end may be half of a CRLF.
      const whole = rest.endsWith('\r') ? rest.slice(0, -1) : rest;
      const lines = whole.split(/\r\n|\r|\n/);
      rest = (lines.pop() ?? '') + rest.slice(whole.length);
      return lines.flatMap(line);
    },
    lastEventId: () => lastEventId,
    retryMs: () => retryMs,
  };
}

export interface OpenedStream {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** All that has come, in order. */
  readonly events: EventBody[];
  /** Every byte, also heartbeats. */
  readonly text: () => string;
  readonly lastEventId: () => string;
  readonly retryMs: () => number | null;
  readonly isOver: () => boolean;
  readonly untilEvents: (count: number) => Promise<readonly EventBody[]>;
  readonly untilOver: () => Promise<void>;
  /** Takes nothing more, until resumed. */
  readonly pause: () => void;
  readonly resume: () => void;
  readonly close: () => void;
}

export interface StreamCall {
  readonly url: string;
  readonly token: string;
  readonly query?: string;
  readonly lastEventId?: string;
}

/** Resolves with the head of the answer and its first bytes: from then on nothing is missed. */
export async function openEventStream(call: StreamCall): Promise<OpenedStream> {
  const { url, token, query = '', lastEventId } = call;
  const events: EventBody[] = [];
  const parser = openSseParser();
  let [text, isOver] = ['', false];
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const resume = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    const headers = { authorization: `Bearer ${token}`, ...resume };
    httpRequest(`${url}/api/v1/events/stream${query}`, { headers, agent: false }, resolve)
      .on('error', reject)
      .end();
  });
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    text += chunk;
    // Proven by the stream's own encoder: its data is an event's body.
    for (const event of parser.push(chunk)) events.push(JSON.parse(event.data) as EventBody);
  });
  const over = (): void => {
    isOver = true;
  };
  response.on('close', over).on('error', over);
  const untilOver = async (): Promise<void> => {
    await until(() => isOver, { what: 'the stream to end', deadlineMs: 20_000 });
  };
  if (response.statusCode === 200)
    await until(() => text.includes('\n\n'), { what: 'the first bytes of the stream' });
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    events,
    text: () => text,
    lastEventId: parser.lastEventId,
    retryMs: parser.retryMs,
    isOver: () => isOver,
    untilEvents: async (count) => {
      await until(() => events.length >= count, {
        what: `${count} events`,
        deadlineMs: 20_000,
      });
      return events;
    },
    untilOver,
    pause: () => response.pause(),
    resume: () => response.resume(),
    close: () => response.destroy(),
  };
}
