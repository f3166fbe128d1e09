import type { UserId } from '../ids.ts';
import { type FeedEvent, type FeedFilter, passes } from './event.ts';
import { isAfter, type Position } from './position.ts';
import type { FeedReader } from './read.ts';

/**
 * The end of the feed, read once for all streams of a process: who follows costs the database
 * nothing, whether one does or a thousand.
 */
export interface Tail {
  /**
   * From now on the follower is offered what comes after `from`. False: the tail is already further
   * than it remembers; read on from the database and ask again.
   */
  readonly join: (follower: Follower, from: Position) => boolean;
  /** The same, from memory only: where it fell behind a moment ago. */
  readonly rejoin: (follower: Follower, from: Position) => boolean;
  readonly leave: (follower: Follower) => void;
  /** `held`: something is committed that can be read in a moment. */
  readonly pollOnce: () => Promise<'more' | 'held' | 'idle'>;
}

export interface Follower {
  readonly filter: FeedFilter;
  /** Takes what passes the filter, in order. False: not now, and it has left. */
  readonly offer: (event: FeedEvent) => boolean;
  /** It has everything up to here. */
  readonly advance: (to: Position) => void;
  /** The feed goes on in another epoch. */
  readonly end: () => void;
}

/** Of everybody, in one look. */
const pageMax = 1_000;
/** What is remembered for those who come from the database: about a megabyte. */
const recentMax = 2_000;

/** All may fall behind in one moment and be back in the next; later they find the tail too old. */
const turnsAloneMax = 20;

const everything: FeedFilter = { userId: null, types: null, paymentId: null };
type Whose = UserId | 'everybody';

export function openTail(reader: Pick<FeedReader, 'page'>): Tail {
  /** By user, so that an event is shown only to those who may see it. */
  const followers = new Map<Whose, Set<Follower>>();
  /** Stands still while nobody follows: then nothing is read. */
  let position: Position | null = null;
  let turnsAlone = 0;
  /** What came after `recentFrom`. */
  let recent: FeedEvent[] = [];
  let recentFrom: Position | null = null;

  function leave(follower: Follower): void {
    const whose = whoseOf(follower);
    const theirs = followers.get(whose);
    theirs?.delete(follower);
    if (theirs?.size === 0) followers.delete(whose);
  }

  /** From here on, for whoever is behind everything that is remembered. */
  function begin(from: Position): void {
    [position, recent, recentFrom] = [from, [], from];
  }

  function join(follower: Follower, from: Position): boolean {
    const isNew = position === null || (followers.size === 0 && isAfter(from, position));
    if (isNew) begin(from);
    if (position === null || recentFrom === null) return false;
    if (isAfter(position, from)) {
      if (isAfter(recentFrom, from)) return false;
      for (const event of recent)
        if (isAfter(event.position, from) && !shown(follower, event)) return false;
      follower.advance(position);
    }
    const whose = whoseOf(follower);
    followers.set(whose, (followers.get(whose) ?? new Set()).add(follower));
    return true;
  }

  function rejoin(follower: Follower, from: Position): boolean {
    return position !== null && join(follower, from);
  }

  function show(event: FeedEvent): void {
    for (const whose of [event.userId, 'everybody'] as const)
      for (const follower of followers.get(whose) ?? [])
        if (!shown(follower, event)) leave(follower);
  }

  function remember(events: readonly FeedEvent[]): void {
    recent.push(...events);
    const forgotten = recent.splice(0, Math.max(0, recent.length - recentMax)).at(-1);
    if (forgotten !== undefined) recentFrom = forgotten.position;
  }

  async function pollOnce(): Promise<'more' | 'held' | 'idle'> {
    const from = position;
    turnsAlone = followers.size === 0 ? turnsAlone + 1 : 0;
    if (turnsAlone > turnsAloneMax) position = null;
    if (from === null || turnsAlone > 0) return 'idle';
    const page = await reader.page(from, everything, pageMax);
    // Everybody has left meanwhile, and others came.
    if (position !== from) return 'more';
    if (page === 'gone') {
      for (const follower of all()) follower.end();
      position = null;
      return 'idle';
    }
    position = page.end;
    remember(page.events);
    for (const event of page.events) show(event);
    for (const follower of all()) follower.advance(page.end);
    return page.isFull ? 'more' : page.isHeld ? 'held' : 'idle';
  }

  const all = (): Follower[] => [...followers.values()].flatMap((theirs) => [...theirs]);
  return { join, rejoin, leave, pollOnce };
}

function whoseOf({ filter }: Follower): Whose {
  return filter.userId ?? 'everybody';
}

function shown(follower: Follower, event: FeedEvent): boolean {
  return !passes(event, follower.filter) || follower.offer(event);
}
