/**
 * In:   valid requests for payments, many at once.
 * Out:  one committed payment per new key (a withdrawal's funds held or a transfer booked in the
 *       same transaction), and the one answer of that key to whoever asks.
 * If we die here: before the commit nothing happened; after it the same key replays the answer, and
 *       `due_at` brings the payment to a worker without us.
 */
import type { Clock } from '../clock.ts';
import {
  classifyGroupFailure,
  type Database,
  OutcomeUnknown,
  readNow,
  StatementRefused,
  type Tx,
} from '../db/database.ts';
import type { PaymentId, UserId } from '../ids.ts';
import { post } from '../ledger/post.ts';
import { addHolds, changeAccounts, insertPostings, lockAccounts } from '../ledger/store.ts';
import { type Batcher, type FlushFailure, openBatcher, type Verdict } from '../runtime/batcher.ts';
import type { KillPoints } from '../runtime/kill-point.ts';
import { readBack } from './accept-readback.ts';
import {
  type AcceptDecisions,
  type AcceptFacts,
  accountsOf,
  answerVersion,
  decideAccepts,
} from './accept-rules.ts';
import { findByKeys, insertPayments, readRefunded, readStanding } from './accept-store.ts';
import type { Accept, AcceptCommand, AcceptResult } from './command.ts';

export interface AcceptOptions {
  readonly database: Database;
  readonly clock: Clock;
  /** As in `payments.bank`. */
  readonly bank: string;
  readonly waitingMax: number;
  readonly deadlineMs: number;
  /** Told of every group's new payments, after their commit. */
  readonly onAccepted: (ids: readonly PaymentId[]) => void;
  readonly reach: KillPoints;
  readonly onGroup?: (size: number) => void;
}

export interface Accepting {
  readonly accept: Accept;
  /** Resolves when every request has its answer. */
  readonly drained: () => Promise<void>;
}

/** When the sweeper sends the first hint again: a queue that works has delivered it long before. */
export const hintAgainMs = 30_000;
/** A group holds its locks for two round trips; one that takes this long is dropped. */
const groupDeadlineMs = 5_000;
/** A request whose account stays taken this long stops trying with groups and waits in line. */
const patienceMs = 100;
/**
 * In line, a lock is waited for in slices, so that one stuck account does not hold up the others.
 */
const lockSliceMs = 250;

interface Entry {
  readonly command: AcceptCommand;
  /** Monotonic. */
  readonly since: number;
  /** Monotonic: when it last had its turn in line; at first, when it came. */
  turnAt: number;
}

type Lock = 'skip_locked' | 'wait';

/** Of a group whose outcome is unknown the answer comes later: its slot does not wait for it. */
type Answer = AcceptResult | 'wait' | Promise<AcceptResult>;

export function openAccept(options: AcceptOptions): Accepting {
  const { clock } = options;
  const age = (entry: Entry): number => clock.monotonic() - entry.since;

  /**
   * One account at a time (of a transfer, one pair), the one whose turn was longest ago: whoever
   * shares it shares its wait, and a stuck one goes to the end of the line.
   */
  const inLine = openAcceptBatcher(options, 'accept_in_line', 1, async (group) => {
    const next = group.reduce((oldest, entry) => (entry.turnAt < oldest.turnAt ? entry : oldest));
    const named = accountsOf(next.command).join();
    const turn = group.filter((entry) => accountsOf(entry.command).join() === named);
    const verdicts = await commitGroup(options, turn, 'wait').catch((error: unknown) => {
      if (!isLockTimeout(error)) throw error;
      return turn.map(() => 'later' as const);
    });
    const results = new Map(turn.map((entry, index) => [entry, verdicts[index] ?? 'later']));
    for (const entry of turn) entry.turnAt = clock.monotonic();
    return group.map((entry) => {
      const verdict = results.get(entry) ?? 'later';
      const isOver = verdict === 'later' && age(entry) >= options.deadlineMs;
      return isOver ? { done: { kind: 'account_busy' } } : verdict;
    });
  });

  const together = openAcceptBatcher(options, 'accept', 2, async (group) => {
    const verdicts = await commitGroup(options, group, 'skip_locked');
    return group.map((entry, index) => {
      const verdict = verdicts[index] ?? 'later';
      return verdict === 'later' && age(entry) >= patienceMs ? { done: 'wait' } : verdict;
    });
  });

  return {
    accept: async (command) => {
      const since = clock.monotonic();
      const entry = { command, since, turnAt: since };
      const result = await together.submit(entry);
      if (result !== 'wait') return result;
      const patient = await inLine.submit(entry);
      return patient === 'wait' ? { kind: 'account_busy' } : patient;
    },
    drained: async () => {
      await together.drained();
      await inLine.drained();
    },
  };
}

function openAcceptBatcher(
  options: AcceptOptions,
  name: string,
  slots: number,
  flush: (group: readonly Entry[]) => Promise<readonly Verdict<Answer>[]>,
): Batcher<Entry, Answer> {
  const { onGroup } = options;
  return openBatcher({
    name,
    slots,
    groupMax: 500,
    waitingMax: options.waitingMax,
    flush,
    classify: classifyAcceptFailure,
    ...(onGroup === undefined ? {} : { onGroup }),
  });
}

/** One transaction: lock and read, decide, write. */
async function commitGroup(
  options: AcceptOptions,
  group: readonly Entry[],
  lock: Lock,
): Promise<readonly Verdict<Answer>[]> {
  const commands = group.map((entry) => entry.command);
  const made: AcceptDecisions[] = [];
  const committed = options.database.group({
    name: 'accept',
    deadlineMs: groupDeadlineMs,
    // Also where locks are skipped: an insert waits for a transaction in doubt under the same key.
    lockTimeoutMs: lockSliceMs,
    read: (tx) => readFacts(tx, commands, lock),
    write: (tx, facts) => {
      const result = decideAccepts(commands, facts);
      made.push(result);
      options.reach('accept.before_commit');
      return { written: writeDecisions(tx, result, facts, options.bank), result };
    },
  });
  try {
    const decided = await committed;
    options.reach('accept.after_commit');
    announce(options, decided);
    return decided.decisions.map((one) => (one === 'later' ? 'later' : { done: one }));
  } catch (error) {
    const [decided] = made;
    if (!(error instanceof OutcomeUnknown) || decided === undefined) throw error;
    const stored = answerOnceStored(options, group, decided, error);
    return decided.decisions.map((one) =>
      one === 'later' ? 'later' : { done: stored.then(() => one) },
    );
  }
}

/**
 * COMMIT was sent, and nobody said how it ended: the callers get their answers if the payments are
 * found in time. A group that had nothing to store has its answers whatever became of COMMIT.
 *
 * @throws OutcomeUnknown: the same key finds out later
 */
async function answerOnceStored(
  options: AcceptOptions,
  group: readonly Entry[],
  decided: AcceptDecisions,
  error: OutcomeUnknown,
): Promise<void> {
  if (decided.fresh.length === 0) return;
  const { database, clock } = options;
  const endsAt = Math.min(...group.map((entry) => entry.since)) + options.deadlineMs;
  const ids = decided.fresh.map((payment) => payment.id);
  if (!(await readBack(ids, { database, clock, endsAt }))) throw error;
  announce(options, decided);
}

function announce(options: AcceptOptions, { fresh }: AcceptDecisions): void {
  const pending = fresh.filter(({ refusal, kind }) => refusal === null && kind !== 'transfer');
  if (pending.length > 0) options.onAccepted(pending.map((payment) => payment.id));
}

async function readFacts(
  tx: Tx,
  commands: readonly AcceptCommand[],
  lock: Lock,
): Promise<AcceptFacts> {
  const [accounts, users, existing, refunded, now] = await Promise.all([
    lockAccounts(tx, [...new Set(commands.flatMap(accountsOf))], lock),
    readStanding(tx, [...new Set(commands.flatMap(usersOf))]),
    findByKeys(tx, commands),
    readRefunded(tx, depositsOf(commands)),
    readNow(tx),
  ]);
  return { accounts, users, existing, refunded, now };
}

function depositsOf(commands: readonly AcceptCommand[]): readonly PaymentId[] {
  const ids = new Set<PaymentId>();
  for (const { relatedPaymentId } of commands)
    if (relatedPaymentId !== null) ids.add(relatedPaymentId);
  return [...ids];
}

/** Who asks, and who gets it. */
function usersOf({ userId, counterUserId }: AcceptCommand): readonly UserId[] {
  return counterUserId === null ? [userId] : [userId, counterUserId];
}

function writeDecisions(
  tx: Tx,
  decided: AcceptDecisions,
  facts: AcceptFacts,
  bank: string,
): Promise<unknown> {
  const writes: Promise<unknown>[] = [];
  if (decided.fresh.length > 0) {
    const { now } = facts;
    writes.push(insertPayments(tx, decided.fresh, { bank, now, answerVersion, hintAgainMs }));
  }
  if (decided.entries.length > 0) {
    const { postings, changes } = post(decided.entries, facts.accounts, facts.now);
    // Before the holds: what has just come in by a transfer may be held by the next payment.
    writes.push(changeAccounts(tx, changes), insertPostings(tx, postings));
  }
  if (decided.holds.size > 0) writes.push(addHolds(tx, decided.holds));
  return Promise.all(writes);
}

function classifyAcceptFailure(error: unknown): FlushFailure {
  // Another group has just committed one of our keys: run again, and find it.
  if (error instanceof StatementRefused && error.constraint === 'payments_idempotency')
    return 'again';
  return classifyGroupFailure(error);
}

function isLockTimeout(error: unknown): boolean {
  return error instanceof StatementRefused && error.code === '55P03';
}
