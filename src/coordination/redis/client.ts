import { Cluster, Redis } from 'ioredis';
import { unreachable } from '../../assert.ts';
import type { RedisAddress } from './address.ts';

/** What is used of ioredis; `Cluster` and `Redis` both have it. */
export type RedisClient = Redis | Cluster;

export interface ClientOptions {
  /** Our own wait for a command; see `link.ts`. */
  readonly timeoutMs: number;
  /** 0 to 1. */
  readonly random: () => number;
}

/**
 * Answers and nothing else: a client that never queues, never sends twice, and always comes back.
 */
export function openClient(address: RedisAddress, options: ClientOptions): RedisClient {
  return open(address, options, { enableAutoPipelining: true });
}

/**
 * A connection of its own for listening. A Cluster's client has one inside, on a node that it
 * picks, and moves the subscriptions when that node goes.
 */
export function openListener(address: RedisAddress, options: ClientOptions): RedisClient {
  return open(address, options, { enableAutoPipelining: false });
}

/** Reconnection: at once where a server was restarted, and never a crowd at the same moment. */
const reconnectMsMin = 50;
const reconnectMsMax = 1000;
/** A server that is there accepts at once, across an ocean in a fifth of a second. */
const connectTimeoutMs = 1000;
/**
 * A connection that owes an answer and says nothing for so long is dead, whatever TCP believes: a
 * half-open one would otherwise be tried for a quarter of an hour.
 */
const silenceMsMax = 2000;

/** Those of one connection. */
function nodeOptions(address: RedisAddress, options: ClientOptions) {
  return {
    ...(address.username === '' ? {} : { username: address.username }),
    ...(address.password === '' ? {} : { password: address.password }),
    ...(address.isTls ? { tls: {} } : {}),
    db: address.database,
    // Nothing here needs the newer protocol, and proxies and old servers know this one.
    protocol: 2 as const,
    connectionName: 'tollgate',
    connectTimeout: connectTimeoutMs,
    // Ours fires first and falls back; this one only clears what the client still remembers.
    commandTimeout: options.timeoutMs * 4,
    socketTimeout: silenceMsMax,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    retryStrategy: (attempt: number) => reconnectMs(attempt, options),
    // After a failover the old master answers, but only to readers: look for the new one.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  };
}

function reconnectMs(attempt: number, { random }: ClientOptions): number {
  const whole = Math.min(reconnectMsMax, reconnectMsMin * 2 ** Math.min(attempt - 1, 10));
  return Math.round(whole * (0.5 + random() / 2));
}

interface Pipelining {
  readonly enableAutoPipelining: boolean;
}

function open(address: RedisAddress, options: ClientOptions, pipelining: Pipelining): RedisClient {
  const node = { ...nodeOptions(address, options), ...pipelining, enableOfflineQueue: false };
  switch (address.kind) {
    case 'single':
      return new Redis({ ...node, ...address.host });
    case 'sentinel':
      return new Redis({
        ...node,
        sentinels: address.hosts.map((host) => ({ ...host })),
        name: address.masterName,
        // The sentinels tell at once who is master now; the silence above is the second way to
        // notice.
        failoverDetector: true,
        sentinelCommandTimeout: connectTimeoutMs,
        sentinelRetryStrategy: (attempt: number) => reconnectMs(attempt, options),
        enableTLSForSentinelMode: address.isTls,
        ...(address.isTls ? { sentinelTLS: {} } : {}),
      });
    case 'cluster':
      return openCluster(address, options, pipelining);
    default:
      return unreachable(address);
  }
}

/** A dead master is told by its clients' errors; this finds what nobody happened to ask. */
const topologyEveryMs = 2000;
/** Few and soon: an answer that came later than our timeout would help nobody. */
const redirectionsMax = 3;
const redirectAfterMs = 10;

function openCluster(
  address: Extract<RedisAddress, { kind: 'cluster' }>,
  options: ClientOptions,
  { enableAutoPipelining }: Pipelining,
): Cluster {
  return new Cluster(
    address.hosts.map((host) => ({ ...host })),
    {
      // A node's own queue stays: it connects when it is first asked, within the same timeout.
      redisOptions: nodeOptions(address, options),
      enableAutoPipelining,
      enableOfflineQueue: false,
      clusterRetryStrategy: (attempt: number) => reconnectMs(attempt, options),
      slotsRefreshTimeout: connectTimeoutMs,
      slotsRefreshInterval: topologyEveryMs,
      maxRedirections: redirectionsMax,
      retryDelayOnFailover: redirectAfterMs,
      retryDelayOnClusterDown: redirectAfterMs,
      retryDelayOnTryAgain: redirectAfterMs,
      // A certificate names the host, so the name must not be replaced by its address.
      ...(address.isTls ? { dnsLookup: keepName } : {}),
    },
  );
}

function keepName(name: string, callback: (error: null, address: string) => void): void {
  callback(null, name);
}
