import type { Bank, BankOutcome } from '../../src/bank/bank.ts';
import { openResilience } from '../../src/bank/resilience.ts';
import { systemClock } from '../../src/clock.ts';
import type { Coordination } from '../../src/coordination/coordination.ts';
import { openMemoryCoordination } from '../../src/coordination/memory.ts';
import type { Database } from '../../src/db/database.ts';
import { newWorkerId, type PaymentId } from '../../src/ids.ts';
import { openClearing } from '../../src/ledger/clearing.ts';
import { openAccept } from '../../src/payments/accept.ts';
import type { Accept } from '../../src/payments/command.ts';
import { type Execute, type ExecuteOptions, openExecute } from '../../src/payments/execute.ts';
import { type Claim, claimDue } from '../../src/payments/execute-store.ts';
import { openResolve, type Resolve } from '../../src/payments/resolve.ts';
import { openSettle, type Settle, type SettleResult } from '../../src/payments/settle.ts';
import type { ContactPolicy } from '../../src/payments/settle-rules.ts';
import { openKillPoints } from '../../src/runtime/kill-point.ts';
import { silentLog } from './books.ts';

const hourMs = 3_600_000;

export const policy: ContactPolicy = {
  retryDelaysMs: [4_000, 16_000, 64_000],
  inquiryDelaysMs: [5_000, 30_000, 120_000, 600_000, hourMs],
  reviewInquiryDelayMs: 24 * hourMs,
  bank: { deduplicationWindowMs: 24 * hourMs, processingTimeMaxMs: 60_000, inquires: true },
};
export const claimTerms = {
  leaseMs: 25_000,
  deadlineMs: 72 * hourMs,
  deduplicationWindowMs: policy.bank.deduplicationWindowMs,
  inquiriesOnly: false,
};

export interface JourneyOptions {
  readonly coordination?: Coordination;
  readonly policy?: ContactPolicy;
  readonly acceptDeadlineMs?: number;
}

/** The stops of one process, by hand: nothing happens between them unless the test does it. */
export interface Journey {
  readonly accept: Accept;
  readonly settle: Settle['settle'];
  readonly resolve: Resolve['resolve'];
  readonly claim: (...ids: readonly PaymentId[]) => Promise<readonly Claim[]>;
  /** As if the bank had been asked and had answered this. */
  readonly end: (claim: Claim, outcome: BankOutcome) => Promise<SettleResult>;
  readonly openExecute: (bank: Bank, changes?: Partial<ExecuteOptions>) => Execute;
}

export function openJourney(database: Database, options: JourneyOptions = {}): Journey {
  const reach = openKillPoints('');
  const { accept } = openAccept({
    database,
    clock: systemClock,
    bank: 'scripted',
    waitingMax: 10_000,
    deadlineMs: options.acceptDeadlineMs ?? 5_000,
    onAccepted: () => {},
    reach,
  });
  const { settle } = openSettle({
    database,
    coordination: options.coordination ?? openMemoryCoordination(systemClock),
    clearing: openClearing(database, systemClock.monotonic),
    policy: options.policy ?? policy,
    worker: newWorkerId(),
    waitingMax: 10_000,
    monotonic: systemClock.monotonic,
    random: () => 0.5,
    log: silentLog,
    reach,
  });
  const { resolve } = openResolve({
    database,
    settle,
    monotonic: systemClock.monotonic,
    log: silentLog,
    deadlineMs: claimTerms.deadlineMs,
  });
  return {
    accept,
    settle,
    resolve,
    claim: async (...ids) => (await claimDue(database.keyed, ids, claimTerms)).claims,
    end: (claim, outcome) => {
      const endedAt = systemClock.monotonic();
      const leaseEndsAt = endedAt + claimTerms.leaseMs;
      return settle({ claim, outcome, startedAt: endedAt - 10, endedAt, leaseEndsAt });
    },
    openExecute: (bank, changes = {}) =>
      openExecute({
        database,
        bank: openResilience(bank, {
          failures: 0,
          openMs: 1,
          callsMax: 500,
          clock: systemClock,
          log: silentLog,
        }),
        handBack: async () => 'refused',
        settle,
        clock: systemClock,
        log: silentLog,
        reach,
        inFlightMax: 500,
        callTimeoutMs: 15_000,
        leaseMs: claimTerms.leaseMs,
        deadlineMs: claimTerms.deadlineMs,
        ...changes,
      }),
  };
}

/** A coordination store that has gone wrong: every lease is granted to everybody. */
export function openLyingCoordination(): Coordination {
  const honest = openMemoryCoordination(systemClock);
  return {
    ...honest,
    lease: async (names) => ({ granted: new Map(names.map((name) => [name, 1])) }),
  };
}
