import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Books, commandFor, openBooks, type Person } from '../../test/support/books.ts';
import { openJourney } from '../../test/support/journey.ts';
import { approved, declined, openScriptedBank } from '../../test/support/scripted-bank.ts';
import { until } from '../../test/support/wait.ts';
import { bankReference, newPaymentId, type PaymentId } from '../ids.ts';
import type { AcceptCommand } from './command.ts';

/** The deposit that filled the account, and a refund of it. */
async function openDeposit(
  books: Books,
  amountMinor: bigint,
): Promise<{
  readonly person: Person;
  readonly depositId: PaymentId;
  readonly refund: (minor: bigint, changes?: Partial<AcceptCommand>) => AcceptCommand;
}> {
  const person = await books.openAccount(amountMinor);
  const [deposit] = await books.sql<{ id: PaymentId }>(
    'SELECT id FROM payments WHERE account_id = $1',
    [person.accountId],
  );
  assert.ok(deposit !== undefined);
  return {
    person,
    depositId: deposit.id,
    refund: (minor, changes = {}) =>
      commandFor(person, {
        kind: 'refund',
        amountMinor: minor,
        relatedPaymentId: deposit.id,
        relatedAmountMinor: amountMinor,
        ...changes,
      }),
  };
}

const standingOf = (books: Books, person: Person) =>
  books.sql('SELECT balance::int, held::int FROM accounts WHERE id = $1', [person.accountId]);

test('fifty refunds at once, from two processes, never give back more than the deposit', async (t) => {
  const books = await openBooks(t);
  const [one, other] = [openJourney(books.database), openJourney(await books.openDatabase())];
  const { person, refund } = await openDeposit(books, 1_000n);
  // Funds of another deposit must not be given back as this one's.
  await books.sql('UPDATE accounts SET overdraft_limit = 100000 WHERE id = $1', [person.accountId]);
  const results = await Promise.all(
    Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? one : other).accept(refund(300n))),
  );
  const accepted = results.filter((result) => result.kind === 'accepted');
  assert.equal(accepted.length, 3);
  for (const result of results) {
    if (result.kind === 'accepted') continue;
    assert.ok(result.kind === 'refused');
    assert.equal(result.payment.refusal, 'REFUND_EXCEEDS_DEPOSIT');
  }
  assert.deepEqual(await standingOf(books, person), [{ balance: 1_000, held: 900 }]);
  await books.assertAudited();
});

test('a refund holds its funds, and the bank, who is told what it gives back, ends it', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const { person, depositId, refund } = await openDeposit(books, 1_000n);
  const command = refund(400n);
  assert.equal((await journey.accept(command)).kind, 'accepted');
  assert.deepEqual(await standingOf(books, person), [{ balance: 1_000, held: 400 }]);
  const bank = openScriptedBank({ submits: [approved] });
  await journey.openExecute(bank).handle({ paymentIds: [command.id] });
  const statusOf = async () =>
    (
      await books.sql<{ status: string }>(
        'SELECT status FROM payment_state WHERE payment_id = $1',
        [command.id],
      )
    )[0]?.status;
  await until(async () => (await statusOf()) === 'SUCCESS', { what: 'the refund to succeed' });
  assert.deepEqual(
    bank.calls.map(({ order }) => order),
    [
      {
        reference: bankReference(command.id),
        kind: 'refund',
        amountMinor: 400n,
        currency: 'USD',
        relatedReference: bankReference(depositId),
      },
    ],
  );
  assert.deepEqual(await standingOf(books, person), [{ balance: 600, held: 0 }]);
  await books.assertAudited();
});

test('what a failed refund did not give back can be given back again', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const { person, refund } = await openDeposit(books, 1_000n);
  const first = refund(800n);
  await journey.accept(first);
  const early = await journey.accept(refund(300n));
  assert.ok(early.kind === 'refused' && early.payment.refusalAvailable === 200n);
  const [claim] = await journey.claim(first.id);
  assert.ok(claim !== undefined);
  await journey.end(claim, declined);
  assert.deepEqual(await standingOf(books, person), [{ balance: 1_000, held: 0 }]);
  assert.equal((await journey.accept(refund(1_000n))).kind, 'accepted');
  await books.assertAudited();
});

test('money that was spent since cannot be given back, and the refusal is replayed', async (t) => {
  const books = await openBooks(t);
  const { accept } = openJourney(books.database);
  const { person, refund } = await openDeposit(books, 1_000n);
  await accept(commandFor(person, { amountMinor: 700n }));
  const command = refund(400n);
  const [first, second] = [await accept(command), await accept({ ...command, id: newPaymentId() })];
  assert.ok(first.kind === 'refused' && second.kind === 'refused' && second.replayed);
  assert.equal(first.payment.refusal, 'INSUFFICIENT_FUNDS');
  assert.equal(second.payment.id, command.id);
  await books.assertAudited();
});
