import { assert } from '../assert.ts';
import { describeBucket } from './bucket-state.ts';
import type { Admission, Bucket, BucketState } from './coordination.ts';

/**
 * Token buckets in integers. A bucket stores what it lacks, in units of 1/windowMs token:
 * `capacity` units flow back each millisecond, so refill is exact however often it is computed, and
 * no share of a token is ever rounded away. A bucket that lacks nothing is not worth storing.
 */
interface Level {
  missing: number;
  at: number;
}

/** The buckets of one policy. */
interface Table {
  readonly windowMs: number;
  readonly levels: Map<string, Level>;
  /** Where the search for something to forget goes on. */
  hand: MapIterator<[string, Level]>;
}

export type TakeTokens = (
  buckets: readonly Bucket[],
  cost: number,
  at: number,
  hint: string | null,
) => Admission;

export function openBuckets(subjectsMax: number): TakeTokens {
  const tables = new Map<string, Table>();
  // Reused: between two calls it holds nothing, and a call is synchronous.
  const found: (Level | undefined)[] = [];

  return (buckets, cost, at, hint) => {
    assert(Number.isSafeInteger(cost) && cost >= 1, 'a request costs one token or more');
    let admitted = true;
    for (let i = 0; i < buckets.length; i++) {
      // Proven by the loop's bound; this is the hot path of every request.
      const bucket = buckets[i] as Bucket;
      const level = tableOf(tables, bucket).levels.get(bucket.subject);
      if (level !== undefined) refill(level, bucket, at);
      found[i] = level;
      const missing = level === undefined ? 0 : level.missing;
      if (missing + cost * bucket.windowMs > bucket.capacity * bucket.windowMs) admitted = false;
    }
    const states: BucketState[] = [];
    for (let i = 0; i < buckets.length; i++) {
      // As above.
      const bucket = buckets[i] as Bucket;
      let missing = found[i]?.missing ?? 0;
      found[i] = undefined;
      if (admitted) missing = spend(tableOf(tables, bucket), bucket, cost, at, subjectsMax);
      states.push(describeBucket(bucket, missing, cost));
    }
    return { admitted, buckets: states, hint };
  };
}

function tableOf(tables: Map<string, Table>, bucket: Bucket): Table {
  const known = tables.get(bucket.policy);
  if (known !== undefined) {
    assert(known.windowMs === bucket.windowMs, 'a policy has one window');
    return known;
  }
  assert(bucket.capacity >= 1 && bucket.windowMs >= 1, 'a bucket without tokens is not a limit');
  assert(
    Number.isSafeInteger(bucket.capacity * bucket.windowMs * 2),
    'a bucket is counted in exact integers',
  );
  const levels = new Map<string, Level>();
  const table = { windowMs: bucket.windowMs, levels, hand: levels.entries() };
  tables.set(bucket.policy, table);
  return table;
}

function refill(level: Level, bucket: Bucket, at: number): void {
  const elapsed = Math.min(at - level.at, bucket.windowMs);
  level.missing = Math.max(0, level.missing - elapsed * bucket.capacity);
  level.at = at;
}

/** @returns what the bucket lacks now. */
function spend(
  table: Table,
  bucket: Bucket,
  cost: number,
  at: number,
  subjectsMax: number,
): number {
  const level = table.levels.get(bucket.subject);
  if (level !== undefined) {
    level.missing += cost * bucket.windowMs;
    return level.missing;
  }
  if (table.levels.size >= subjectsMax) forgetFullest(table, bucket.capacity, at);
  const missing = cost * bucket.windowMs;
  table.levels.set(bucket.subject, { missing, at });
  return missing;
}

/**
 * How many buckets one insertion looks at when the table is full. The work stays constant, and
 * whoever floods the table with fresh subjects mostly pushes out his own: a bucket that lacks
 * little is forgotten before one that is empty, so a flood does not win anybody a new set of
 * tokens.
 */
const lookedAtMax = 16;

function forgetFullest(table: Table, capacity: number, at: number): void {
  let fullest: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  const lookedAt = Math.min(lookedAtMax, table.levels.size);
  for (let i = 0; i < lookedAt; i++) {
    const [subject, level] = nextOf(table);
    const missing = level.missing - (at - level.at) * capacity;
    if (missing <= 0) {
      table.levels.delete(subject);
      return;
    }
    if (missing < least) {
      least = missing;
      fullest = subject;
    }
  }
  if (fullest !== null) table.levels.delete(fullest);
}

/** The next bucket, starting over at the end. The table is not empty. */
function nextOf(table: Table): [string, Level] {
  const next = table.hand.next();
  if (next.done !== true) return next.value;
  table.hand = table.levels.entries();
  const first = table.hand.next();
  assert(first.done !== true, 'a full table has a first bucket');
  return first.value;
}
