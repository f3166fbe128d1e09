/**
 * In:   a message that names payments which may be due.
 * Out:  each one that is due is claimed (PROCESSING, fence + 1, a lease), the bank is asked, and
 *       what it said goes to settle. The message is done when every member is claimed or found not
 *       due.
 * If we die here: the claim has written "inquire" on the row; when the lease ends, `recover` asks
 *       the bank what became of it. A submit is never repeated on our own guess.
 */
import type { Bank, BankOrder } from '../bank/bank.ts';
import type { Clock } from '../clock.ts';
import {
  classifyGroupFailure,
  type Database,
  DatabaseAway,
  OutcomeUnknown,
} from '../db/database.ts';
import { bankReference, type PaymentId } from '../ids.ts';
import type { Hint } from '../queue/queue.ts';
import { openBatcher } from '../runtime/batcher.ts';
import { type Bulkhead, openBulkhead } from '../runtime/bulkhead.ts';
import type { KillPoints } from '../runtime/kill-point.ts';
import { waitFor } from '../runtime/wait.ts';
import type { Logger } from '../telemetry/log.ts';
import { type Claim, claimDue } from './execute-store.ts';
import { recoverPayment } from './recover.ts';
import type { Settle } from './settle.ts';
import type { Contacted } from './settle-rules.ts';

export interface ExecuteOptions {
  readonly database: Pick<Database, 'keyed'>;
  readonly bank: Bank;
  readonly settle: Settle['settle'];
  readonly clock: Clock;
  readonly log: Logger;
  readonly reach: KillPoints;
  /** Calls to the bank at one time. */
  readonly inFlightMax: number;
  readonly callTimeoutMs: number;
  /**
   * Longer than a call can take: DESIGN's chain callTimeoutMs < leaseMs is refused at the start.
   */
  readonly leaseMs: number;
  /** From the first claim to review. */
  readonly deadlineMs: number;
  readonly onGroup?: (size: number) => void;
}

export interface Execute {
  /** Handles one message of the queue. Rejects where claiming failed: the message comes again. */
  readonly handle: (hint: Hint) => Promise<void>;
  readonly inFlight: () => number;
  /** Claims nothing more and resolves when no call is in flight; messages in hand go back. */
  readonly stop: () => Promise<void>;
}

/** A claim, and the monotonic moment before it was sent: from then on the lease runs. */
interface Claimed {
  readonly claim: Claim;
  readonly sentAt: number;
}

const settleRetryMs = 250;
/** The lease bounds the wait; a stop leaves it to its deadline. */
const never = new AbortController().signal;

export function openExecute(options: ExecuteOptions): Execute {
  const bulkhead = openBulkhead(options.inFlightMax);
  const { onGroup } = options;
  const claims = openBatcher<PaymentId, Claimed | null>({
    name: 'claim',
    slots: 2,
    groupMax: 500,
    waitingMax: options.inFlightMax,
    flush: async (ids) => {
      const sentAt = options.clock.monotonic();
      const { leaseMs, deadlineMs } = options;
      const { deduplicationWindowMs } = options.bank.capabilities;
      const terms = { leaseMs, deadlineMs, deduplicationWindowMs };
      const rows = await claimDue(options.database.keyed, ids, terms);
      const byId = new Map(rows.map((claim) => [claim.id, { claim, sentAt }]));
      return ids.map((id) => {
        const done = byId.get(id) ?? null;
        // One id named twice is claimed once.
        byId.delete(id);
        return { done };
      });
    },
    classify: classifyGroupFailure,
    ...(onGroup === undefined ? {} : { onGroup }),
  });

  async function claimAndStart(id: PaymentId): Promise<void> {
    if (!(await bulkhead.take())) throw new Error('stopping: the message is for somebody else');
    const claimed = await claims.submit(id).catch((error: unknown) => {
      bulkhead.giveBack();
      throw error;
    });
    if (claimed === null) bulkhead.giveBack();
    else start(options, bulkhead, claimed);
  }

  return {
    handle: async ({ paymentIds }) => {
      await Promise.all(paymentIds.map(claimAndStart));
    },
    inFlight: bulkhead.taken,
    stop: bulkhead.close,
  };
}

/** From here on the row is the truth: nobody waits for this call, and its lease covers its loss. */
function start(options: ExecuteOptions, bulkhead: Bulkhead, claimed: Claimed): void {
  options.reach('execute.after_claim');
  contactBank(options, claimed)
    .catch((error: unknown) => {
      const { id } = claimed.claim;
      // Thousands may be in flight when the database goes: a line each, but no stack.
      const isPassing = error instanceof DatabaseAway || error instanceof OutcomeUnknown;
      const fault = isPassing ? { error: error.message } : { err: error };
      options.log.error({ payment_id: id, ...fault }, 'a contact was lost, its lease will end');
    })
    .finally(bulkhead.giveBack);
}

async function contactBank(options: ExecuteOptions, { claim, sentAt }: Claimed): Promise<void> {
  const { bank, clock, callTimeoutMs, leaseMs, log } = options;
  const startedAt = clock.monotonic();
  const leaseEndsAt = sentAt + leaseMs;
  if (leaseEndsAt - startedAt < callTimeoutMs) {
    log.warn({ payment_id: claim.id }, 'claimed too late to ask the bank, its lease will end');
    return;
  }
  const order: BankOrder = {
    reference: bankReference(claim.id),
    kind: claim.kind,
    amountMinor: claim.amountMinor,
    currency: claim.currency,
  };
  const call = { deadlineMs: callTimeoutMs, requestId: claim.requestId };
  const outcome =
    claim.contact === 'submit'
      ? await bank.submit(order, call)
      : await recoverPayment(bank, order, call);
  options.reach('execute.after_bank');
  const endedAt = clock.monotonic();
  const settlement = await settleWithinLease(options, {
    claim,
    outcome,
    startedAt,
    endedAt,
    leaseEndsAt,
  });
  if (settlement.kind === 'too_late')
    log.warn({ payment_id: claim.id }, 'its account was taken until the lease ended, asked again');
  if (log.isLevelEnabled('debug'))
    log.debug(
      {
        payment_id: claim.id,
        request_id: claim.requestId,
        contact: claim.contact,
        outcome: outcome.kind,
        settlement: settlement.kind,
        ms: Math.round(endedAt - startedAt),
      },
      'contact settled',
    );
}

/**
 * The bank's word is worth keeping while PostgreSQL is away: settling again is safe, because a
 * repeat finds what the first one left. Past the lease, an inquiry will bring the word again.
 */
async function settleWithinLease(
  options: ExecuteOptions,
  contacted: Contacted,
): ReturnType<Settle['settle']> {
  for (;;) {
    try {
      return await options.settle(contacted);
    } catch (error) {
      const isPassing = error instanceof DatabaseAway || error instanceof OutcomeUnknown;
      if (!isPassing || options.clock.monotonic() + settleRetryMs >= contacted.leaseEndsAt)
        throw error;
      await waitFor(settleRetryMs, never);
    }
  }
}
