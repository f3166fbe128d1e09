import { randomInt } from 'node:crypto';
import type { Channel, Connection } from 'rabbitmq-client';
import { waitFor } from '../../runtime/wait.ts';
import type { Logger } from '../../telemetry/log.ts';
import { orAfter, reasonOf } from './connection.ts';

export interface LinkOptions {
  readonly name: string;
  readonly connection: Connection;
  /**
   * Makes a new channel ready for use: declares, subscribes. What it throws is a failed attempt.
   */
  readonly setUp: (channel: Channel) => Promise<void>;
  readonly log: Logger;
}

/**
 * A channel that is opened, set up, and opened again whenever it is lost, until the link is closed.
 * Nobody waits for it: whoever needs the channel takes the one that is open now, or goes without.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  readonly #firstAttempt = Promise.withResolvers<void>();
  #channel: Channel | null = null;
  #lost: (reason: string) => void = () => {};
  #reason = 'not connected yet';
  #reasonSaid = '';

  constructor(options: LinkOptions) {
    this.#options = options;
    options.connection.once('error', () => this.#firstAttempt.resolve());
    this.#running = this.#run();
  }

  /** The channel, while it can be used. */
  get channel(): Channel | null {
    return this.#channel?.active === true ? this.#channel : null;
  }

  /** Why there is no channel. */
  get reason(): string {
    return this.#reason;
  }

  /** The first attempt has ended, either way, or the deadline has passed. */
  async settled(deadlineMs: number): Promise<void> {
    await orAfter(this.#firstAttempt.promise, deadlineMs);
  }

  /**
   * Gives this channel up, unless that has happened already, and opens another one after a while.
   */
  renew(channel: Channel, reason: string): void {
    if (channel === this.#channel) this.#lost(reason);
  }

  /** Its channel is closed too, unless the broker does not answer by the deadline. */
  async close(deadlineMs: number): Promise<void> {
    this.#closing.abort();
    const channel = this.#channel;
    if (channel === null) return;
    this.#lost('closed');
    // Whoever closes a channel waits for the broker; a blocked or hung one never says anything.
    await orAfter(Promise.all([channel.close(), this.#running]), deadlineMs);
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      this.#reason = await this.#useOne();
      this.#channel = null;
      this.#firstAttempt.resolve();
      if (signal.aborted) return;
      this.#sayLost();
      // As after the loss of a connection: at least a second, and not all processes at once.
      await waitFor(renewMsMin + randomInt(renewMsMin), signal);
    }
  }

  /** One channel from its opening to its end. @returns why it ended. */
  async #useOne(): Promise<string> {
    const { promise: lost, resolve } = Promise.withResolvers<string>();
    const { signal } = this.#closing;
    const patience = new AbortController();
    let channel: Channel | null = null;
    try {
      channel = await this.#options.connection.acquire({ emitErrorsFromChannel: true });
      if (signal.aborted) return 'closed';
      channel.on('error', (error: unknown) => resolve(reasonOf(error)));
      channel.on('basic.cancel', (_tag: string, error: unknown) => resolve(reasonOf(error)));
      // A turn later: what closed it is known by then, to whoever was waiting for an answer.
      channel.once('close', () => setImmediate(resolve, 'the channel was closed'));
      const fault = await Promise.race([
        this.#options.setUp(channel).then(() => null),
        lost,
        waitFor(setUpMsMax, AbortSignal.any([signal, patience.signal])).then(() => 'no answer'),
      ]);
      if (fault !== null) return fault;
      this.#channel = channel;
      this.#lost = resolve;
      this.#reasonSaid = '';
      this.#firstAttempt.resolve();
      return await lost;
    } catch (error) {
      return reasonOf(error);
    } finally {
      patience.abort();
      // Not awaited: on a connection that hangs it ends with the connection.
      channel?.close().catch(ignoreClosed);
    }
  }

  /** Once for each reason: the attempts go on for as long as the broker is away. */
  #sayLost(): void {
    const { name, log } = this.#options;
    if (this.#reason !== this.#reasonSaid)
      log.warn({ link: name, reason: this.#reason }, 'channel lost');
    this.#reasonSaid = this.#reason;
  }
}

/** See connection.ts on why not sooner. */
const renewMsMin = 1_000;
/** A declaration on a queue without a majority is answered late, or never. */
const setUpMsMax = 10_000;

/** A channel that cannot be closed is gone already. */
function ignoreClosed(): void {}
