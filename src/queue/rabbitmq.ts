import type { AsyncMessage, Connection } from 'rabbitmq-client';
import { assert } from '../assert.ts';
import { type Clock, systemClock } from '../clock.ts';
import { waitFor } from '../runtime/wait.ts';
import type { Logger } from '../telemetry/log.ts';
import {
  type ConsumeOptions,
  type Consumer,
  type Hint,
  hintPaymentsMax,
  type PublishResult,
  type Queue,
} from './queue.ts';
import { Backlog } from './rabbitmq/backlog.ts';
import { connect, disconnect } from './rabbitmq/connection.ts';
import { decodeHint, encodeHint, rawText } from './rabbitmq/message.ts';
import { Publisher } from './rabbitmq/publisher.ts';
import { Subscription } from './rabbitmq/subscription.ts';
import { nameTopology, type Topology } from './rabbitmq/topology.ts';

export interface RabbitQueueOptions {
  /** Hosts of one cluster (`amqp://` or `amqps://`), tried in turn. */
  readonly urls: readonly string[];
  readonly log: Logger;
  readonly clock?: Clock;
  /**
   * Told of each message in the dead-letter queue, which keeps it until this resolves; told again
   * if it throws. `hint` is null where the message is not one of ours; `raw` is what it said (16 kB
   * at most); `reason` is the broker's word: `delivery_limit`, `rejected`. Null: another process
   * does it.
   */
  readonly onBuried: ((hint: Hint | null, raw: string, reason: string) => Promise<void>) | null;
  /**
   * Before the name of everything that is declared: one broker serves several gateways, or tests.
   */
  readonly prefix?: string;
  /** Payments waiting, as far as this process knows; past it `publish` refuses. */
  readonly depthMax?: number;
  /** Publishes under way; past it they are refused. */
  readonly inFlightMax?: number;
  readonly confirmTimeoutMs?: number;
  /** A connection on which nothing comes is given up within twice this. */
  readonly heartbeatSeconds?: number;
}

/** As in embedded.ts: minutes of work. The queue itself holds more (rabbitmq/topology.ts). */
const depthMaxDefault = 200_000;
/** 2 MB of messages; at 8,000 confirms a second they are 30 ms of work. */
const inFlightMaxDefault = 256;
/** A hundred times what a healthy broker needs. */
const confirmTimeoutMsDefault = 2_000;
const heartbeatSecondsDefault = 5;
/** Opening, subscribing, asking and closing wait this long for a broker that may not be there. */
const patienceMs = 2_000;
/** Few at a time: each becomes a row in the database. */
const deadPrefetch = 10;

/**
 * The queue in RabbitMQ, 3.10 and later: quorum queues, publisher confirms, `mandatory`, dead
 * letters at least once. Opens, and stays open, whether or not there is a broker: until one
 * answers, `publish` refuses at once, `ping` rejects, and consumers wait to be subscribed.
 */
export async function openRabbitQueue(options: RabbitQueueOptions): Promise<Queue> {
  const queue = new RabbitQueue(options);
  await queue.settled();
  return queue;
}

class RabbitQueue implements Queue {
  readonly #options: RabbitQueueOptions;
  readonly #names: Topology;
  /** Two connections: a broker short of memory stops reading from those that publish. */
  readonly #publishing: Connection;
  readonly #consuming: Connection;
  readonly #publisher: Publisher;
  readonly #backlog: Backlog;
  readonly #subscriptions = new Set<Subscription>();
  readonly #dead: Subscription | null;
  #isClosed = false;

  constructor(options: RabbitQueueOptions) {
    const { urls, log, clock = systemClock, prefix = 'tollgate' } = options;
    const heartbeatSeconds = options.heartbeatSeconds ?? heartbeatSecondsDefault;
    this.#options = options;
    this.#names = nameTopology(prefix);
    const connecting = { urls, heartbeatSeconds, log };
    this.#publishing = connect({ ...connecting, name: `${prefix} publishing` });
    this.#consuming = connect({ ...connecting, name: `${prefix} consuming` });
    this.#backlog = new Backlog(clock, () => this.#readyMessages());
    this.#publisher = new Publisher({
      connection: this.#publishing,
      names: this.#names,
      inFlightMax: options.inFlightMax ?? inFlightMaxDefault,
      confirmTimeoutMs: options.confirmTimeoutMs ?? confirmTimeoutMsDefault,
      onDeclared: (messages) => this.#backlog.setReady(messages),
      log,
    });
    const { onBuried } = options;
    this.#dead = onBuried === null ? null : this.#drain(onBuried);
  }

  settled = (): Promise<void> => this.#publisher.settled(patienceMs);

  publish = async (hint: Hint): Promise<PublishResult> => {
    const count = hint.paymentIds.length;
    assert(count >= 1 && count <= hintPaymentsMax, 'a hint names 1 to hintPaymentsMax payments');
    const depthMax = this.#options.depthMax ?? depthMaxDefault;
    if (this.#isClosed || this.#backlog.estimate + count > depthMax) return 'refused';
    const result = await this.#publisher.publish(encodeHint(hint));
    if (result === 'sent') this.#backlog.sent(count);
    return result;
  };

  consume = async (
    handler: (hint: Hint) => Promise<void>,
    { prefetch }: ConsumeOptions,
  ): Promise<Consumer> => {
    assert(Number.isInteger(prefetch) && prefetch >= 1, 'a consumer takes one message or more');
    assert(!this.#isClosed, 'a closed queue has no consumers');
    const subscription = new Subscription({
      connection: this.#consuming,
      names: this.#names,
      queue: this.#names.queue,
      prefetch,
      handle: (message) => this.#handle(message, handler),
      log: this.#options.log,
    });
    this.#subscriptions.add(subscription);
    await subscription.settled(patienceMs);
    return {
      stop: async () => {
        await subscription.stop(patienceMs);
        this.#subscriptions.delete(subscription);
      },
    };
  };

  /** Messages ready × payments a message on average: see rabbitmq/backlog.ts. */
  depth = (): Promise<number> => this.#backlog.count();

  /** Rejects, with the reason, whenever `publish` would refuse for the broker's sake. */
  ping = async (): Promise<void> => {
    if (this.#isClosed) throw new Error('the queue is closed');
    const { fault } = this.#publisher;
    if (fault !== null) throw new Error(fault);
    if ((await this.#readyMessages()) === null) throw new Error('the broker does not answer');
  };

  close = async (): Promise<void> => {
    this.#isClosed = true;
    const consumers = [...this.#subscriptions, ...(this.#dead === null ? [] : [this.#dead])];
    await Promise.all([
      this.#publisher.close(patienceMs),
      ...consumers.map((consumer) => consumer.stop(patienceMs)),
    ]);
    await Promise.all(
      [this.#publishing, this.#consuming].map((each) => disconnect(each, patienceMs)),
    );
  };

  async #handle(
    message: AsyncMessage,
    handler: (hint: Hint) => Promise<void>,
  ): Promise<'done' | 'bury'> {
    const hint = decodeHint(rawText(message.body));
    if (hint === null) return 'bury';
    const count = hint.paymentIds.length;
    this.#backlog.taken(count);
    try {
      await handler(hint);
    } catch (error) {
      this.#backlog.handedBack(count);
      throw error;
    }
    return 'done';
  }

  #drain(onBuried: NonNullable<RabbitQueueOptions['onBuried']>): Subscription {
    return new Subscription({
      connection: this.#consuming,
      names: this.#names,
      queue: this.#names.deadQueue,
      prefetch: deadPrefetch,
      handle: async (message) => {
        const raw = rawText(message.body);
        await onBuried(decodeHint(raw), raw, reasonOfDeath(message));
        return 'done';
      },
      log: this.#options.log,
    });
  }

  /**
   * By a passive declaration, on a channel that ends with it: one of a queue that is gone closes
   * its channel. Asked for on the connection that a memory alarm does not block.
   */
  async #readyMessages(): Promise<number | null> {
    if (this.#isClosed || !this.#consuming.ready) return null;
    const patience = new AbortController();
    const late = waitFor(patienceMs, patience.signal).then(() => null);
    const asked = askReady(this.#consuming, this.#names.queue).catch(() => null);
    const messages = await Promise.race([asked, late]);
    patience.abort();
    return messages;
  }
}

async function askReady(connection: Connection, queue: string): Promise<number> {
  const channel = await connection.acquire({ emitErrorsFromChannel: true });
  channel.on('error', () => {});
  try {
    const { messageCount } = await channel.queueDeclare({ queue, passive: true });
    return messageCount;
  } finally {
    await channel.close();
  }
}

/** The broker's word in the first entry of `x-death`. */
function reasonOfDeath(message: AsyncMessage): string {
  const deaths: unknown = message.headers?.['x-death'];
  const first: unknown = Array.isArray(deaths) ? deaths[0] : undefined;
  if (typeof first !== 'object' || first === null || !('reason' in first)) return 'unknown';
  return String(first.reason);
}
