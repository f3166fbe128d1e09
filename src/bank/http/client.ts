import type { Client, Dispatcher } from 'undici';
import type { Clock } from '../../clock.ts';
import { type Connections, openConnections } from './connections.ts';
import type { Exchange } from './outcomes.ts';

/**
 * HTTP/1.1 to one bank, built for thousands of slow calls at once.
 *
 * Promised: a call ends by its deadline and never throws; a request is written to at most one
 * socket, at most once; an answer is whole or it is no answer. Not promised: that the bank did not
 * work on a call that was `broken`.
 */
export interface HttpClient {
  readonly call: (request: HttpRequest) => Promise<Exchange>;
  /** Ends every call in flight. */
  readonly close: () => Promise<void>;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** Empty for none. */
  readonly body: string;
  /** What every answer to this request holds; a socket that brings another is given up. */
  readonly mark: string;
  readonly requestId: string;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpClientOptions {
  /** `http://host:port`, with a path in front of every request's where it has one. */
  readonly url: string;
  /** Calls in flight; more wait for their turn, within their deadline. */
  readonly connectionsMax: number;
  readonly clock: Clock;
}

/** An answer is a few hundred bytes; a bank that sends more is not speaking our contract. */
const bodyBytesMax = 65_536;

export function openHttpClient(options: HttpClientOptions): HttpClient {
  const { origin, pathname } = new URL(options.url);
  const prefix = pathname.replace(/\/+$/, '');
  const connections = openConnections({
    origin,
    connectionsMax: options.connectionsMax,
    bodyBytesMax,
  });
  const calls = new Set<Call>();
  const watched = new WeakMap<AbortSignal, Set<Call>>();
  let isClosed = false;
  return {
    call: (request) => {
      if (isClosed || request.signal?.aborted === true)
        return Promise.resolve({ kind: 'broken', reason: 'called off before it was sent' });
      if (request.deadlineMs <= 0)
        return Promise.resolve({ kind: 'not_sent', reason: 'no time was left' });
      return new Promise((resolve) => {
        const siblings = request.signal === undefined ? null : watch(request.signal, watched);
        const settle = (exchange: Exchange): void => {
          calls.delete(call);
          siblings?.delete(call);
          resolve(exchange);
        };
        const call = new Call({
          options: dispatchOptions(request, prefix),
          mark: request.mark,
          connections,
          clock: options.clock,
          settle,
        });
        calls.add(call);
        siblings?.add(call);
        call.start(request.deadlineMs);
      });
    },
    close: async () => {
      isClosed = true;
      for (const call of calls) call.end({ kind: 'broken', reason: 'the connector was closed' });
      await connections.close();
    },
  };
}

/**
 * One listener a signal, however many calls share it: thousands of listeners on one signal are a
 * linked list that each call would walk to remove its own.
 */
function watch(signal: AbortSignal, watched: WeakMap<AbortSignal, Set<Call>>): Set<Call> {
  const known = watched.get(signal);
  if (known !== undefined) return known;
  const calls = new Set<Call>();
  watched.set(signal, calls);
  const callOff = (): void => {
    for (const call of calls) call.end({ kind: 'broken', reason: 'called off' });
  };
  signal.addEventListener('abort', callOff, { once: true });
  return calls;
}

const requestIdForm = /^[\x21-\x7e]{1,200}$/;

function dispatchOptions(request: HttpRequest, prefix: string): Dispatcher.DispatchOptions {
  const headers = ['accept', 'application/json'];
  if (request.body !== '') headers.push('content-type', 'application/json');
  if (requestIdForm.test(request.requestId)) headers.push('x-request-id', request.requestId);
  return {
    method: request.method,
    path: prefix + request.path,
    headers,
    body: request.body === '' ? null : request.body,
  };
}

interface CallParts {
  readonly options: Dispatcher.DispatchOptions;
  readonly mark: string;
  readonly connections: Connections;
  readonly clock: Clock;
  readonly settle: (exchange: Exchange) => void;
}

/**
 * undici's dispatch handler itself, instead of `request()`: it costs no stream and no signal per
 * call, and it alone tells whether the request ever reached a socket. Only that makes "nothing was
 * done" certain.
 */
class Call implements Dispatcher.DispatchHandler {
  readonly #options: Dispatcher.DispatchOptions;
  readonly #mark: string;
  readonly #connections: Connections;
  readonly #clock: Clock;
  readonly #settle: (exchange: Exchange) => void;
  /** Monotonic. */
  #endsAt = 0;
  #timer: NodeJS.Timeout | null = null;
  #client: Client | null = null;
  #isSent = false;
  #isEnded = false;
  #status = 0;
  #body: Buffer | null = null;

  constructor({ options, mark, connections, clock, settle }: CallParts) {
    this.#options = options;
    this.#mark = mark;
    this.#connections = connections;
    this.#clock = clock;
    this.#settle = settle;
  }

  start(deadlineMs: number): void {
    this.#endsAt = this.#clock.monotonic() + deadlineMs;
    this.#timer = setTimeout(() => {
      const waited = `${Math.round(deadlineMs)} ms`;
      this.end(
        this.#isSent
          ? { kind: 'broken', reason: `no whole answer within ${waited}` }
          : { kind: 'not_sent', reason: `no connection within ${waited}` },
      );
    }, deadlineMs);
    this.#connections.take(this);
  }

  /** Called by the connections when this call has its socket. */
  run(client: Client): void {
    this.#client = client;
    client.dispatch(this.#options, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // undici puts a request back into its queue in some kinds of socket loss. Sending an order a
    // second time is the bank leg's decision, never the transport's.
    if (this.#isSent || this.#isEnded) controller.abort(new Error('not sent again'));
    // A process that was frozen wakes up to its sockets before its timers: an order written now
    // would reach the bank after others have asked what became of it.
    else if (this.#clock.monotonic() >= this.#endsAt) controller.abort(new Error('too late'));
    else this.#isSent = true;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#status = status;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#body = this.#body === null ? chunk : Buffer.concat([this.#body, chunk]);
  }

  onResponseEnd(): void {
    if (this.#isEnded) return;
    const body = this.#body === null ? '' : this.#body.toString('utf8');
    // Not ours: bytes that stood behind an earlier answer, say. The next call on this socket would
    // get our answer, and so on: it ends with this call.
    const client = body.includes(this.#mark) ? this.#client : null;
    if (client !== null) this.#client = null;
    this.end({ kind: 'answered', status: this.#status, body });
    if (client !== null) this.#connections.give(client);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.end({ kind: this.#isSent ? 'broken' : 'not_sent', reason: describeError(error) });
  }

  /** The first ending counts. A socket that still carries this call is given up with it. */
  end(exchange: Exchange): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#client === null) this.#connections.leave(this);
    else this.#connections.discard(this.#client);
    this.#settle(exchange);
  }
}

/** `other side closed (UND_ERR_SOCKET)`. Library words, no bodies and no headers: safe to keep. */
function describeError(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
  const message = error.message === '' ? error.name : error.message;
  return `${message.slice(0, 200)}${code}`;
}
