import type { Clock } from '../../clock.ts';

/** A reading older than this is taken again. */
const readingMsMax = 1_000;
/** Messages remembered for the average: older ones count ever less. */
const averageOverMax = 10_000;

/**
 * How many payments wait in the queue, as far as this process can tell: the broker counts messages,
 * once a second at most, and how many payments one names on average is known from those that passed
 * here (one, before any did). What this process sent and took since the reading is added and taken
 * off; what others did shows in the next one.
 */
export class Backlog {
  readonly #clock: Clock;
  /** Messages ready, or null where the broker cannot be asked. */
  readonly #read: () => Promise<number | null>;
  #readyMessages = 0;
  #paymentsSince = 0;
  #readAtMs: number;
  #reading: Promise<void> | null = null;
  #seen = { messages: 0, payments: 0 };

  constructor(clock: Clock, read: () => Promise<number | null>) {
    this.#clock = clock;
    this.#read = read;
    this.#readAtMs = -readingMsMax;
  }

  /** Without asking, but so that the next question finds a newer answer. */
  get estimate(): number {
    if (this.#isOld()) void this.#refresh();
    return this.#estimate();
  }

  async count(): Promise<number> {
    if (this.#isOld()) await this.#refresh();
    return this.#estimate();
  }

  setReady(messages: number): void {
    this.#readyMessages = messages;
    this.#paymentsSince = 0;
    this.#readAtMs = this.#clock.monotonic();
  }

  sent(payments: number): void {
    this.#learn(payments);
    this.#paymentsSince += payments;
  }

  taken(payments: number): void {
    this.#learn(payments);
    this.#paymentsSince -= payments;
  }

  handedBack(payments: number): void {
    this.#paymentsSince += payments;
  }

  #estimate(): number {
    const { messages, payments } = this.#seen;
    const average = messages === 0 ? 1 : payments / messages;
    return Math.max(0, Math.round(this.#readyMessages * average) + this.#paymentsSince);
  }

  #isOld(): boolean {
    return this.#clock.monotonic() - this.#readAtMs >= readingMsMax;
  }

  /**
   * Never rejects. One question at a time; without an answer the old one stands for another second.
   */
  #refresh(): Promise<void> {
    this.#reading ??= this.#ask().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #ask(): Promise<void> {
    const messages = await this.#read().catch(() => null);
    if (messages === null) this.#readAtMs = this.#clock.monotonic();
    else this.setReady(messages);
  }

  #learn(payments: number): void {
    this.#seen.messages++;
    this.#seen.payments += payments;
    if (this.#seen.messages < averageOverMax) return;
    this.#seen = { messages: averageOverMax / 2, payments: this.#seen.payments / 2 };
  }
}
