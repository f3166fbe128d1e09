/** Values that end by themselves, bounded in number. Time is an argument: whole milliseconds. */
export interface ExpiringMap<Value> {
  readonly get: (key: string, at: number) => Value | undefined;
  /** @returns false where the map is full and refuses. */
  readonly set: (key: string, value: Value, at: number, endsAt: number) => boolean;
  readonly delete: (key: string) => void;
}

export type WhenFull = 'forget_oldest' | 'refuse_newest';

/**
 * No timer: what has ended is dropped when it is read, or from the oldest on when something is
 * stored. That finds nearly everything, because the entries of one map have nearly one length of
 * life.
 */
export function openExpiringMap<Value>(sizeMax: number, whenFull: WhenFull): ExpiringMap<Value> {
  const entries = new Map<string, { readonly value: Value; readonly endsAt: number }>();

  const dropEnded = (at: number): void => {
    for (const [key, entry] of entries) {
      if (entry.endsAt > at) return;
      entries.delete(key);
    }
  };

  return {
    get: (key, at) => {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (entry.endsAt > at) return entry.value;
      entries.delete(key);
      return undefined;
    },
    set: (key, value, at, endsAt) => {
      // Deleted first, so that a renewed entry counts as the newest.
      entries.delete(key);
      dropEnded(at);
      if (entries.size >= sizeMax) {
        if (whenFull === 'refuse_newest') return false;
        const oldest = entries.keys().next();
        if (oldest.done !== true) entries.delete(oldest.value);
      }
      entries.set(key, { value, endsAt });
      return true;
    },
    delete: (key) => {
      entries.delete(key);
    },
  };
}
