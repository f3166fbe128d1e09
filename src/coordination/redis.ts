import { assert } from '../assert.ts';
import type { Clock } from '../clock.ts';
import { StartRefused } from '../refused.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Admission, AdmissionRequest, Coordination, Leases } from './coordination.ts';
import { parseRedisUrl } from './redis/address.ts';
import { admitByRedis, hintBytesMax } from './redis/admit.ts';
import { openClient, openListener, type RedisClient } from './redis/client.ts';
import { openKeys } from './redis/keys.ts';
import { leaseByRedis, releaseByRedis } from './redis/lease.ts';
import { type LinkStats, openLink } from './redis/link.ts';
import { openSubscriptions } from './redis/subscriptions.ts';

export interface RedisCoordinationOptions {
  /** redis[s]://host, redis[s]+cluster://a,b,c or redis[s]+sentinel://a,b,c/mastername. */
  readonly url: string;
  /** Begins every key and channel, so that a server can be shared. No braces. */
  readonly prefix: string;
  readonly log: Logger;
  readonly clock: Clock;
  /**
   * Decides while Redis does not: the limits of this process alone, in memory. Closed with this.
   */
  readonly fallback: Coordination;
  /** What any call waits for Redis at most. */
  readonly commandTimeoutMs?: number;
  /** How often a Redis that was given up is tried again. */
  readonly probeEveryMs?: number;
  /** 0 to 1; spreads reconnections. */
  readonly random?: () => number;
}

export interface RedisCoordination extends Coordination {
  readonly stats: () => LinkStats;
}

/**
 * Far above what a healthy Redis takes under load (2 ms), and little beside what a payment takes:
 * what a request loses at most, a few times, when Redis hangs.
 */
const commandTimeoutMsDefault = 50;
const probeEveryMsDefault = 1000;
/**
 * A start waits so long for the first connection and then goes on; requests fall back meanwhile.
 */
const startWaitMsMax = 1000;

/**
 * Coordination that several processes share. Redis may be away, slow, flushed or wrong: each call
 * then goes on without it. Limits are counted by each process alone, hints are missing, and leases
 * are granted to whoever asks, because work must not stop: row locks keep the order then.
 *
 * @throws StartRefused where the URL is not one; never because Redis is away.
 */
export async function openRedisCoordination(
  options: RedisCoordinationOptions,
): Promise<RedisCoordination> {
  const { fallback, log, random = Math.random } = options;
  const timeoutMs = options.commandTimeoutMs ?? commandTimeoutMsDefault;
  const probeEveryMs = options.probeEveryMs ?? probeEveryMsDefault;
  const address = parseRedisUrl(options.url);
  if ('fault' in address) throw new StartRefused(`REDIS_URL ${address.fault}.`);
  const keys = openKeys(options.prefix);
  const client = openClient(address, { timeoutMs, random });
  const listener = openListener(address, { timeoutMs, random });
  const link = openLink(client, { timeoutMs, probeEveryMs, clock: options.clock, log });
  const subscriptions = openSubscriptions({ listener, keys, local: fallback, timeoutMs });
  const fences = openLocalFences(options.clock);
  if (!(await connected([client, listener])))
    log.warn('Redis is away: starting without it, and trying on');

  return {
    admit: async (request) => {
      if (request.buckets.length === 0 && request.hintKey === undefined) return nothingAsked;
      assertRequest(request);
      const asked = await link.ask((redis) => admitByRedis(redis, keys, request));
      return asked === 'away' ? fallback.admit(request) : asked.answer;
    },
    remember: (key, value, ttlMs) => {
      if (Buffer.byteLength(value) > hintBytesMax) return;
      const ttl = Math.max(1, Math.ceil(ttlMs));
      void link
        .ask((redis) => redis.set(keys.hint(key), value, 'PX', ttl))
        .then((asked) => asked === 'away' && fallback.remember(key, value, ttlMs));
    },
    lease: async (names, holder, ttlMs): Promise<Leases> => {
      if (names.length === 0) return { granted: new Map() };
      const request = { names, holder, ttlMs };
      const asked = await link.ask((redis) => leaseByRedis(redis, keys, request));
      if (asked === 'away') return { granted: fences.grantAll(names) };
      return { granted: asked.answer };
    },
    release: (names, holder) => {
      // Not heard: the lease ends by itself.
      if (names.length > 0)
        void link.ask((redis) => releaseByRedis(redis, keys, { names, holder }));
    },
    publish: (channel, message) => {
      void link
        .ask((redis) => redis.publish(keys.channel(channel), message))
        .then((asked) => asked === 'away' && fallback.publish(channel, message));
    },
    subscribe: subscriptions.subscribe,
    ping: link.ping,
    stats: link.stats,
    close: async () => {
      link.close();
      subscriptions.close();
      client.disconnect();
      listener.disconnect();
      await fallback.close();
    },
  };
}

const nothingAsked: Admission = { admitted: true, buckets: [], hint: null };

/** Caller's mistakes, found before Redis could be blamed for them. */
function assertRequest({ buckets, cost = 1 }: AdmissionRequest): void {
  assert(Number.isSafeInteger(cost) && cost >= 1, 'a request costs one token or more');
  for (const { capacity, windowMs } of buckets) {
    assert(capacity >= 1 && windowMs >= 1, 'a bucket without tokens is not a limit');
    assert(Number.isSafeInteger(capacity * windowMs * 2), 'a bucket is counted in exact integers');
  }
}

/** Whether both are ready within the first wait. */
async function connected(clients: readonly RedisClient[]): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), startWaitMsMax);
  const all = clients.map(async (client) => {
    if (client.status !== 'ready') await new Promise<void>((ready) => client.once('ready', ready));
    return true;
  });
  const isReady = await Promise.race([late, Promise.all(all).then(() => true)]);
  clearTimeout(timer);
  return isReady;
}

/** Numbers on the scale of Redis' (microseconds since 1970), so that they fit among its own. */
function openLocalFences(clock: Clock): {
  readonly grantAll: (names: readonly string[]) => Map<string, number>;
} {
  let last = 0;
  return {
    grantAll: (names) => {
      const granted = new Map<string, number>();
      for (const name of names) {
        if (granted.has(name)) continue;
        last = Math.max(last + 1, Math.floor(clock.now()) * 1000);
        granted.set(name, last);
      }
      return granted;
    },
  };
}
