import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { commandFor } from '../../test/support/books.ts';
import { type AccountId, newAccountId, newPaymentId, newUserId } from '../ids.ts';
import { availableFunds, balanceMaxMinor, type LockedAccount, post } from '../ledger/post.ts';
import {
  type AcceptDecisions,
  type AcceptFacts,
  decideAccepts,
  type ExistingPayment,
} from './accept-rules.ts';
import type { AcceptCommand } from './command.ts';

const now = new Date('2026-01-01T00:00:00.000Z');
const person = { userId: newUserId(), accountId: newAccountId() };
const user = { id: person.userId, isActive: true, validAfter: 0 };

function account(balance: bigint, changes: Partial<LockedAccount> = {}): LockedAccount {
  const rest = { held: 0n, overdraftLimit: 0n, lastSeq: 0n, lastPostedAt: 0 };
  return { id: person.accountId, balance, ...rest, ...changes };
}

function facts(changes: Partial<AcceptFacts> = {}): AcceptFacts {
  return {
    now,
    users: [user],
    accounts: [account(1000n)],
    existing: [],
    refunded: new Map(),
    ...changes,
  };
}

const withdrawal = (amountMinor: bigint, changes: Partial<AcceptCommand> = {}): AcceptCommand =>
  commandFor(person, { amountMinor, ...changes });

/** As the payment would be found by the next group. */
function stored(command: AcceptCommand, before: AcceptFacts = facts()): ExistingPayment {
  const [payment] = decideAccepts([command], before).fresh;
  assert.ok(payment !== undefined);
  return payment;
}

const accountIds = [newAccountId(), newAccountId(), newAccountId()] as const;
const someAmount = fc.bigInt({ min: 1n, max: 500n });
const anyCommand = fc
  .record({
    from: fc.nat(2),
    // To one of the two others.
    further: fc.integer({ min: 1, max: 2 }),
    kind: fc.constantFrom('deposit' as const, 'withdrawal' as const, 'transfer' as const),
    amountMinor: someAmount,
    idempotencyKey: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'),
    description: fc.constantFrom(null, 'rent'),
  })
  .map(({ from, further, ...fields }) => {
    const counterAccountId = accountIds[(from + further) % 3] ?? null;
    const toOther = { counterAccountId, counterUserId: person.userId };
    const side = fields.kind === 'transfer' ? toOther : {};
    const accountId = accountIds[from] ?? person.accountId;
    return { ...commandFor(person, { ...fields, ...side, accountId }), id: newPaymentId() };
  });

const anyAccounts = fc
  .array(
    fc.record({
      balance: fc.bigInt({ min: 0n, max: 900n }),
      held: fc.bigInt({ min: 0n, max: 300n }),
      overdraftLimit: fc.bigInt({ min: 0n, max: 100n }),
      isLocked: fc.boolean(),
    }),
    { minLength: 3, maxLength: 3 },
  )
  .map((rows) =>
    rows.flatMap(({ isLocked, ...row }, index) => {
      const id = accountIds[index];
      return isLocked && id !== undefined ? [account(row.balance, { ...row, id })] : [];
    }),
  );

/** The rows as the group's writes leave them. */
function written(
  accounts: readonly LockedAccount[],
  { holds, entries }: Pick<AcceptDecisions, 'holds' | 'entries'>,
): readonly LockedAccount[] {
  const { changes } = post(entries, accounts, now);
  const deltas = new Map(changes.map((change) => [change.id, change]));
  return accounts.map((row) => ({
    ...row,
    balance: row.balance + (deltas.get(row.id)?.balanceDelta ?? 0n),
    held: row.held + (holds.get(row.id) ?? 0n),
    lastSeq: deltas.get(row.id)?.lastSeq ?? row.lastSeq,
    lastPostedAt: deltas.get(row.id)?.lastPostedAt.getTime() ?? row.lastPostedAt,
  }));
}

test('holds are the sum of what was accepted, and no account is overdrawn by what it holds or sends', () => {
  fc.assert(
    fc.property(fc.array(anyCommand, { maxLength: 40 }), anyAccounts, (commands, accounts) => {
      const decided = decideAccepts(commands, facts({ accounts }));
      const accepted = decided.fresh.filter((payment) => payment.refusal === null);
      const held = new Map<AccountId, bigint>();
      for (const payment of accepted)
        if (payment.kind === 'withdrawal')
          held.set(payment.accountId, (held.get(payment.accountId) ?? 0n) + payment.amountMinor);
      assert.deepEqual(decided.holds, held);
      const named = accepted.map((payment) => payment.kind === 'transfer' && payment.accountId);
      for (const row of written(accounts, decided))
        if (held.has(row.id) || named.includes(row.id))
          assert.ok(availableFunds(row) >= 0n, `${availableFunds(row)} available`);
    }),
  );
});

test('transfers are booked as they were accepted, and leave the sum of all accounts as it was', () => {
  fc.assert(
    fc.property(fc.array(anyCommand, { maxLength: 40 }), anyAccounts, (commands, accounts) => {
      const decided = decideAccepts(commands, facts({ accounts }));
      assert.deepEqual(
        decided.entries.map((entry) => [
          entry.paymentId,
          entry.counterAccountId,
          entry.amountMinor,
        ]),
        decided.fresh
          .filter((payment) => payment.kind === 'transfer' && payment.refusal === null)
          .map((payment) => [payment.id, payment.counterAccountId, -payment.amountMinor]),
      );
      const total = (rows: readonly LockedAccount[]): bigint =>
        rows.reduce((sum, row) => sum + row.balance, 0n);
      assert.equal(total(written(accounts, decided)), total(accounts));
    }),
  );
});

test('each command is decided as if it stood alone after those before it', () => {
  fc.assert(
    fc.property(fc.array(anyCommand, { maxLength: 30 }), anyAccounts, (commands, accounts) => {
      const together = decideAccepts(commands, facts({ accounts })).decisions;
      const existing: ExistingPayment[] = [];
      let standing: readonly LockedAccount[] = accounts;
      const oneByOne = commands.map((command) => {
        const one = decideAccepts(
          [command],
          facts({ accounts: standing, existing: [...existing] }),
        );
        existing.push(...one.fresh);
        standing = written(standing, one);
        return one.decisions[0];
      });
      assert.deepEqual(together, oneByOne);
    }),
  );
});

test('of equal keys one payment is made, and the others are its replay or named misuse', () => {
  fc.assert(
    fc.property(fc.array(anyCommand, { maxLength: 40 }), anyAccounts, (commands, accounts) => {
      const { fresh, decisions } = decideAccepts(commands, facts({ accounts }));
      const keys = fresh.map((payment) => payment.idempotencyKey);
      assert.equal(new Set(keys).size, keys.length);
      decisions.forEach((decision, index) => {
        if (decision === 'later') return;
        if (decision.kind === 'user_refused' || decision.kind === 'receiver_refused') return;
        const original = fresh.find(
          (payment) => payment.idempotencyKey === commands[index]?.idempotencyKey,
        );
        assert.ok(original !== undefined);
        if (decision.kind === 'key_reused') assert.equal(decision.original, original.id);
        else if (decision.kind !== 'account_busy') assert.equal(decision.payment, original);
      });
    }),
  );
});

test('the second of two equal keys is a replay of the first, refused or accepted', () => {
  for (const [amount, kind] of [
    [1000n, 'accepted'],
    [1001n, 'refused'],
  ] as const) {
    const first = withdrawal(amount);
    const second = { ...first, id: newPaymentId(), requestId: 'another' };
    const { decisions, fresh } = decideAccepts([first, second], facts());
    assert.deepEqual(fresh.length, 1);
    assert.deepEqual(decisions, [
      { kind, payment: fresh[0], replayed: false },
      { kind, payment: fresh[0], replayed: true },
    ]);
  }
});

test('a key used for another request names every field that differs', () => {
  const first = withdrawal(100n, { description: 'rent', metadata: '{"a":1}' });
  const existing = [stored(first)];
  const differingOf = (changes: Partial<AcceptCommand>): unknown => {
    const [decision] = decideAccepts([{ ...first, ...changes }], facts({ existing })).decisions;
    assert.ok(typeof decision === 'object' && decision.kind === 'key_reused');
    assert.equal(decision.original, first.id);
    return decision.differing;
  };
  assert.deepEqual(differingOf({ amountMinor: 101n }), ['amount']);
  assert.deepEqual(differingOf({ kind: 'deposit' }), ['type']);
  assert.deepEqual(differingOf({ description: null }), ['description']);
  assert.deepEqual(differingOf({ metadata: '{"a":2}', amountMinor: 1n }), ['amount', 'metadata']);
  assert.deepEqual(differingOf({ accountId: newAccountId() }), ['account_id']);
});

test('the same key of another user is another payment', () => {
  const other = { userId: newUserId(), accountId: newAccountId() };
  const first = withdrawal(100n, { idempotencyKey: 'shared' });
  const second = commandFor(other, { kind: 'deposit', idempotencyKey: 'shared' });
  const users = [user, { id: other.userId, isActive: true, validAfter: 0 }];
  assert.equal(decideAccepts([first, second], facts({ users })).fresh.length, 2);
});

test('a refused withdrawal is stored with the funds that were available', () => {
  const { fresh, holds } = decideAccepts([withdrawal(600n), withdrawal(600n)], facts());
  assert.deepEqual(
    fresh.map((payment) => [payment.refusal, payment.refusalAvailable]),
    [
      [null, null],
      ['INSUFFICIENT_FUNDS', 400n],
    ],
  );
  assert.deepEqual([...holds.values()], [600n]);
});

test('an account that somebody else has locked waits; a replay or a deposit needs no lock', () => {
  const replayed = withdrawal(100n);
  const existing = [stored(replayed)];
  const commands = [withdrawal(100n), replayed, withdrawal(100n, { kind: 'deposit' })];
  const { decisions } = decideAccepts(commands, facts({ accounts: [], existing }));
  assert.deepEqual(
    decisions.map((one) => (one === 'later' ? one : one.kind)),
    ['later', 'accepted', 'accepted'],
  );
});

test('a deactivated or unknown user and a token from before valid_after are refused, even a replay', () => {
  const command = withdrawal(100n, { authenticatedAt: 5_000 });
  const existing = [stored(command, facts({ users: [user] }))];
  for (const users of [[], [{ ...user, isActive: false }], [{ ...user, validAfter: 5_001 }]]) {
    const decided = decideAccepts([command], facts({ users, existing }));
    assert.deepEqual(decided.decisions, [{ kind: 'user_refused' }]);
    assert.deepEqual(decided.fresh, []);
  }
  const [decision] = decideAccepts(
    [command],
    facts({ users: [{ ...user, validAfter: 5_000 }] }),
  ).decisions;
  assert.ok(typeof decision === 'object' && decision.kind === 'accepted');
});

const other = { userId: newUserId(), accountId: newAccountId() };
const transfer = (amountMinor: bigint, changes: Partial<AcceptCommand> = {}): AcceptCommand =>
  withdrawal(amountMinor, {
    kind: 'transfer',
    counterAccountId: other.accountId,
    counterUserId: other.userId,
    ...changes,
  });
const bothUsers = [user, { id: other.userId, isActive: true, validAfter: 0 }];
const bothAccounts = (theirs: bigint): readonly LockedAccount[] => [
  account(1000n),
  account(theirs, { id: other.accountId }),
];

test('what has just come in by a transfer may be sent on, or held, by the next payment', () => {
  const commands = [
    transfer(1000n),
    commandFor(other, { amountMinor: 600n }),
    commandFor(other, { amountMinor: 500n }),
  ];
  const facing = { users: bothUsers, accounts: bothAccounts(0n) };
  const { fresh, holds } = decideAccepts(commands, facts(facing));
  assert.deepEqual(
    fresh.map((payment) => [payment.refusal, payment.refusalAvailable]),
    [
      [null, null],
      [null, null],
      ['INSUFFICIENT_FUNDS', 400n],
    ],
  );
  assert.deepEqual([...holds], [[other.accountId, 600n]]);
});

test('a transfer waits for either account, and nobody is told which', () => {
  for (const accounts of [[], [account(1000n)], bothAccounts(0n).slice(1)])
    assert.deepEqual(
      decideAccepts([transfer(1n)], facts({ users: bothUsers, accounts })).decisions,
      ['later'],
    );
});

test('whoever was deactivated, or can hold no more, gets no transfer; its replay is answered', () => {
  const command = transfer(1n);
  const full = facts({ users: bothUsers, accounts: bothAccounts(balanceMaxMinor) });
  const [, them] = bothUsers;
  const gone = facts({
    users: them === undefined ? [] : [user, { ...them, isActive: false }],
    accounts: bothAccounts(0n),
  });
  for (const against of [full, gone]) {
    const decided = decideAccepts([command], against);
    assert.deepEqual(decided.decisions, [{ kind: 'receiver_refused' }]);
    assert.deepEqual(decided.fresh, []);
  }
  const existing = [stored(command, facts({ users: bothUsers, accounts: bothAccounts(0n) }))];
  const [decision] = decideAccepts([command], { ...gone, existing }).decisions;
  assert.ok(typeof decision === 'object' && decision.kind === 'accepted' && decision.replayed);
});

test('the same key to another receiver names the receiver', () => {
  const command = transfer(1n);
  const facing = facts({ users: bothUsers, accounts: bothAccounts(0n) });
  const existing = [stored(command, facing)];
  const elsewhere = { ...command, counterAccountId: newAccountId() };
  const [decision] = decideAccepts([elsewhere], { ...facing, existing }).decisions;
  assert.ok(typeof decision === 'object' && decision.kind === 'key_reused');
  assert.deepEqual(decision.differing, ['to_account_id']);
});

const depositId = newPaymentId();
const refund = (amountMinor: bigint, changes: Partial<AcceptCommand> = {}): AcceptCommand =>
  withdrawal(amountMinor, {
    kind: 'refund',
    relatedPaymentId: depositId,
    relatedAmountMinor: 500n,
    ...changes,
  });

test('refunds of a deposit never come to more than it was, in whatever order they ask', () => {
  const someRefunds = fc.array(fc.bigInt(1n, 600n), { maxLength: 30 });
  fc.assert(
    fc.property(someRefunds, fc.bigInt(0n, 500n), fc.bigInt(0n, 900n), (amounts, before, funds) => {
      const { fresh, holds } = decideAccepts(
        amounts.map((amount) => refund(amount)),
        facts({ accounts: [account(funds)], refunded: new Map([[depositId, before]]) }),
      );
      const sumOf = (payments: readonly ExistingPayment[]): bigint =>
        payments.reduce((sum, payment) => sum + payment.amountMinor, 0n);
      const accepted = sumOf(fresh.filter((payment) => payment.refusal === null));
      assert.ok(before + accepted <= 500n);
      assert.ok(accepted <= funds);
      assert.equal(holds.get(person.accountId) ?? 0n, accepted);
    }),
  );
});

test('a refund is refused for what the deposit has left first, then for what the account has', () => {
  const commands = [refund(501n), refund(300n), refund(300n), refund(200n)];
  const { fresh } = decideAccepts(commands, facts({ accounts: [account(450n)] }));
  assert.deepEqual(
    fresh.map((payment) => [payment.refusal, payment.refusalAvailable]),
    [
      ['REFUND_EXCEEDS_DEPOSIT', 500n],
      [null, null],
      ['REFUND_EXCEEDS_DEPOSIT', 200n],
      ['INSUFFICIENT_FUNDS', 150n],
    ],
  );
});

test('the same key for another deposit names the deposit', () => {
  const command = refund(1n);
  const existing = [stored(command)];
  const another = { ...command, relatedPaymentId: newPaymentId() };
  const [decision] = decideAccepts([another], facts({ existing })).decisions;
  assert.ok(typeof decision === 'object' && decision.kind === 'key_reused');
  assert.deepEqual(decision.differing, ['deposit_id']);
});
