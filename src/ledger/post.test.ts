import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { usd } from '../../test/support/books.ts';
import { AssertionFailed } from '../assert.ts';
import { newAccountId, newPaymentId } from '../ids.ts';
import { type Entry, type LockedAccount, post } from './post.ts';

const clearing = newAccountId();
const accountIds = [newAccountId(), newAccountId(), newAccountId()] as const;

const anyAccount = fc.record({
  balance: fc.bigInt({ min: 0n, max: 10n ** 15n }),
  held: fc.constant(10n ** 6n),
  overdraftLimit: fc.constant(0n),
  lastSeq: fc.bigInt({ min: 0n, max: 1000n }),
  lastPostedAt: fc.integer({ min: 0, max: 2_000_000 }),
});
const anyAccounts = fc
  .tuple(anyAccount, anyAccount, anyAccount)
  .map((rows) => accountIds.map((id, index): LockedAccount => ({ id, ...present(rows[index]) })));

const anyEntry = fc
  .record({
    accountId: fc.constantFrom(...accountIds),
    amountMinor: fc.oneof(fc.constant(0n), fc.bigInt({ min: -10_000n, max: 10_000n })),
    releasedMinor: fc.bigInt({ min: 0n, max: 10_000n }),
  })
  .map((fields): Entry => {
    return { paymentId: newPaymentId(), currency: usd, counterAccountId: clearing, ...fields };
  });
const anyEntries = fc.array(anyEntry, { maxLength: 50 });
/** The server's clock may be behind the newest posting. */
const anyNow = fc.integer({ min: 0, max: 3_000_000 }).map((ms) => new Date(ms));

function present<T>(value: T | undefined): T {
  assert.ok(value !== undefined);
  return value;
}

test('the postings of each payment sum to zero, and a zero amount posts nothing', () => {
  fc.assert(
    fc.property(anyEntries, anyAccounts, anyNow, (entries, accounts, now) => {
      const { postings } = post(entries, accounts, now);
      for (const entry of entries) {
        const own = postings.filter((one) => one.paymentId === entry.paymentId);
        assert.equal(own.length, entry.amountMinor === 0n ? 0 : 2);
        assert.equal(
          own.reduce((sum, one) => sum + one.amountMinor, 0n),
          0n,
        );
      }
    }),
  );
});

test('an account numbers its postings without gaps, each with the balance after it', () => {
  fc.assert(
    fc.property(anyEntries, anyAccounts, anyNow, (entries, accounts, now) => {
      const { postings } = post(entries, accounts, now);
      for (const account of accounts) {
        let { lastSeq, balance } = account;
        for (const one of postings.filter((each) => each.accountId === account.id)) {
          assert.equal(one.seq, (lastSeq += 1n));
          assert.equal(one.balanceAfter, (balance += one.amountMinor));
        }
      }
      for (const one of postings.filter((each) => each.accountId === clearing))
        assert.deepEqual([one.seq, one.balanceAfter], [null, null]);
    }),
  );
});

test('no posting is older than the one before it, even where the clock has stepped back', () => {
  fc.assert(
    fc.property(anyEntries, anyAccounts, anyNow, (entries, accounts, now) => {
      const { postings } = post(entries, accounts, now);
      for (const account of accounts)
        for (const one of postings.filter((each) => each.accountId === account.id))
          assert.equal(one.postedAt.getTime(), Math.max(account.lastPostedAt, now.getTime()));
    }),
  );
});

test('each touched account changes once, by the sum of its entries', () => {
  fc.assert(
    fc.property(anyEntries, anyAccounts, anyNow, (entries, accounts, now) => {
      const { postings, changes } = post(entries, accounts, now);
      const touched = new Set(entries.map((entry) => entry.accountId));
      assert.deepEqual(new Set(changes.map((change) => change.id)), touched);
      assert.equal(changes.length, touched.size);
      for (const change of changes) {
        const own = entries.filter((entry) => entry.accountId === change.id);
        const before = present(accounts.find((account) => account.id === change.id));
        assert.equal(
          change.balanceDelta,
          own.reduce((sum, entry) => sum + entry.amountMinor, 0n),
        );
        assert.equal(
          change.heldDelta,
          own.reduce((sum, entry) => sum - entry.releasedMinor, 0n),
        );
        const count = postings.filter((one) => one.accountId === change.id).length;
        assert.equal(change.lastSeq, before.lastSeq + BigInt(count));
      }
    }),
  );
});

const locked: LockedAccount = {
  id: accountIds[0],
  balance: 500n,
  held: 100n,
  overdraftLimit: 0n,
  lastSeq: 4n,
  lastPostedAt: 1000,
};
const entry: Entry = {
  paymentId: newPaymentId(),
  accountId: locked.id,
  currency: usd,
  amountMinor: -100n,
  releasedMinor: 100n,
  counterAccountId: clearing,
};

test('a group that gives back more than was held is refused', () => {
  assert.throws(
    () => post([{ ...entry, releasedMinor: 101n }], [locked], new Date(0)),
    AssertionFailed,
  );
  assert.throws(() => post([entry, entry], [locked], new Date(0)), AssertionFailed);
});

test('an entry on an account that is not locked is refused', () => {
  assert.throws(() => post([entry], [], new Date(0)), AssertionFailed);
});

test('a failed withdrawal gives back its funds and posts nothing', () => {
  const { postings, changes } = post([{ ...entry, amountMinor: 0n }], [locked], new Date(2000));
  assert.deepEqual(postings, []);
  assert.deepEqual(changes, [
    {
      id: locked.id,
      balanceDelta: 0n,
      heldDelta: -100n,
      lastSeq: 4n,
      lastPostedAt: new Date(1000),
    },
  ]);
});

test('between two locked accounts both lines are numbered, and no system account is named', () => {
  const betweenAny = fc
    .record({
      from: fc.nat(2),
      further: fc.integer({ min: 1, max: 2 }),
      amount: fc.bigInt(1n, 99n),
    })
    .map(({ from, further, amount }): Entry => {
      const [accountId, counterAccountId] = [accountIds[from], accountIds[(from + further) % 3]];
      return {
        paymentId: newPaymentId(),
        currency: usd,
        accountId: present(accountId),
        counterAccountId: present(counterAccountId),
        amountMinor: -amount,
        releasedMinor: 0n,
      };
    });
  fc.assert(
    fc.property(
      fc.array(betweenAny, { maxLength: 50 }),
      anyAccounts,
      anyNow,
      (entries, rows, now) => {
        const { postings, changes } = post(entries, rows, now);
        assert.equal(postings.length, entries.length * 2);
        for (const row of rows) {
          let { lastSeq, balance } = row;
          for (const one of postings.filter((each) => each.accountId === row.id)) {
            assert.equal(one.seq, (lastSeq += 1n));
            assert.equal(one.balanceAfter, (balance += one.amountMinor));
          }
          const change = changes.find(({ id }) => id === row.id);
          assert.equal(row.balance + (change?.balanceDelta ?? 0n), balance);
          assert.equal(change?.lastSeq ?? row.lastSeq, lastSeq);
        }
      },
    ),
  );
});
