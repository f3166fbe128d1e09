import type { AsyncMessage, Channel, Connection } from 'rabbitmq-client';
import { waitFor } from '../../runtime/wait.ts';
import type { Logger } from '../../telemetry/log.ts';
import { orAfter, reasonOf } from './connection.ts';
import { Link } from './link.ts';
import { declareTopology, type Topology } from './topology.ts';

export interface SubscriptionOptions {
  readonly connection: Connection;
  readonly names: Topology;
  readonly queue: string;
  readonly prefetch: number;
  /**
   * What becomes of a message: `done` takes it out of the queue, `bury` sends it to where the dead
   * ones go. What it throws gives the message back.
   */
  readonly handle: (message: AsyncMessage) => Promise<'done' | 'bury'>;
  readonly log: Logger;
}

/**
 * Before a message that could not be handled is given back. Its consumer is the one that gets it
 * again, mostly: without a pause a database that restarts would use all deliveries up in a moment.
 * Longer, and a message that nobody can handle keeps its place for longer than others can spare.
 */
const backMsMin = 50;
const backMsMax = 2_000;

/** One consumer on one queue, subscribed again after every loss, until it is stopped. */
export class Subscription {
  readonly #options: SubscriptionOptions;
  readonly #link: Link;
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #consumerTag: string | null = null;
  #stopped: Promise<void> | null = null;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    const { connection, queue, log } = options;
    const setUp = (channel: Channel): Promise<void> => this.#subscribe(channel);
    this.#link = new Link({ name: queue, connection, setUp, log });
  }

  settled = (deadlineMs: number): Promise<void> => this.#link.settled(deadlineMs);

  /** Takes nothing more and resolves when what is being handled has ended. */
  stop(deadlineMs: number): Promise<void> {
    this.#stopped ??= this.#stop(deadlineMs);
    return this.#stopped;
  }

  async #stop(deadlineMs: number): Promise<void> {
    this.#stopping.abort();
    const channel = this.#link.channel;
    const consumerTag = this.#consumerTag;
    if (channel !== null && consumerTag !== null) {
      // Where this fails the channel is gone, and so is the subscription.
      const cancelled = channel.basicCancel({ consumerTag }).catch(() => undefined);
      await orAfter(cancelled, deadlineMs);
    }
    await Promise.all(this.#running);
    // What came in meanwhile goes back to the queue with the channel.
    await this.#link.close(deadlineMs);
  }

  async #subscribe(channel: Channel): Promise<void> {
    const { names, queue, prefetch } = this.#options;
    await declareTopology(channel, names);
    // What the last channel brought is still being handled, and comes again: not both at once.
    await Promise.all(this.#running);
    await channel.basicQos({ prefetchCount: prefetch });
    const take = (message: AsyncMessage): void => this.#take(channel, message);
    const { consumerTag } = await channel.basicConsume({ queue, noAck: false }, take);
    this.#consumerTag = consumerTag;
  }

  #take(channel: Channel, message: AsyncMessage): void {
    if (this.#stopping.signal.aborted || !channel.active) return;
    const handled = this.#answer(channel, message).finally(() => this.#running.delete(handled));
    this.#running.add(handled);
  }

  /** Never rejects. */
  async #answer(channel: Channel, message: AsyncMessage): Promise<void> {
    const { deliveryTag } = message;
    const fate = await this.#options.handle(message).catch((error: unknown) => ({ error }));
    if (typeof fate === 'object') await this.#pauseBefore(message, fate.error);
    // The broker gives the message of a lost channel to somebody else by itself.
    if (!channel.active) return;
    if (fate === 'done') channel.basicAck({ deliveryTag });
    else channel.basicNack({ deliveryTag, requeue: fate !== 'bury' });
  }

  async #pauseBefore(message: AsyncMessage, error: unknown): Promise<void> {
    const deliveries = deliveriesOf(message);
    const { queue, log } = this.#options;
    log.warn({ queue, deliveries, reason: reasonOf(error) }, 'a message could not be handled');
    const pauseMs = Math.min(backMsMin * 4 ** (deliveries - 1), backMsMax);
    await waitFor(pauseMs, this.#stopping.signal);
  }
}

/** This one included. The broker counts the ones before. */
function deliveriesOf(message: AsyncMessage): number {
  const before: unknown = message.headers?.['x-delivery-count'];
  return typeof before === 'number' ? before + 1 : 1;
}
