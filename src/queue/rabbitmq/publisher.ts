import { setImmediate } from 'node:timers/promises';
import type { Channel, Connection } from 'rabbitmq-client';
import type { Logger } from '../../telemetry/log.ts';
import type { PublishResult } from '../queue.ts';
import { reasonOf } from './connection.ts';
import { Link } from './link.ts';
import { contentType } from './message.ts';
import { declareTopology, type Topology } from './topology.ts';

export interface PublisherOptions {
  readonly connection: Connection;
  readonly names: Topology;
  /** Publishes whose confirm has not come; past it they are refused. */
  readonly inFlightMax: number;
  readonly confirmTimeoutMs: number;
  /** Told how many messages are ready whenever the topology has been declared. */
  readonly onDeclared: (messages: number) => void;
  readonly log: Logger;
}

/**
 * `sent` is said of a message that the broker has confirmed, and so has on the disks of a majority.
 * Everything else is `refused`, at once where that can be known: no channel, blocked, too many in
 * flight. Nothing waits for the broker to come back, so nothing piles up here.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #link: Link;
  /** How each publish that is under way is told its answer before the broker gives one. */
  readonly #inFlight = new Set<(result: PublishResult) => void>();
  /** Message ids that came back unroutable. */
  readonly #returned = new Set<string>();
  #blockedBy: string | null = null;
  #count = 0;

  constructor(options: PublisherOptions) {
    this.#options = options;
    const { connection, log } = options;
    connection.on('connection.blocked', (reason) => this.#block(reason));
    connection.on('connection.unblocked', () => {
      this.#blockedBy = null;
      log.info('the broker takes messages again');
    });
    // A new connection begins unblocked; if the alarm lasts, the first publish is told so.
    connection.on('connection', () => {
      this.#blockedBy = null;
    });
    this.#link = new Link({
      name: 'publisher',
      connection,
      setUp: (channel) => this.#setUp(channel),
      log,
    });
  }

  /** Why nothing can be published now, or null. */
  get fault(): string | null {
    if (this.#blockedBy !== null) return `the broker blocks publishers: ${this.#blockedBy}`;
    return this.#link.channel === null ? `no channel: ${this.#link.reason}` : null;
  }

  settled = (deadlineMs: number): Promise<void> => this.#link.settled(deadlineMs);

  /** Never rejects. */
  async publish(body: Buffer): Promise<PublishResult> {
    const channel = this.#link.channel;
    if (channel === null || this.#blockedBy !== null) return 'refused';
    if (this.#inFlight.size >= this.#options.inFlightMax) return 'refused';
    const { promise, resolve } = Promise.withResolvers<PublishResult>();
    this.#inFlight.add(resolve);
    // What has not been confirmed by then may be there or not: it counts as not sent. The channel
    // goes with it, and with the channel what the library keeps of its unanswered publishes.
    const timer = setTimeout(() => {
      this.#link.renew(channel, 'a publish was not confirmed in time');
      resolve('refused');
    }, this.#options.confirmTimeoutMs);
    this.#send(channel, body).then(resolve, () => resolve('refused'));
    const result = await promise;
    clearTimeout(timer);
    this.#inFlight.delete(resolve);
    return result;
  }

  close(deadlineMs: number): Promise<void> {
    return this.#link.close(deadlineMs);
  }

  async #send(channel: Channel, body: Buffer): Promise<PublishResult> {
    const { exchange, routingKey } = this.#options.names;
    const messageId = String(++this.#count);
    try {
      await channel.basicPublish(
        { exchange, routingKey, messageId, contentType, mandatory: true, durable: true },
        body,
      );
    } catch (error) {
      // A channel that was refused once may be refused for ever (connection.ts); a full queue
      // refuses too, and another second does no harm then.
      this.#link.renew(channel, reasonOf(error));
      return 'refused';
    }
    // The library tells of a returned message one turn after its confirm.
    await setImmediate();
    return this.#returned.delete(messageId) ? 'refused' : 'sent';
  }

  async #setUp(channel: Channel): Promise<void> {
    this.#returned.clear();
    channel.on('basic.return', (message) => {
      if (message.messageId !== undefined) this.#returned.add(message.messageId);
      // The queue or its binding is gone: the next channel declares them again.
      this.#link.renew(channel, `a message came back: ${message.replyText}`);
    });
    this.#options.onDeclared(await declareTopology(channel, this.#options.names));
    await channel.confirmSelect();
  }

  /** What is under way stays in the socket's buffer: nobody waits for it, and it may come later. */
  #block(reason: string): void {
    this.#blockedBy = reason;
    this.#options.log.warn({ reason }, 'the broker blocks publishers');
    for (const tell of this.#inFlight) tell('refused');
  }
}
