import type { Clock } from '../clock.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Bank, BankOutcome, BreakerState, ResilientBank } from './bank.ts';
import { openBreaker } from './resilience-breaker.ts';

export interface ResilienceOptions {
  /** Failures in a row that open the breaker; 0: never. */
  readonly failures: number;
  readonly openMs: number;
  /** What the bulkhead allows. */
  readonly callsMax: number;
  readonly clock: Clock;
  readonly log: Logger;
}

export function openResilience(bank: Bank, options: ResilienceOptions): ResilientBank {
  const { clock, log } = options;
  const breaker = openBreaker(options);
  const listeners: (() => void)[] = [];
  let known: BreakerState = 'closed';
  let since = new Date(clock.now());

  function look(): BreakerState {
    const state = breaker.state(clock.monotonic());
    if (state === known) return state;
    const was = known;
    known = state;
    since = new Date(clock.now());
    const level = state === 'open' ? 'error' : 'warn';
    log[level]({ bank: bank.name, was, breaker: state }, sentences[state]);
    for (const tell of listeners) tell();
    return state;
  }

  async function watch<Outcome extends BankOutcome>(
    call: () => Promise<Outcome>,
  ): Promise<Outcome | Lost> {
    const token = breaker.begin(clock.monotonic());
    const outcome = await call().catch(lost);
    const failed = outcome.kind === 'unknown' || outcome.kind === 'retryable';
    breaker.end(token, failed, clock.monotonic());
    look();
    return outcome;
  }

  return {
    ...bank,
    submit: (order, call) => watch(() => bank.submit(order, call)),
    inquire: (order, call) => watch(() => bank.inquire(order, call)),
    callsMax: () => {
      look();
      return breaker.callsMax(clock.monotonic());
    },
    snapshot: () => ({
      bank: bank.name,
      state: look(),
      since,
      callsMax: breaker.callsMax(clock.monotonic()),
      failuresInRow: breaker.failuresInRow(),
      opened: breaker.opened(),
    }),
    onChange: (listener) => {
      listeners.push(listener);
    },
  };
}

const sentences: Readonly<Record<BreakerState, string>> = {
  open: 'the bank fails: no submits for now, one inquiry a second',
  half_open: 'the bank is tried with one call',
  closed: 'the bank is back, its breaker is closed',
};

type Lost = { readonly kind: 'unknown'; readonly evidence: string };

function lost(error: unknown): Lost {
  const said = error instanceof Error ? error.message : String(error);
  return { kind: 'unknown', evidence: `the connector failed: ${said.slice(0, 200)}` };
}
