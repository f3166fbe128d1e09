import { assert, present, unreachable } from '../assert.ts';
import type { AccountId, PaymentId, UserId } from '../ids.ts';
import { availableFunds, balanceMaxMinor, type Entry, type LockedAccount } from '../ledger/post.ts';
import type { AcceptCommand, AcceptedPayment, AcceptResult, Refusal } from './command.ts';

export interface UserStanding {
  readonly id: UserId;
  readonly isActive: boolean;
  /** Milliseconds since 1970: tokens issued before are dead. */
  readonly validAfter: number;
}

/** A payment that already stands under one of the group's keys. */
export type ExistingPayment = AcceptedPayment & {
  readonly userId: UserId;
  readonly idempotencyKey: string;
};

export interface AcceptFacts {
  /** The database's clock. */
  readonly now: Date;
  readonly users: readonly UserStanding[];
  readonly accounts: readonly LockedAccount[];
  readonly existing: readonly ExistingPayment[];
  /** Minor units given back, or on their way, of each deposit that the group's refunds name. */
  readonly refunded: ReadonlyMap<PaymentId, bigint>;
}

/** `later`: the account is locked by somebody else, so nothing is decided yet. */
export type AcceptDecision = AcceptResult | 'later';

export interface AcceptDecisions {
  /** One per command, in order. */
  readonly decisions: readonly AcceptDecision[];
  /** What must be inserted, accepted or refused. */
  readonly fresh: readonly ExistingPayment[];
  /** Minor units to hold, per account. */
  readonly holds: ReadonlyMap<AccountId, bigint>;
  /** What is booked at once: transfers. */
  readonly entries: readonly Entry[];
}

/** The version of the answer that payments accepted now will be replayed with. */
export const answerVersion = 1;

/**
 * Decides a group in the order of arrival over rows that one transaction has locked. Pure: the same
 * facts give the same decisions. The second of two equal keys is a replay of the first.
 */
export function decideAccepts(
  commands: readonly AcceptCommand[],
  facts: AcceptFacts,
): AcceptDecisions {
  const users = new Map(facts.users.map((user) => [user.id, user]));
  const byKey = new Map(facts.existing.map((row) => [keyOf(row), row]));
  const fresh: ExistingPayment[] = [];
  const funds = openFunds(facts);

  const decide = (command: AcceptCommand): AcceptDecision => {
    const user = users.get(command.userId);
    if (user === undefined || !user.isActive || command.authenticatedAt < user.validAfter)
      return { kind: 'user_refused' };
    const existing = byKey.get(keyOf(command));
    if (existing !== undefined) return replay(command, existing);

    const receiver = command.counterUserId === null ? user : users.get(command.counterUserId);
    if (receiver === undefined || !receiver.isActive) return { kind: 'receiver_refused' };
    const taken = funds.take(command);
    if (taken === 'later') return 'later';
    if (taken === 'no_room') return { kind: 'receiver_refused' };
    const payment = toPayment(command, facts.now, taken);
    fresh.push(payment);
    byKey.set(keyOf(command), payment);
    return { kind: taken === null ? 'accepted' : 'refused', payment, replayed: false };
  };
  const decisions = commands.map(decide);
  return { decisions, fresh, holds: funds.holds, entries: funds.entries };
}

/** Why accept said no, and minor units that were there for it. */
interface Shortage {
  readonly refusal: Refusal;
  readonly availableMinor: bigint;
}

/** What the group's accounts have left, as one payment after the other takes from it. */
interface Funds {
  /** Null: there was enough, and it is taken. */
  readonly take: (command: AcceptCommand) => Shortage | null | 'later' | 'no_room';
  readonly holds: ReadonlyMap<AccountId, bigint>;
  readonly entries: readonly Entry[];
}

function openFunds({ accounts, refunded: before }: AcceptFacts): Funds {
  const refunded = new Map(before);
  const locked = new Map(accounts.map((row) => [row.id, { ...row }]));
  const holds = new Map<AccountId, bigint>();
  const entries: Entry[] = [];

  function take(command: AcceptCommand): Shortage | null | 'later' | 'no_room' {
    const { accountId, amountMinor, kind } = command;
    if (kind === 'deposit') return null;
    const account = locked.get(accountId);
    if (account === undefined) return 'later';
    const counter = kind === 'transfer' ? locked.get(counterOf(command)) : null;
    if (counter === undefined) return 'later';
    if (counter !== null && counter.balance + amountMinor > balanceMaxMinor) return 'no_room';
    const left = kind === 'refund' ? leftOf(command, refunded) : null;
    if (left !== null && amountMinor > left)
      return { refusal: 'REFUND_EXCEEDS_DEPOSIT', availableMinor: left };
    const availableMinor = availableFunds(account);
    if (amountMinor > availableMinor) return { refusal: 'INSUFFICIENT_FUNDS', availableMinor };
    const { relatedPaymentId: id } = command;
    if (id !== null) refunded.set(id, (refunded.get(id) ?? 0n) + amountMinor);
    if (counter === null) {
      account.held += amountMinor;
      holds.set(accountId, (holds.get(accountId) ?? 0n) + amountMinor);
      return null;
    }
    account.balance -= amountMinor;
    counter.balance += amountMinor;
    entries.push(transferEntry(command));
    return null;
  }
  return { take, holds, entries };
}

/** Which accounts must be locked: deposits to one account never wait for each other. */
export function accountsOf(command: AcceptCommand): readonly AccountId[] {
  switch (command.kind) {
    case 'deposit':
      return [];
    case 'withdrawal':
    case 'refund':
      return [command.accountId];
    case 'transfer':
      return [command.accountId, counterOf(command)];
    default:
      return unreachable(command.kind);
  }
}

/** What a deposit still has to give back. */
function leftOf(command: AcceptCommand, refunded: ReadonlyMap<PaymentId, bigint>): bigint {
  const { relatedPaymentId, relatedAmountMinor } = command;
  const id = present(relatedPaymentId, 'a refund names its deposit');
  const whole = present(relatedAmountMinor, 'a refund knows what its deposit was');
  return whole - (refunded.get(id) ?? 0n);
}

function counterOf(command: AcceptCommand): AccountId {
  const counter = present(command.counterAccountId, 'a transfer names where it goes');
  assert(counter !== command.accountId, 'a payment moves money between two accounts');
  return counter;
}

function transferEntry(command: AcceptCommand): Entry {
  return {
    paymentId: command.id,
    accountId: command.accountId,
    currency: command.currency,
    amountMinor: -command.amountMinor,
    releasedMinor: 0n,
    counterAccountId: counterOf(command),
  };
}

/** A replay answers as the first request was answered, refusal or not. */
function replay(command: AcceptCommand, existing: ExistingPayment): AcceptResult {
  const differing = differences(command, existing);
  if (differing.length > 0) return { kind: 'key_reused', original: existing.id, differing };
  const kind = existing.refusal === null ? 'accepted' : 'refused';
  return { kind, payment: existing, replayed: true };
}

/** Field by field as stored, defaults filled in; never over raw bytes. */
function differences(command: AcceptCommand, existing: ExistingPayment): string[] {
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['type', command.kind, existing.kind],
    ['account_id', command.accountId, existing.accountId],
    ['to_account_id', command.counterAccountId, existing.counterAccountId],
    ['deposit_id', command.relatedPaymentId, existing.relatedPaymentId],
    ['amount', command.amountMinor, existing.amountMinor],
    ['currency', command.currency, existing.currency],
    ['description', command.description, existing.description],
    ['metadata', command.metadata, existing.metadata],
  ];
  return pairs.filter(([, asked, stored]) => asked !== stored).map(([name]) => name);
}

function toPayment(command: AcceptCommand, now: Date, shortage: Shortage | null): ExistingPayment {
  return {
    id: command.id,
    userId: command.userId,
    accountId: command.accountId,
    kind: command.kind,
    amountMinor: command.amountMinor,
    currency: command.currency,
    idempotencyKey: command.idempotencyKey,
    requestId: command.requestId,
    description: command.description,
    metadata: command.metadata,
    counterAccountId: command.counterAccountId,
    relatedPaymentId: command.relatedPaymentId,
    answerVersion,
    refusal: shortage?.refusal ?? null,
    refusalAvailable: shortage?.availableMinor ?? null,
    createdAt: now,
  };
}

function keyOf(row: { readonly userId: UserId; readonly idempotencyKey: string }): string {
  return `${row.userId} ${row.idempotencyKey}`;
}
