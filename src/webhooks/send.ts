import type { Socket } from 'node:net';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { type AttemptError, errorOf, NotDialled } from './attempt-error.ts';
import type { Guard } from './guard.ts';

/**
 * HTTP/1.1 POSTs to whoever asked for them. Promised: ends by its deadline, the whole exchange from
 * the name to the last byte; never throws; follows nothing; connects only to addresses that the
 * guard has just vetted, and keeps a connection only to those. Not promised: that a receiver did
 * not get what ended as failed.
 */
export interface Sender {
  readonly send: (message: Message) => Promise<Exchange>;
  /** Ends every exchange under way. */
  readonly close: () => Promise<void>;
}

export interface Message {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Exchange =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly retryAfter: string | null;
      /** As much of the answer as we keep. */
      readonly answer: string;
    }
  | { readonly kind: 'failed'; readonly error: AttemptError };

export interface SenderOptions {
  readonly guard: Guard;
  /** Of a whole exchange. */
  readonly timeoutMs: number;
}

/** Of an answer this much is read; what comes after it changes nothing. */
const answerBytesMax = 65_536;
/** And this much is kept, for whoever looks why it failed. */
const answerKeptMax = 2_048;
/** Per address: a name with a dead one among its addresses still has time for another. */
const connectTimeoutMs = 4_000;
/** Addresses tried for one connection. */
const dialsMax = 3;

export function openSender({ guard, timeoutMs }: SenderOptions): Sender {
  const agent = new Agent({
    connect: connectorOver(guard),
    allowH2: false,
    pipelining: 1,
    // Our own deadline covers the whole exchange.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 4_000,
    keepAliveMaxTimeout: 30_000,
  });
  const exchanges = new Set<Posting>();
  return {
    send: (message) => {
      const url = guard.read(message.url);
      if (url.kind === 'refused') return Promise.resolve(failed('address_refused'));
      return new Promise((resolve) => {
        const posting = new Posting((exchange) => {
          exchanges.delete(posting);
          resolve(exchange);
        }, timeoutMs);
        exchanges.add(posting);
        const { origin, pathname, search } = url.url;
        const { headers, body } = message;
        agent.dispatch(
          { origin, path: pathname + search, method: 'POST', headers: { ...headers }, body },
          posting,
        );
      });
    },
    close: async () => {
      for (const posting of exchanges) posting.end(failed('shutdown'));
      await agent.destroy();
    },
  };
}

/**
 * Resolves, vets, and dials what was vetted: the name is not looked up again, so an answer that
 * changes in between changes nothing. The certificate is checked against the name.
 */
function connectorOver(guard: Guard): buildConnector.connector {
  const dial = buildConnector({ timeout: connectTimeoutMs, allowH2: false });
  return (options, callback) => void connectFor(options, callback);

  async function connectFor(
    options: buildConnector.Options,
    callback: buildConnector.Callback,
  ): Promise<void> {
    let socket: Socket;
    try {
      socket = await connectTo(options);
    } catch (error) {
      return callback(error instanceof Error ? error : new NotDialled('connection_failed'), null);
    }
    return callback(null, socket);
  }

  async function connectTo(options: buildConnector.Options): Promise<Socket> {
    const vetted = await guard.vet(options.hostname);
    if (vetted.kind === 'refused') throw new NotDialled('address_refused');
    if (vetted.kind === 'unresolved') throw new NotDialled('name_not_found');
    let last: unknown = new NotDialled('name_not_found');
    for (const address of vetted.addresses.slice(0, dialsMax)) {
      try {
        return await dialOnce({ ...options, ...servernameOf(options), hostname: address });
      } catch (error) {
        last = error;
      }
    }
    throw last;
  }

  function dialOnce(options: buildConnector.Options): Promise<Socket> {
    return new Promise((resolve, reject) => {
      dial(options, (error, socket) => {
        if (socket === null) reject(error ?? new NotDialled('connection_failed'));
        else resolve(socket);
      });
    });
  }
}

/** The name that the certificate must be for; undici would otherwise take it from the address. */
function servernameOf(options: buildConnector.Options): { readonly servername?: string } {
  if (options.protocol !== 'https:') return {};
  return { servername: options.servername ?? options.hostname };
}

function failed(error: AttemptError): Exchange {
  return { kind: 'failed', error };
}

/** undici's dispatch handler itself: no stream and no signal per message. */
class Posting implements Dispatcher.DispatchHandler {
  readonly #settle: (exchange: Exchange) => void;
  readonly #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | null = null;
  #isEnded = false;
  #status = 0;
  #retryAfter: string | null = null;
  #kept = Buffer.alloc(0);
  #bytes = 0;

  constructor(settle: (exchange: Exchange) => void, timeoutMs: number) {
    this.#settle = settle;
    this.#timer = setTimeout(() => this.end(failed('timeout')), timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // undici puts a request back into its queue in some kinds of socket loss: one attempt is one
    // request, and the next one belongs to the schedule.
    if (this.#isEnded || this.#controller !== null) controller.abort(new Error('not sent again'));
    else this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // 1xx comes before the answer.
    if (status < 200) return;
    this.#status = status;
    const retryAfter = headers['retry-after'];
    this.#retryAfter = typeof retryAfter === 'string' ? retryAfter : null;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#kept.length < answerKeptMax)
      this.#kept = Buffer.concat([this.#kept, chunk]).subarray(0, answerKeptMax);
    if (this.#bytes > answerBytesMax) this.#endAnswered();
  }

  onResponseEnd(): void {
    this.#controller = null;
    this.#endAnswered();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.end(failed(errorOf(error, { isSent: this.#controller !== null })));
  }

  #endAnswered(): void {
    this.end({
      kind: 'answered',
      status: this.#status,
      retryAfter: this.#retryAfter,
      answer: storable(this.#kept.toString('utf8')),
    });
  }

  /** The first ending counts. A socket that still carries this exchange is given up with it. */
  end(exchange: Exchange): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    clearTimeout(this.#timer);
    this.#settle(exchange);
    this.#controller?.abort(new Error('ended'));
  }
}

/** What the database would refuse or change: NUL, half a surrogate pair. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}
