import { assert } from '../assert.ts';
import {
  type ConsumeOptions,
  type Consumer,
  deliveriesMax,
  type Hint,
  hintPaymentsMax,
  type Queue,
} from './queue.ts';

export interface EmbeddedQueueOptions {
  /** Payments named by messages that are waiting or being handled; past it `publish` refuses. */
  readonly depthMax?: number;
  /** Told of a message that was dropped, and of what its handler threw last. */
  readonly onBuried?: (hint: Hint, error: unknown) => void;
}

/** About 15 MB of ids: several minutes of work at full speed, and little to lose. */
const depthMaxDefault = 200_000;

interface Message {
  readonly hint: Hint;
  deliveries: number;
}

type Handler = (hint: Hint) => Promise<void>;

/**
 * The queue inside one process: complete for a gateway that is its own only worker, and the fake in
 * every test. It loses all on exit; the sweeper brings back what was due.
 */
export function openEmbeddedQueue(options: EmbeddedQueueOptions = {}): Queue {
  return new EmbeddedQueue(options);
}

/** As RabbitMQ's: without them a restart of the database would use up every delivery at once. */
const redeliveryPausesMs = [50, 200, 800];

class EmbeddedQueue implements Queue {
  readonly #depthMax: number;
  readonly #onBuried: (hint: Hint, error: unknown) => void;
  /** Round robin: whoever was served goes to the end. */
  readonly #consumers: EmbeddedConsumer[] = [];
  #waiting: Message[] = [];
  /** Where the waiting messages begin: taking one must not move the others. */
  #head = 0;
  #depth = 0;
  #runningPayments = 0;
  #isHandingOut = false;
  #isClosed = false;

  constructor(options: EmbeddedQueueOptions) {
    this.#depthMax = options.depthMax ?? depthMaxDefault;
    this.#onBuried = options.onBuried ?? warnBuried;
  }

  publish = async (hint: Hint): Promise<'sent' | 'refused'> => {
    const count = hint.paymentIds.length;
    assert(count >= 1 && count <= hintPaymentsMax, 'a hint names 1 to hintPaymentsMax payments');
    if (this.#isClosed) return 'refused';
    if (this.#depth + this.#runningPayments + count > this.#depthMax) return 'refused';
    this.#push({ hint, deliveries: 0 });
    return 'sent';
  };

  consume = async (handler: Handler, { prefetch }: ConsumeOptions): Promise<Consumer> => {
    assert(Number.isInteger(prefetch) && prefetch >= 1, 'a consumer takes one message or more');
    assert(!this.#isClosed, 'a closed queue has no consumers');
    const consumer = new EmbeddedConsumer(handler, prefetch, () => this.#remove(consumer));
    this.#consumers.push(consumer);
    this.#handOutSoon();
    return consumer;
  };

  depth = async (): Promise<number> => this.#depth;

  ping = async (): Promise<void> => {
    if (this.#isClosed) throw new Error('the queue is closed');
  };

  close = async (): Promise<void> => {
    this.#isClosed = true;
    this.#waiting = [];
    this.#head = 0;
    this.#depth = 0;
    await Promise.all(this.#consumers.map((consumer) => consumer.stop()));
  };

  #push(message: Message): void {
    this.#waiting.push(message);
    this.#depth += message.hint.paymentIds.length;
    this.#handOutSoon();
  }

  /** Later, so that no handler runs on the publisher's stack. */
  #handOutSoon(): void {
    if (this.#isHandingOut) return;
    this.#isHandingOut = true;
    queueMicrotask(() => {
      this.#isHandingOut = false;
      this.#handOut();
    });
  }

  #handOut(): void {
    while (this.#head < this.#waiting.length) {
      const index = this.#consumers.findIndex((consumer) => consumer.hasRoom);
      const consumer = this.#consumers[index];
      if (consumer === undefined) return;
      this.#consumers.splice(index, 1);
      this.#consumers.push(consumer);
      void this.#deliver(consumer, this.#shift());
    }
  }

  #shift(): Message {
    const message = this.#waiting[this.#head];
    assert(message !== undefined, 'a message is waiting');
    this.#head++;
    this.#depth -= message.hint.paymentIds.length;
    if (this.#head === this.#waiting.length || this.#head === 1024) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return message;
  }

  /** Never rejects. */
  async #deliver(consumer: EmbeddedConsumer, message: Message): Promise<void> {
    const count = message.hint.paymentIds.length;
    message.deliveries++;
    this.#runningPayments += count;
    const fault = await consumer.run(message.hint);
    this.#runningPayments -= count;
    if (fault !== null && !this.#isClosed) this.#takeBack(message, fault.error);
    this.#handOutSoon();
  }

  #takeBack(message: Message, error: unknown): void {
    if (message.deliveries >= deliveriesMax) {
      this.#onBuried(message.hint, error);
      return;
    }
    // Until it is back it counts as running: the bound holds for it too.
    const count = message.hint.paymentIds.length;
    this.#runningPayments += count;
    const pauseMs = redeliveryPausesMs[message.deliveries - 1] ?? 0;
    const timer = setTimeout(() => {
      this.#runningPayments -= count;
      if (this.#isClosed) return;
      this.#push(message);
      this.#handOutSoon();
    }, pauseMs);
    timer.unref();
  }

  #remove(consumer: EmbeddedConsumer): void {
    const index = this.#consumers.indexOf(consumer);
    if (index >= 0) this.#consumers.splice(index, 1);
  }
}

class EmbeddedConsumer implements Consumer {
  readonly #handler: Handler;
  readonly #prefetch: number;
  readonly #leave: () => void;
  readonly #idle = Promise.withResolvers<void>();
  #running = 0;
  #isStopped = false;

  constructor(handler: Handler, prefetch: number, leave: () => void) {
    this.#handler = handler;
    this.#prefetch = prefetch;
    this.#leave = leave;
  }

  get hasRoom(): boolean {
    return !this.#isStopped && this.#running < this.#prefetch;
  }

  /** Never rejects: what the handler threw is the answer. */
  async run(hint: Hint): Promise<{ readonly error: unknown } | null> {
    this.#running++;
    try {
      await this.#handler(hint);
      return null;
    } catch (error) {
      return { error };
    } finally {
      this.#running--;
      this.#settleIdle();
    }
  }

  stop = async (): Promise<void> => {
    this.#isStopped = true;
    this.#leave();
    this.#settleIdle();
    await this.#idle.promise;
  };

  #settleIdle(): void {
    if (this.#isStopped && this.#running === 0) this.#idle.resolve();
  }
}

function warnBuried(hint: Hint, error: unknown): void {
  const cause = error instanceof Error ? error.message : String(error);
  process.emitWarning(
    `dropped a hint on ${hint.paymentIds.length} payments after ${deliveriesMax} tries: ${cause}`,
    'HintBuried',
  );
}
