/**
 * In:   claims whose contact with the bank has ended, with what the bank said.
 * Out:  for each, in one transaction per group: the final status with postings, balance and event;
 *       or the next contact; or review. Every contact leaves its attempt, and a break where the
 *       bank contradicts a final status.
 * If we die here: before the commit nothing happened, the lease ends and `recover` asks the bank;
 *       after it a repeat finds a final payment, or another fence, and says so.
 */
import { assert, present } from '../assert.ts';
import { lockAuditLog, writeAuditLog } from '../audit-log/append.ts';
import type { Head } from '../audit-log/store.ts';
import type { Coordination } from '../coordination/coordination.ts';
import { classifyGroupFailure, type Database, readNow, type Tx } from '../db/database.ts';
import { type AccountId, newBreakId, type PaymentId, type WorkerId } from '../ids.ts';
import type { NewBreak } from '../ledger/breaks.ts';
import { recordBreaks } from '../ledger/breaks-store.ts';
import type { Clearing } from '../ledger/clearing.ts';
import { balanceMaxMinor, type Entry, type LockedAccount, post } from '../ledger/post.ts';
import { changeAccounts, insertPostings, lockAccounts } from '../ledger/store.ts';
import { type Batcher, openBatcher, type Verdict } from '../runtime/batcher.ts';
import type { KillPoints } from '../runtime/kill-point.ts';
import type { Logger } from '../telemetry/log.ts';
import { closeFailedTasks } from './failed-task-store.ts';
import { mayBeOverruled, tellContradictions, toContradictions } from './settle-contradictions.ts';
import { toClosedTask, toDecision } from './settle-decisions.ts';
import { toAttempt, toEvent, toFailedTask, toStateChange } from './settle-rows.ts';
import {
  type Contacted,
  type ContactPolicy,
  decideSettlement,
  putAside,
  type Settled,
  type Settlement,
} from './settle-rules.ts';
import {
  type Approval,
  changeStates,
  insertAttempts,
  insertEvents,
  type LockedState,
  lockStates,
  recordFailedTasks,
  selectApprovals,
} from './settle-store.ts';
import { movesOut } from './states.ts';

export interface SettleOptions {
  readonly database: Database;
  readonly coordination: Coordination;
  readonly clearing: Clearing;
  readonly policy: ContactPolicy;
  readonly worker: WorkerId;
  /** Words waiting for their group; the next is refused, and told again after its lease. */
  readonly waitingMax: number;
  readonly monotonic: () => number;
  /** 0 to 1. */
  readonly random: () => number;
  readonly log: Logger;
  readonly reach: KillPoints;
  readonly onGroup?: (size: number) => void;
  /** A group has been committed, and the feed has its events. */
  readonly onSettled?: () => void;
}

/**
 * `too_late`: its account was taken by somebody else until its lease had ended. Nothing is
 * recorded, and an inquiry will bring the bank's word again: a contact that waited on would keep
 * its place from others for as long as the account is stuck.
 */
export type SettleResult = Settlement | { readonly kind: 'too_late' };

export interface Settle {
  /** Resolves with what was committed for this contact. */
  readonly settle: (contacted: Contacted) => Promise<SettleResult>;
}

/** A group's locks last two round trips; its callers may wait longer than a client would. */
const groupDeadlineMs = 5_000;
/** Longer than a group can take: the lease is there for speed, and ends by itself. */
const leaseMs = groupDeadlineMs;

interface Facts {
  readonly accounts: readonly LockedAccount[];
  readonly states: readonly LockedState[];
  readonly now: Date;
  /** Locked where somebody in the group decided something, which is rare. */
  readonly auditLog: Head | null;
  /** Of payments that may fail now: what the bank said before, to a contact that was overtaken. */
  readonly approvals: readonly Approval[];
}

interface Decided {
  readonly settled: readonly Settled[];
  readonly breaks: readonly NewBreak[];
}

export function openSettle(options: SettleOptions): Settle {
  const { onGroup } = options;
  let groups = 0;
  const open = (size: {
    readonly slots: number;
    readonly groupMax: number;
  }): Batcher<Contacted, SettleResult> =>
    openBatcher<Contacted, SettleResult>({
      name: 'settle',
      ...size,
      waitingMax: options.waitingMax,
      flush: async (group) => {
        groups += 1;
        return settleLeased(options, group, `${options.worker}:${groups}`);
      },
      classify: classifyGroupFailure,
      ...(onGroup === undefined ? {} : { onGroup }),
    });
  const together = open({ slots: 2, groupMax: 500 });
  // What may be killing its workers takes no innocents with it.
  const alone = open({ slots: 1, groupMax: 1 });
  return {
    settle: (contacted) => (contacted.claim.suspect ? alone : together).submit(contacted),
  };
}

/**
 * Accounts that another group is settling wait for a later group instead of for its row locks; but
 * not for longer than a lease can last. A store that goes on saying "taken" is wrong, or unfair:
 * the row locks decide then, as they would without it.
 */
async function settleLeased(
  options: SettleOptions,
  group: readonly Contacted[],
  holder: string,
): Promise<readonly Verdict<SettleResult>[]> {
  const names = [...new Set(group.flatMap(accountsOf))];
  const { granted } = await options.coordination.lease(names, holder, leaseMs);
  try {
    const now = options.monotonic();
    const mine = group.filter(
      (one) => accountsOf(one).every((name) => granted.has(name)) || now - one.endedAt > leaseMs,
    );
    const settled = mine.length === 0 ? new Map() : await settleGroup(options, mine);
    return group.map((one) => {
      const settlement = settled.get(one);
      if (settlement !== undefined) return { done: settlement };
      return options.monotonic() < one.leaseEndsAt ? 'later' : { done: { kind: 'too_late' } };
    });
  } finally {
    options.coordination.release(names, holder);
  }
}

/**
 * Locks, decides, writes. What is missing from the answer waits: its account is taken, or its
 * payment has another contact in this group.
 */
async function settleGroup(
  options: SettleOptions,
  group: readonly Contacted[],
): Promise<ReadonlyMap<Contacted, Settlement>> {
  const clearing = await clearingAccounts(options.clearing, group);
  const done = await options.database.group({
    name: 'settle',
    deadlineMs: groupDeadlineMs,
    read: (tx) => readFacts(tx, group),
    write: (tx, facts) => {
      const settled = decideGroup(options, group, facts);
      const breaks = settled.flatMap(toContradictions(newBreakId, facts.approvals));
      const result = { settled, breaks };
      options.reach('settle.before_commit');
      return { written: writeGroup(options, tx, result, facts, clearing), result };
    },
  });
  options.reach('settle.after_commit');
  options.onSettled?.();
  tellContradictions(options.log, done.breaks);
  return new Map(done.settled.map((one) => [one.contacted, one.settlement]));
}

async function readFacts(tx: Tx, group: readonly Contacted[]): Promise<Facts> {
  const accountIds = [...new Set(group.flatMap(accountsOf))];
  const isDecided = group.some((one) => one.decision !== undefined);
  const asked = mayBeOverruled(group);
  const [accounts, states, now, auditLog, approvals] = await Promise.all([
    lockAccounts(tx, accountIds, 'skip_locked'),
    lockStates(tx, [...new Set(group.map((one) => one.claim.id))]),
    readNow(tx),
    isDecided ? lockAuditLog(tx) : null,
    asked.length > 0 ? selectApprovals(tx, asked) : [],
  ]);
  return { accounts, states, now, auditLog, approvals };
}

/** Which account an outcome may move: none unless it can end the payment and touch its funds. */
function accountsOf({ claim, outcome }: Contacted): readonly AccountId[] {
  if (outcome.kind === 'approved') return [claim.accountId];
  const mayFail = outcome.kind !== 'unknown' && outcome.kind !== 'pending';
  return mayFail && movesOut(claim.kind) ? [claim.accountId] : [];
}

function decideGroup(
  options: SettleOptions,
  group: readonly Contacted[],
  facts: Facts,
): readonly Settled[] {
  const locked = new Set(facts.accounts.map((account) => account.id));
  const states = new Map(facts.states.map((state) => [state.id, state]));
  const decided = new Set<PaymentId>();
  const settled: Settled[] = [];
  const monotonicNow = options.monotonic();
  const balances = new Map(facts.accounts.map((account) => [account.id, account.balance]));
  for (const contacted of group) {
    if (!accountsOf(contacted).every((id) => locked.has(id))) continue;
    const { claim, outcome, startedAt } = contacted;
    const state = present(states.get(claim.id), 'a claimed payment has its state row');
    // A second contact of one payment is decided over the row that the first one leaves: later.
    if (decided.has(claim.id)) continue;
    decided.add(claim.id);
    const random = options.random();
    const known = { state, claim, outcome, now: facts.now, random };
    const askedAgoMs = monotonicNow - startedAt;
    const decision = decideSettlement({ ...known, askedAgoMs }, options.policy);
    const balance = balances.get(claim.accountId) ?? 0n;
    const hasRoom = movesOut(claim.kind) || balance + claim.amountMinor <= balanceMaxMinor;
    const settlement =
      decision.kind !== 'succeed' || hasRoom
        ? decision
        : putAside({ ...known, askedAgoMs }, options.policy);
    if (settlement.kind === 'succeed' && !movesOut(claim.kind))
      balances.set(claim.accountId, balance + claim.amountMinor);
    settled.push({ contacted, state, settlement });
  }
  return settled;
}

function writeGroup(
  options: SettleOptions,
  tx: Tx,
  { settled, breaks }: Decided,
  facts: Facts,
  clearing: ReadonlyMap<string, AccountId>,
): Promise<unknown> {
  const { now } = facts;
  const entries = settled.flatMap((one) => toEntry(one, clearing));
  const { postings, changes } = post(entries, facts.accounts, now);
  const states = settled.flatMap(toStateChange(now));
  const events = settled.flatMap(toEvent);
  const tasks = settled.flatMap(toFailedTask);
  const closed = settled.flatMap(toClosedTask);
  const decisions = settled.flatMap(toDecision);
  const endedAt = options.monotonic();
  const attempts = settled.map((one) => toAttempt(one, options.worker, endedAt));
  const writes: Promise<unknown>[] = [];
  if (changes.length > 0) writes.push(changeAccounts(tx, changes));
  if (states.length > 0) writes.push(changeStates(tx, states, now));
  if (postings.length > 0) writes.push(insertPostings(tx, postings));
  if (attempts.length > 0) writes.push(insertAttempts(tx, attempts, now));
  if (events.length > 0) writes.push(insertEvents(tx, events, now));
  if (tasks.length > 0) writes.push(recordFailedTasks(tx, tasks, now));
  if (closed.length > 0) writes.push(closeFailedTasks(tx, closed, now));
  if (breaks.length > 0) writes.push(recordBreaks(tx, breaks, now));
  if (facts.auditLog !== null && decisions.length > 0)
    writes.push(writeAuditLog(tx, facts.auditLog, decisions));
  return Promise.all(writes);
}

/** What a final outcome does to the books; a payment that goes on books nothing. */
function toEntry(
  { contacted: { claim }, settlement }: Settled,
  clearing: ReadonlyMap<string, AccountId>,
): Entry[] {
  if (settlement.kind !== 'succeed' && settlement.kind !== 'fail') return [];
  const isOut = movesOut(claim.kind);
  if (settlement.kind === 'fail' && !isOut) return [];
  const signed = isOut ? -claim.amountMinor : claim.amountMinor;
  const counterAccountId = present(
    clearing.get(claim.currency),
    "the clearing account of a group's currency was looked up before it",
  );
  assert(counterAccountId !== claim.accountId, 'a payment moves money between two accounts');
  return [
    {
      paymentId: claim.id,
      accountId: claim.accountId,
      currency: claim.currency,
      amountMinor: settlement.kind === 'succeed' ? signed : 0n,
      releasedMinor: isOut ? claim.amountMinor : 0n,
      counterAccountId,
    },
  ];
}

async function clearingAccounts(
  clearing: Clearing,
  group: readonly Contacted[],
): Promise<ReadonlyMap<string, AccountId>> {
  const currencies = [...new Set(group.map((one) => one.claim.currency))];
  const ids = await Promise.all(
    currencies.map(async (currency) => [currency, await clearing(currency)] as const),
  );
  return new Map(ids);
}
