import type { Readable } from 'node:stream';
import type { Clock } from '../clock.ts';
import type { Coordination } from '../coordination/coordination.ts';
import type { Database } from '../db/database.ts';
import type { UserId } from '../ids.ts';
import { openBulkhead } from '../runtime/bulkhead.ts';
import { type Loop, startLoop } from '../runtime/loop.ts';
import { Overloaded } from '../runtime/overloaded.ts';
import { waitFor } from '../runtime/wait.ts';
import type { Logger } from '../telemetry/log.ts';
import { feedChannel } from './bell.ts';
import type { FeedFilter } from './event.ts';
import type { Position } from './position.ts';
import { type FeedReader, openReader } from './read.ts';
import { openStream, type Stream } from './stream.ts';
import { openTail } from './tail.ts';

/** The feed of what happened: read in pages, or followed live. */
export interface Feed extends FeedReader {
  /** @throws Overloaded where this process has as many streams as it takes */
  readonly open: (wanted: WantedStream) => Readable | 'too_many';
  /** Ends every stream at once, and tells it when to come back. */
  readonly stop: () => Promise<void>;
}

export interface WantedStream {
  readonly follower: UserId;
  readonly filter: FeedFilter;
  readonly from: Position;
  readonly mayGoOn: () => Promise<boolean>;
}

export interface FeedOptions {
  readonly database: Database;
  readonly coordination: Pick<Coordination, 'subscribe'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly retentionMs: number;
  readonly streamsMax: number;
  readonly streamsPerUserMax: number;
  readonly heartbeatMs: number;
  readonly stalledMsMax: number;
}

/** How long an event waits where nobody rings; an idle look is 0.2 ms of the database. */
const idleMs = 250;
/** Older transactions end within milliseconds, and nobody rings then. */
const heldMs = 10;
/** With the 4 s that a standing may be old, whoever is revoked is cut off within 5 s. */
const tickMs = 1_000;
/** Catching up must not take the connections of those who pay. */
const readsMax = 2;
const retryAfterSeconds = 5;
/** A stop waits this long for the goodbyes to leave. */
const goodbyeMs = 1_000;
/** After a stop all come back, each at a moment of its own. */
const returnMs = { least: 1_000, spread: 4_000 };

export function openFeed(options: FeedOptions): Feed {
  const { clock, log } = options;
  const reader = openReader(options);
  const tail = openTail(reader);
  const reads = openBulkhead(readsMax);
  const streams = new Map<Stream, UserId>();
  let running: Running | null = null;
  let isStopped = false;

  const poll = async (signal: AbortSignal): Promise<'again' | 'idle'> => {
    const state = await tail.pollOnce();
    if (state === 'held') await waitFor(heldMs, signal);
    return state === 'idle' ? 'idle' : 'again';
  };
  const tick = async (): Promise<'idle'> => {
    for (const stream of streams.keys()) stream.tick();
    return 'idle';
  };
  const start = (): Running => {
    const loop = startLoop('event feed', poll, { idleMs, errorMsMax: 5_000, log });
    const ticks = startLoop('event streams', tick, { idleMs: tickMs, errorMsMax: tickMs, log });
    const subscribed = options.coordination.subscribe(feedChannel, loop.wake).catch((error) => {
      log.warn({ err: error }, 'no word of new events from other processes: looking for them');
      return () => undefined;
    });
    return { loop, ticks, subscribed };
  };

  function open({ follower, ...wanted }: WantedStream): Readable | 'too_many' {
    const own = [...streams.values()].filter((user) => user === follower);
    if (own.length >= options.streamsPerUserMax) return 'too_many';
    if (isStopped || streams.size >= options.streamsMax)
      throw new Overloaded('the room for event streams', retryAfterSeconds);
    running ??= start();
    const { monotonic } = clock;
    const stream = openStream({ ...options, ...wanted, monotonic, reader, tail, reads });
    streams.set(stream, follower);
    stream.readable.once('close', () => streams.delete(stream));
    return stream.readable;
  }

  async function stop(): Promise<void> {
    isStopped = true;
    const ending = [...streams.keys()];
    const { least, spread } = returnMs;
    const left = ending.map(
      (each) => new Promise((resolve) => each.readable.once('close', resolve)),
    );
    for (const [nth, each] of ending.entries()) each.end(least + (spread * nth) / ending.length);
    const said = new AbortController();
    void Promise.all(left).then(() => said.abort());
    if (ending.length > 0) await waitFor(goodbyeMs, said.signal);
    // Who does not even take a goodbye must not hold up the stop.
    for (const each of streams.keys()) each.drop();
    if (running === null) return;
    const { loop, ticks, subscribed } = running;
    running = null;
    (await subscribed)();
    await Promise.all([loop.stop(), ticks.stop()]);
  }

  return { ...reader, open, stop };
}

/** From the first stream on. */
interface Running {
  readonly loop: Loop;
  readonly ticks: Loop;
  readonly subscribed: Promise<() => void>;
}
