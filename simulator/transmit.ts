import type { ServerResponse } from 'node:http';
import type { Answer } from './answers.ts';
import type { Clock } from './clock.ts';
import type { AnswerForm } from './scenarios.ts';
import { unreachable } from './unreachable.ts';

export interface Transmission {
  readonly response: ServerResponse;
  readonly requestId: string | null;
  readonly clock: Clock;
  /** Between two bytes of one that drips. */
  readonly dripMs: number;
}

/** Puts an answer on the wire, whole or as badly as its form says. */
export function transmit(way: Transmission, answer: Answer, form: AnswerForm): void {
  switch (form) {
    case 'silent':
      // The socket stays open until the client gives up.
      return;
    case 'hang_up':
      way.response.socket?.resetAndDestroy();
      return;
    case 'drip':
      drip(way, open(way, answer));
      return;
    case 'cut':
      cut(way, open(way, answer));
      return;
    case 'garbled':
      send(way, { status: answer.status, body: garble(answer) });
      return;
    case 'huge':
      send(way, { ...answer, body: { padding: 'x'.repeat(hugeBytes), answer: answer.body } });
      return;
    case 'surplus':
      sendTwice(way, answer);
      return;
    case 'true':
    case 'timeout':
    case 'wrong_amount':
    case 'wrong_currency':
    case 'wrong_reference':
    case 'server_error':
    case 'says_executed':
    case 'says_declined':
    case 'says_not_found':
      send(way, answer);
      return;
    default:
      unreachable(form);
  }
}

/** More than a client has any reason to read. */
const hugeBytes = 200_000;

function send(way: Transmission, answer: Answer): void {
  way.response.end(open(way, answer));
}

/** Writes the head, and gives back the body. */
function open({ response, requestId }: Transmission, { status, body }: Answer): string {
  const isPage = typeof body === 'string';
  const text = isPage ? body : JSON.stringify(body);
  const headers = [
    'content-type',
    isPage && body.startsWith('<') ? 'text/html' : 'application/json',
    'content-length',
    `${Buffer.byteLength(text)}`,
  ];
  if (requestId !== null) headers.push('x-request-id', requestId);
  response.writeHead(status, headers);
  return text;
}

function drip({ response, clock, dripMs }: Transmission, text: string): void {
  const bytes = Buffer.from(text);
  const next = (at: number): void => {
    if (response.destroyed) return;
    if (at === bytes.length) response.end();
    else {
      response.write(bytes.subarray(at, at + 1));
      clock.after(dripMs, () => next(at + 1));
    }
  };
  next(0);
}

/** The reset comes when the first half has left. */
function cut({ response }: Transmission, text: string): void {
  response.write(text.slice(0, text.length / 2), () => response.socket?.resetAndDestroy());
}

/** Looks like the answer for as long as nobody parses it. */
function garble({ body }: Answer): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return `${text.slice(0, -1)},]`;
}

/** A second answer that nobody asked for: to a careless client it is that of its next request. */
function sendTwice(way: Transmission, answer: Answer): void {
  const { socket } = way.response;
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  const head = `HTTP/1.1 ${answer.status} OK\r\ncontent-length: ${Buffer.byteLength(text)}`;
  way.response.end(open(way, answer), () => socket?.write(`${head}\r\n\r\n${text}`));
}
