import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { commandFor } from '../../test/support/books.ts';
import { type AccountId, newAccountId, newPaymentId, newUserId } from '../ids.ts';
import { availableFunds, type LockedAccount } from '../ledger/post.ts';
import { type AcceptFacts, decideAccepts, type ExistingPayment } from './accept-rules.ts';
import type { AcceptCommand } from './command.ts';

const now = new Date('2026-01-01T00:00:00.000Z');
const person = { userId: newUserId(), accountId: newAccountId() };
const user = { id: person.userId, isActive: true, validAfter: 0 };

function account(balance: bigint, changes: Partial<LockedAccount> = {}): LockedAccount {
  const rest = { held: 0n, overdraftLimit: 0n, lastSeq: 0n, lastPostedAt: 0 };
  return { id: person.accountId, balance, ...rest, ...changes };
}

function facts(changes: Partial<AcceptFacts> = {}): AcceptFacts {
  return { now, users: [user], accounts: [account(1000n)], existing: [], ...changes };
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
const someAccount = fc.constantFrom(...accountIds);
const someAmount = fc.bigInt({ min: 1n, max: 500n });
const anyCommand = fc
  .record({
    accountId: someAccount,
    kind: fc.constantFrom('deposit' as const, 'withdrawal' as const),
    amountMinor: someAmount,
    idempotencyKey: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'),
    description: fc.constantFrom(null, 'rent'),
  })
  .map((fields) => ({ ...commandFor(person, fields), id: newPaymentId() }));

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

test('holds never exceed what is available, and are the sum of what was accepted', () => {
  fc.assert(
    fc.property(fc.array(anyCommand, { maxLength: 40 }), anyAccounts, (commands, accounts) => {
      const decided = decideAccepts(commands, facts({ accounts }));
      const held = new Map<AccountId, bigint>();
      for (const payment of decided.fresh)
        if (payment.kind === 'withdrawal' && payment.refusal === null)
          held.set(payment.accountId, (held.get(payment.accountId) ?? 0n) + payment.amountMinor);
      assert.deepEqual(decided.holds, held);
      for (const row of accounts) {
        const hold = decided.holds.get(row.id) ?? 0n;
        if (hold > 0n) assert.ok(hold <= availableFunds(row), `${hold} held`);
      }
    }),
  );
});

test('each command is decided as if it stood alone after those before it', () => {
  fc.assert(
    fc.property(fc.array(anyCommand, { maxLength: 30 }), anyAccounts, (commands, accounts) => {
      const together = decideAccepts(commands, facts({ accounts })).decisions;
      const existing: ExistingPayment[] = [];
      const standing = new Map(accounts.map((row) => [row.id, row]));
      const oneByOne = commands.map((command) => {
        const one = decideAccepts(
          [command],
          facts({ accounts: [...standing.values()], existing: [...existing] }),
        );
        existing.push(...one.fresh);
        for (const [id, hold] of one.holds) {
          const row = standing.get(id);
          assert.ok(row !== undefined);
          standing.set(id, { ...row, held: row.held + hold });
        }
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
        if (decision === 'later' || decision.kind === 'user_refused') return;
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
