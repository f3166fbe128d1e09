import type { Clock } from './clock.ts';

/**
 * A bounded memory of what a slower source said. Callers who ask for one key at the same time share
 * one load; a load that fails is not remembered. Who has not been asked for goes first (second
 * chance: a strict order of use would cost two writes to the map on every hit).
 */
export interface Cache<Key, Value> {
  readonly get: (key: Key) => Promise<Value>;
  readonly forget: (key: Key) => void;
}

export interface CacheOptions<Key, Value> {
  readonly sizeMax: number;
  /**
   * Counted from before the load began, so an answer is never older than this; Infinity: for ever.
   */
  readonly freshMs: number;
  readonly clock: Clock;
  readonly load: (key: Key) => Promise<Value>;
  /** Answers that may soon be another (an absence) are handed out and not kept. */
  readonly keep?: (value: Value) => boolean;
}

interface Entry<Value> {
  readonly askedAt: number;
  readonly value: Promise<Value>;
  /** Since it was loaded, or since it was last spared. */
  isUsed: boolean;
}

export function openCache<Key, Value>(options: CacheOptions<Key, Value>): Cache<Key, Value> {
  const entries = new Map<Key, Entry<Value>>();

  function get(key: Key): Promise<Value> {
    const now = options.clock.monotonic();
    const known = entries.get(key);
    if (known === undefined || now - known.askedAt >= options.freshMs) return load(key, now);
    known.isUsed = true;
    return known.value;
  }

  function load(key: Key, now: number): Promise<Value> {
    const entry: Entry<Value> = { askedAt: now, value: options.load(key), isUsed: false };
    const drop = (): void => {
      if (entries.get(key) === entry) entries.delete(key);
    };
    entries.delete(key);
    entries.set(key, entry);
    entry.value.then((value) => {
      if (options.keep?.(value) === false) drop();
    }, drop);
    if (entries.size > options.sizeMax) evict();
    return entry.value;
  }

  /** A Map iterates in the order of insertion. Whoever was used is put back once, as the newest. */
  function evict(): void {
    for (const [key, entry] of entries) {
      entries.delete(key);
      if (!entry.isUsed) return;
      entry.isUsed = false;
      entries.set(key, entry);
    }
  }

  return { get, forget: (key) => void entries.delete(key) };
}
