import type { Clock } from '../clock.ts';
import type { Coordination } from './coordination.ts';
import { openBuckets } from './memory-buckets.ts';
import { openExpiringMap } from './memory-expiring.ts';

/** What the memory implementation holds at most; past it, see each field. */
export interface MemoryBounds {
  /** Buckets kept for each policy; the fullest are forgotten first. About 150 bytes each. */
  readonly subjectsMax: number;
  /** Hints kept; the oldest are forgotten first. */
  readonly hintsMax: number;
  /** Leases held; past it none is granted, and row locks alone keep order. */
  readonly leasesMax: number;
}

const boundsDefault: MemoryBounds = {
  subjectsMax: 100_000,
  hintsMax: 50_000,
  leasesMax: 100_000,
};

/**
 * Coordination inside one process: complete for a gateway that is its own only worker, and the fake
 * in every test. Everything is lost on exit. Nothing here waits, so a decision is one synchronous
 * step and two requests can never both take the last token.
 */
export function openMemoryCoordination(
  clock: Clock,
  bounds: Partial<MemoryBounds> = {},
): Coordination {
  const { subjectsMax, hintsMax, leasesMax } = { ...boundsDefault, ...bounds };
  // Whole milliseconds, so that the buckets count in integers, and a clock that never steps back.
  const now = (): number => Math.floor(clock.monotonic());
  const take = openBuckets(subjectsMax);
  const hints = openExpiringMap<string>(hintsMax, 'forget_oldest');
  const leases = openExpiringMap<string>(leasesMax, 'refuse_newest');
  const listeners = new Map<string, Set<(message: string) => void>>();
  let fence = 0;

  return {
    admit: async ({ buckets, hintKey, cost }) => {
      const at = now();
      const hint = hintKey === undefined ? null : (hints.get(hintKey, at) ?? null);
      return take(buckets, cost ?? 1, at, hint);
    },
    remember: (key, value, ttlMs) => {
      const at = now();
      hints.set(key, value, at, at + ttlMs);
    },
    lease: async (names, holder, ttlMs) => {
      const at = now();
      const granted = new Map<string, number>();
      for (const name of names) {
        if (leases.get(name, at) !== undefined) continue;
        if (leases.set(name, holder, at, at + ttlMs)) granted.set(name, ++fence);
      }
      return { granted };
    },
    release: (names, holder) => {
      const at = now();
      for (const name of names) if (leases.get(name, at) === holder) leases.delete(name);
    },
    publish: (channel, message) => {
      for (const listener of listeners.get(channel) ?? []) deliver(listener, message);
    },
    subscribe: async (channel, listener) => {
      const here = listeners.get(channel) ?? new Set();
      listeners.set(channel, here);
      // A wrapper, so that one function subscribed twice is two subscriptions.
      const own = (message: string): void => listener(message);
      here.add(own);
      return () => {
        here.delete(own);
        if (here.size === 0 && listeners.get(channel) === here) listeners.delete(channel);
      };
    },
    ping: async () => {},
    close: async () => {
      listeners.clear();
    },
  };
}

/** Later, as over a network: a listener sees neither the publisher's stack nor its exceptions. */
function deliver(listener: (message: string) => void, message: string): void {
  queueMicrotask(() => {
    try {
      listener(message);
    } catch (error) {
      // One listener's fault must not reach the others, and there is no caller to tell.
      process.emitWarning(error instanceof Error ? error : String(error), 'ListenerFailed');
    }
  });
}
