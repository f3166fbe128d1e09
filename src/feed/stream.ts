import { Readable } from 'node:stream';
import type { Bulkhead } from '../runtime/bulkhead.ts';
import type { Logger } from '../telemetry/log.ts';
import { eventBody, type FeedEvent, type FeedFilter } from './event.ts';
import { formatPosition, isAfter, later, type Position } from './position.ts';
import type { FeedReader } from './read.ts';
import { encodeMessage, encodePlace, encodeRetry } from './sse.ts';
import type { Follower, Tail } from './tail.ts';

/**
 * One client that follows the feed. It is `behind` and reads pages from the database, or it follows
 * the tail; a client that does not take what it is sent falls behind and costs a page of memory,
 * not a queue. Every event is sent once, in order, whichever way it came.
 */
export interface Stream {
  readonly readable: Readable;
  /** Once in a while: sends what keeps the connection alive, and ends what must not go on. */
  readonly tick: () => void;
  /** Says when to come back, and ends. */
  readonly end: (retryMs: number) => void;
  /** Cuts it off. */
  readonly drop: () => void;
}

export interface StreamOptions {
  readonly reader: FeedReader;
  readonly tail: Tail;
  /** Reads of the database at one time, of all streams. */
  readonly reads: Bulkhead;
  readonly filter: FeedFilter;
  readonly from: Position;
  readonly heartbeatMs: number;
  /** Whoever takes nothing for so long is cut off. */
  readonly stalledMsMax: number;
  /** Whether the token still counts; rejects where nobody can tell, which is a no. */
  readonly mayGoOn: () => Promise<boolean>;
  readonly monotonic: () => number;
  readonly log: Logger;
}

/** Events of one page for a client who is behind: some 40 kB. */
const pageMax = 100;
/** Waiting for the client's connection, beside one page. */
const bufferBytesMax = 16_384;
/** When a client comes back whose connection broke by itself. */
const retryMsUsual = 2_000;

export function openStream(options: StreamOptions): Stream {
  const { reader, tail, reads, filter, monotonic, log } = options;
  let position = options.from;
  let isBehind = true;
  let isReading = false;
  let isOver = false;
  /** The client takes more; else since when it does not. */
  let fullSince: number | null = null;
  let wroteAt = monotonic();

  const readable = new Readable({
    highWaterMark: bufferBytesMax,
    read: () => {
      fullSince = null;
      void catchUp();
    },
  });
  readable.once('close', stop);

  const follower: Follower = {
    filter,
    offer: (event) => {
      if (!isAfter(event.position, position)) return true;
      isBehind = isOver || fullSince !== null;
      if (isBehind) return false;
      write(encodedOf(event));
      position = event.position;
      return true;
    },
    advance: (to) => {
      position = later(position, to);
    },
    end: () => end(retryMsUsual),
  };

  function write(bytes: Buffer | string): void {
    wroteAt = monotonic();
    if (!readable.push(bytes)) fullSince = wroteAt;
  }

  const mayRead = (): boolean => isBehind && fullSince === null && !isOver;

  async function catchUp(): Promise<void> {
    if (isReading) return;
    isReading = true;
    try {
      while (mayRead()) await readOn();
    } catch (error) {
      // It comes back with the id of the last event that it got.
      log.warn({ err: error }, 'an event stream is broken off');
      end(retryMsUsual);
    } finally {
      isReading = false;
    }
  }

  /** Set before: what the tail remembers is offered to a stream that is not behind any more. */
  function follow(join: Tail['join']): boolean {
    isBehind = false;
    isBehind = !join(follower, position);
    return !isBehind;
  }

  async function readOn(): Promise<void> {
    if (follow(tail.rejoin) || !mayRead()) return;
    const page = await readPage();
    if (isOver) return;
    if (page === 'gone') return end(retryMsUsual);
    if (page.events.length > 0) write(Buffer.concat(page.events.map(encodedOf)));
    position = page.end;
    if (!page.isFull) follow(tail.join);
  }

  async function readPage(): ReturnType<FeedReader['page']> {
    if (!(await reads.take())) return 'gone';
    try {
      return isOver ? 'gone' : await reader.page(position, filter, pageMax);
    } finally {
      reads.giveBack();
    }
  }

  function stop(): void {
    isOver = true;
    tail.leave(follower);
  }

  function end(retryMs: number): void {
    if (isOver) return;
    stop();
    readable.push(encodeRetry(retryMs));
    readable.push(null);
  }

  function drop(): void {
    stop();
    readable.destroy();
  }

  function tick(): void {
    if (isOver) return;
    const now = monotonic();
    if (fullSince !== null && now - fullSince > options.stalledMsMax) return drop();
    const isDue = fullSince === null && now - wroteAt >= options.heartbeatMs;
    if (isDue) write(encodePlace(formatPosition(position)));
    options.mayGoOn().then(
      (may) => (may ? undefined : end(retryMsUsual)),
      () => end(retryMsUsual),
    );
  }

  // The first bytes take the headers with them; the place is where to resume if nothing ever comes.
  write(encodeRetry(retryMsUsual) + encodePlace(formatPosition(position)));
  return { readable, tick, end, drop };
}

/** An event is written out once, however many follow. */
const encoded = new WeakMap<FeedEvent, Buffer>();

function encodedOf(event: FeedEvent): Buffer {
  const known = encoded.get(event);
  if (known !== undefined) return known;
  const body = eventBody(event);
  const data = JSON.stringify(body);
  const bytes = Buffer.from(encodeMessage({ id: body.id, event: event.type, data }));
  encoded.set(event, bytes);
  return bytes;
}
