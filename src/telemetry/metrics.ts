import { Gauge, Registry } from 'prom-client';

/** What a process can tell of itself; asked when it is scraped, and not before. */
export interface Readings {
  /** Empty where nobody knows now. */
  readonly breakers: () => Promise<readonly BreakerReading[]>;
  /** Null: no outcome is unknown, or nobody knows now. */
  readonly oldestUnknownSeconds: () => Promise<number | null>;
  readonly callsInFlight: () => number;
}

export interface BreakerReading {
  readonly bank: string;
  readonly state: BreakerWord;
}

type BreakerWord = 'closed' | 'half_open' | 'open';

const breakerWords: readonly BreakerWord[] = ['closed', 'half_open', 'open'];

export interface Metrics {
  readonly contentType: string;
  /** Prometheus' text format. */
  readonly scrape: () => Promise<string>;
}

/**
 * Every metric, declared here with its help text and labels. Nothing is counted on the way of a
 * payment: a reading costs when somebody asks. Labels are banks and states, so their number is
 * bounded by the settings.
 */
export function openMetrics(readings: Readings): Metrics {
  const registry = new Registry();
  for (const gauge of gaugesOf(readings)) registry.registerMetric(gauge);
  return { contentType: registry.contentType, scrape: () => registry.metrics() };
}

function gaugesOf(readings: Readings): readonly Gauge[] {
  // Not in the library's registry of the whole process: two gateways in one test have one each.
  const registers: [] = [];
  return [
    new Gauge({
      name: 'tollgate_bank_breaker_state',
      help: '1 for the state of a circuit breaker; an API process tells the worst of the workers.',
      labelNames: ['bank', 'state'],
      registers,
      async collect() {
        this.reset();
        for (const { bank, state } of await readings.breakers())
          for (const word of breakerWords) this.set({ bank, state: word }, word === state ? 1 : 0);
      },
    }),
    new Gauge({
      name: 'tollgate_payments_unknown_oldest_seconds',
      help: 'Since the first submit of the oldest payment with an unknown outcome; 0: none.',
      registers,
      async collect() {
        this.set((await readings.oldestUnknownSeconds()) ?? 0);
      },
    }),
    new Gauge({
      name: 'tollgate_bank_calls_in_flight',
      help: 'Calls of this process that wait for a bank.',
      registers,
      collect() {
        this.set(readings.callsInFlight());
      },
    }),
  ];
}
