import type { AccountId, UserId } from '../ids.ts';
import { availableFunds, type LockedAccount } from '../ledger/post.ts';
import type { AcceptCommand, AcceptedPayment, AcceptResult } from './command.ts';

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
  const available = new Map(facts.accounts.map((row) => [row.id, availableFunds(row)]));
  const byKey = new Map(facts.existing.map((row) => [keyOf(row), row]));
  const fresh: ExistingPayment[] = [];
  const holds = new Map<AccountId, bigint>();

  const decide = (command: AcceptCommand): AcceptDecision => {
    const user = users.get(command.userId);
    if (user === undefined || !user.isActive || command.authenticatedAt < user.validAfter)
      return { kind: 'user_refused' };
    const existing = byKey.get(keyOf(command));
    if (existing !== undefined) return replay(command, existing);

    const funds = available.get(command.accountId);
    if (command.kind === 'withdrawal' && funds === undefined) return 'later';
    const isCovered = command.kind === 'deposit' || (funds ?? 0n) >= command.amountMinor;
    const payment = toPayment(command, facts.now, isCovered ? null : (funds ?? 0n));
    fresh.push(payment);
    byKey.set(keyOf(command), payment);
    if (!isCovered) return { kind: 'refused', payment, replayed: false };
    if (command.kind === 'withdrawal' && funds !== undefined) {
      available.set(command.accountId, funds - command.amountMinor);
      holds.set(command.accountId, (holds.get(command.accountId) ?? 0n) + command.amountMinor);
    }
    return { kind: 'accepted', payment, replayed: false };
  };
  return { decisions: commands.map(decide), fresh, holds };
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
    ['amount', command.amountMinor, existing.amountMinor],
    ['currency', command.currency, existing.currency],
    ['description', command.description, existing.description],
    ['metadata', command.metadata, existing.metadata],
  ];
  return pairs.filter(([, asked, stored]) => asked !== stored).map(([name]) => name);
}

function toPayment(
  command: AcceptCommand,
  now: Date,
  refusalAvailable: bigint | null,
): ExistingPayment {
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
    answerVersion,
    refusal: refusalAvailable === null ? null : 'INSUFFICIENT_FUNDS',
    refusalAvailable,
    createdAt: now,
  };
}

function keyOf(row: { readonly userId: UserId; readonly idempotencyKey: string }): string {
  return `${row.userId} ${row.idempotencyKey}`;
}
