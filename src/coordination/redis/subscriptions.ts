import type { Coordination } from '../coordination.ts';
import type { RedisClient } from './client.ts';
import type { Keys } from './keys.ts';

/**
 * Listening, on a connection of its own. The listeners themselves are kept by `local`, which hands
 * them what Redis delivers; Redis is told only which channels this process wants.
 */
export interface Subscriptions {
  readonly subscribe: Coordination['subscribe'];
  readonly close: () => void;
}

export interface SubscriptionOptions {
  readonly listener: RedisClient;
  readonly keys: Keys;
  readonly local: Pick<Coordination, 'publish' | 'subscribe'>;
  /** How long `subscribe` waits for the server's word before it goes on without. */
  readonly timeoutMs: number;
}

/**
 * Everything is subscribed again whenever a connection is ready, and every few seconds: a server
 * takes a repeated SUBSCRIBE as nothing new, and a connection that is dead without knowing it owes
 * an answer from then on, and is given up.
 */
const renewEveryMs = 2000;

export function openSubscriptions(options: SubscriptionOptions): Subscriptions {
  const { listener, keys, local, timeoutMs } = options;
  /** Channel as Redis knows it → ours, and how many listen. */
  const channels = new Map<string, { readonly name: string; listeners: number }>();

  const ask = async (names: string[]): Promise<void> => {
    if (names.length === 0 || listener.status !== 'ready') return;
    // Away, or broken off: the next connection, or the next round, subscribes them again.
    await listener.subscribe(...names).catch(() => undefined);
  };
  const renew = (): void => void ask([...channels.keys()]);
  // Heard here because an 'error' that nobody hears ends the process; the link tells the log.
  listener.on('error', () => undefined);
  listener.on('ready', renew);
  listener.on('message', (channel: string, message: string) => {
    const known = channels.get(channel);
    if (known !== undefined) local.publish(known.name, message);
  });
  const timer = setInterval(renew, renewEveryMs);
  timer.unref();

  return {
    subscribe: async (name, hear) => {
      const channel = keys.channel(name);
      const known = channels.get(channel) ?? { name, listeners: 0 };
      known.listeners++;
      channels.set(channel, known);
      const stop = await local.subscribe(name, hear);
      if (known.listeners === 1) await atMost(ask([channel]), timeoutMs);
      let isStopped = false;
      return () => {
        if (isStopped) return;
        isStopped = true;
        stop();
        known.listeners--;
        if (known.listeners > 0) return;
        channels.delete(channel);
        // Where it is not heard, messages arrive that nobody is here to hear.
        if (listener.status === 'ready') listener.unsubscribe(channel).catch(() => undefined);
      };
    },
    close: () => {
      clearInterval(timer);
      channels.clear();
    },
  };
}

async function atMost(work: Promise<void>, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}
