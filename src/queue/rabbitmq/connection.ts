import { Connection } from 'rabbitmq-client';
import { waitFor } from '../../runtime/wait.ts';
import type { Logger } from '../../telemetry/log.ts';

export interface ConnectOptions {
  /** Hosts of one cluster, tried in turn; user, password and virtual host are the same for all. */
  readonly urls: readonly string[];
  /** As the broker's own tools show it. */
  readonly name: string;
  /** A connection on which nothing comes is given up within twice this. */
  readonly heartbeatSeconds: number;
  readonly log: Logger;
}

/**
 * The first reconnection comes 1 to 2 s after a loss, not sooner: a channel opened in the tenth of
 * a second before a cluster has elected the queue's next leader is refused every publish for as
 * long as it lives. The waits then double, with jitter, up to this.
 */
const retryMsMin = 1_000;
const retryMsMax = 5_000;
const connectTimeoutMs = 5_000;
/** Waiting for a connection to open a channel on; whoever waited tries again. */
const acquireTimeoutMs = 5_000;

/** Connects, and connects again, until it is closed. */
export function connect(options: ConnectOptions): Connection {
  const { urls, name, heartbeatSeconds, log } = options;
  const connection = new Connection({
    ...hostsOf(urls),
    connectionName: name,
    // The library gives up after four to five halves of what the two sides agree on, so 0.8 × 2.5 =
    // 2.
    heartbeat: Math.max(1, Math.floor(heartbeatSeconds * 0.8)),
    retryLow: retryMsMin,
    retryHigh: retryMsMax,
    connectionTimeout: connectTimeoutMs,
    acquireTimeout: acquireTimeoutMs,
    noDelay: true,
  });
  connection.on('connection', () => log.info({ connection: name }, 'connected to the broker'));
  // Said once for each loss, not for each attempt.
  connection.on('error', (error: unknown) =>
    log.warn({ connection: name, reason: reasonOf(error) }, 'the broker is away'),
  );
  return connection;
}

/** Never longer than this, whatever the broker does: a blocked one answers nothing. */
export async function disconnect(connection: Connection, deadlineMs: number): Promise<void> {
  const closed = connection.close().catch(() => undefined);
  await orAfter(closed, deadlineMs);
  connection.unsafeDestroy();
}

/** Waits for the promise, which must not reject, but not for ever. */
export async function orAfter(promise: Promise<unknown>, deadlineMs: number): Promise<void> {
  const ended = new AbortController();
  await Promise.race([promise, waitFor(deadlineMs, ended.signal)]);
  ended.abort();
}

/** The library's errors say what is wrong in `code`, and often nothing in `message`. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return [code, error.message].filter((part) => part !== '').join(': ');
}

function hostsOf(urls: readonly string[]): { url: string; hosts?: string[] } {
  const [first, ...others] = urls.map((url) => new URL(url));
  if (first === undefined) throw new Error('AMQP_URL names no broker');
  const isOther = (url: URL): boolean =>
    (['protocol', 'username', 'password', 'pathname'] as const).some(
      (part) => url[part] !== first[part],
    );
  if (others.some(isOther))
    throw new Error('AMQP_URL: all hosts have the same protocol, user, password and virtual host');
  // The library cuts a host at its first colon: an IPv6 address needs a name.
  if ([first, ...others].some((url) => url.hostname.startsWith('[')))
    throw new Error('AMQP_URL: write a host name in place of an IPv6 address');
  if (others.length === 0) return { url: first.href };
  const portOf = (url: URL): string =>
    url.port === '' ? (url.protocol === 'amqps:' ? '5671' : '5672') : url.port;
  return {
    url: first.href,
    hosts: [first, ...others].map((url) => `${url.hostname}:${portOf(url)}`),
  };
}
