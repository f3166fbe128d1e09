/**
 * In:   a message that names payments which may be due.
 * Out:  each one that is due is claimed (PROCESSING, fence + 1, a lease), the bank is asked, and
 *       what it said goes to settle. The message is done when every member is claimed or found not
 *       due. While the bank's breaker is open nothing is claimed: the message goes back to the
 *       queue as it is, for a worker whose breaker is closed, or for later.
 * If we die here: the claim has written "inquire" on the row; when the lease ends, `recover` asks
 *       the bank what became of it. A submit is never repeated on our own guess.
 */
import type { BankOrder, ResilientBank } from '../bank/bank.ts';
import type { Clock } from '../clock.ts';
import {
  classifyGroupFailure,
  type Database,
  DatabaseAway,
  OutcomeUnknown,
} from '../db/database.ts';
import { bankReference, type PaymentId } from '../ids.ts';
import type { Hint, PublishResult } from '../queue/queue.ts';
import { type Batcher, openBatcher } from '../runtime/batcher.ts';
import { openBulkhead } from '../runtime/bulkhead.ts';
import type { KillPoints } from '../runtime/kill-point.ts';
import { waitFor } from '../runtime/wait.ts';
import type { Logger } from '../telemetry/log.ts';
import { type Claim, claimDue } from './execute-store.ts';
import { recoverPayment } from './recover.ts';
import type { Settle } from './settle.ts';
import type { Contacted } from './settle-rules.ts';

export interface ExecuteOptions {
  readonly database: Pick<Database, 'keyed'>;
  readonly bank: ResilientBank;
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
  /** Into the queue again, behind the others: what a bank that fails is not asked for now. */
  readonly handBack: (hint: Hint) => Promise<PublishResult>;
  readonly onGroup?: (size: number) => void;
}

export interface Execute {
  /** Handles one message of the queue. Rejects where claiming failed: the message comes again. */
  readonly handle: (hint: Hint) => Promise<void>;
  readonly inFlight: () => number;
  /** So many calls at one time from now on; with 0 whoever waits for a place is handed back. */
  readonly limit: (callsMax: number) => void;
  /**
   * One contact beside the queue, with the first of `ids` that can be claimed: how a bank that
   * fails is still asked. Resolves when it has begun; null: none could be claimed.
   */
  readonly contactOne: (
    ids: readonly PaymentId[],
    only: 'inquiries' | 'any',
  ) => Promise<{ readonly ended: Promise<void> } | null>;
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

type Answer = Claimed | 'not_due' | 'set_aside' | 'turned_away';

export function openExecute(options: ExecuteOptions): Execute {
  const bulkhead = openBulkhead(options.inFlightMax);
  const claims = openClaims(options, { groupMax: 500, slots: 2 });
  const suspects = openClaims(options, { groupMax: 1, slots: 1 });
  /** Contacts beside the queue are few, and must find a place while slow calls hold all others. */
  const beside = openBulkhead(besideMax);
  /** Answered, and waiting for an account that somebody else has taken. */
  const parking = openBulkhead(options.inFlightMax);
  let isStopping = false;

  async function claimOne(id: PaymentId): Promise<Answer> {
    if (!(await bulkhead.take())) return 'turned_away';
    try {
      const answer = await claims.submit(id);
      const last = answer === 'set_aside' ? await suspects.submit(id) : answer;
      if (typeof last === 'string') bulkhead.giveBack();
      else void startInPlace(last);
      return last;
    } catch (error) {
      bulkhead.giveBack();
      throw error;
    }
  }

  /**
   * The place is for the call at the bank. Whose account is stuck after it waits outside: else one
   * account's payments would take the places of all others for as long as a lease.
   */
  async function startInPlace(claimed: Claimed): Promise<void> {
    let place = bulkhead;
    await start(options, claimed, () => {
      // While we stop nobody else needs the place, and the stop waits for it where it is.
      if (isStopping || parking.taken() === options.inFlightMax) return;
      void parking.take();
      place = parking;
      bulkhead.giveBack();
    });
    place.giveBack();
  }

  return {
    handle: async ({ paymentIds }) => {
      const answers = await Promise.all(paymentIds.map(claimOne));
      const left = paymentIds.filter((_, index) => answers[index] === 'turned_away');
      if (left.length === 0) return;
      if (isStopping) throw new Error('stopping: the message is for somebody else');
      if ((await options.handBack({ paymentIds: left })) === 'refused')
        throw new Error('the bank fails, and the queue takes nothing back');
    },
    contactOne: async (ids, only) => {
      if (!(await beside.take())) return null;
      const claimed = await claimFirst(options, ids, only).catch((error: unknown) => {
        beside.giveBack();
        throw error;
      });
      if (claimed !== null)
        return { ended: start(options, claimed, nothing).finally(beside.giveBack) };
      beside.giveBack();
      return null;
    },
    inFlight: () => bulkhead.taken() + beside.taken(),
    limit: bulkhead.resize,
    stop: async () => {
      isStopping = true;
      await Promise.all([bulkhead.close(), beside.close(), parking.close()]);
    },
  };
}

const besideMax = 100;
/** Longer than a settle takes; past it an account is stuck. */
const parkAfterMs = 1_000;
const nothing = (): void => {};

function openClaims(
  options: ExecuteOptions,
  size: { readonly groupMax: number; readonly slots: number },
): Batcher<PaymentId, Answer> {
  const { onGroup, inFlightMax, bank } = options;
  return openBatcher<PaymentId, Answer>({
    name: 'claim',
    ...size,
    waitingMax: inFlightMax,
    flush: async (ids) => {
      // Since they took their places the bank may have failed for the last time.
      if (bank.callsMax() === 0) return ids.map(() => ({ done: 'turned_away' }));
      const { byId, setAside } = await claimGroup(options, ids, false);
      return ids.map((id) => {
        const done = byId.get(id) ?? (setAside.has(id) ? 'set_aside' : 'not_due');
        // One id named twice is claimed once.
        byId.delete(id);
        return { done };
      });
    },
    classify: classifyGroupFailure,
    ...(onGroup === undefined ? {} : { onGroup }),
  });
}

async function claimGroup(
  options: ExecuteOptions,
  ids: readonly PaymentId[],
  inquiriesOnly: boolean,
): Promise<{ byId: Map<PaymentId, Claimed>; setAside: ReadonlySet<PaymentId> }> {
  const sentAt = options.clock.monotonic();
  const { leaseMs, deadlineMs } = options;
  const { deduplicationWindowMs } = options.bank.capabilities;
  const terms = { leaseMs, deadlineMs, deduplicationWindowMs, inquiriesOnly };
  const { claims, setAside } = await claimDue(options.database.keyed, ids, terms);
  return {
    byId: new Map(claims.map((one) => [one.id, { claim: one, sentAt }])),
    setAside: new Set(setAside),
  };
}

/** One by one: who was not claimed is left as it is. */
async function claimFirst(
  options: ExecuteOptions,
  ids: readonly PaymentId[],
  only: 'inquiries' | 'any',
): Promise<Claimed | null> {
  for (const id of ids) {
    const { byId } = await claimGroup(options, [id], only === 'inquiries');
    const claimed = byId.get(id);
    if (claimed !== undefined) return claimed;
  }
  return null;
}

/** From here on the row is the truth: nobody waits for this call, and its lease covers its loss. */
async function start(options: ExecuteOptions, claimed: Claimed, park: () => void): Promise<void> {
  options.reach('execute.after_claim');
  await contactBank(options, claimed, park).catch((error: unknown) => {
    const { id } = claimed.claim;
    // Thousands may be in flight when the database goes: a line each, but no stack.
    const isPassing = error instanceof DatabaseAway || error instanceof OutcomeUnknown;
    const fault = isPassing ? { error: error.message } : { err: error };
    options.log.error({ payment_id: id, ...fault }, 'a contact was lost, its lease will end');
  });
}

async function contactBank(
  options: ExecuteOptions,
  { claim, sentAt }: Claimed,
  park: () => void,
): Promise<void> {
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
    ...(claim.relatedPaymentId === null
      ? {}
      : { relatedReference: bankReference(claim.relatedPaymentId) }),
  };
  const call = { deadlineMs: callTimeoutMs, requestId: claim.requestId };
  const outcome =
    claim.contact === 'submit'
      ? await bank.submit(order, call)
      : await recoverPayment(bank, order, call);
  options.reach('execute.after_bank');
  const endedAt = clock.monotonic();
  const stuck = setTimeout(park, parkAfterMs);
  const contacted = { claim, outcome, startedAt, endedAt, leaseEndsAt };
  const settlement = await settleWithinLease(options, contacted).finally(() => clearTimeout(stuck));
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
