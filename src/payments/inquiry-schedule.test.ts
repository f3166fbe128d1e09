import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Books, commandFor, openBooks } from '../../test/support/books.ts';
import { claimTerms, openJourney, policy } from '../../test/support/journey.ts';
import { approved, pending, unknown } from '../../test/support/scripted-bank.ts';
import type { BankOutcome } from '../bank/bank.ts';
import type { PaymentId } from '../ids.ts';
import { audit } from '../ledger/audit.ts';
import { openOldestUnknown } from './unknown.ts';

/** Seconds; the journey of tests draws no jitter. */
const [hour, day] = [3600, 86_400];

/** The row's clock goes on until its next contact is due; everything on it is that much older. */
async function passTime(books: Books, id: PaymentId): Promise<number> {
  const [row] = await books.sql<{ seconds: number }>(
    `WITH gap AS (
       SELECT greatest(contact_at - clock_timestamp(), interval '0') AS long
         FROM payment_state WHERE payment_id = $1
     )
     UPDATE payment_state
        SET contact_at = contact_at - long, due_at = due_at - long,
            deadline_at = deadline_at - long, first_submit_at = first_submit_at - long,
            last_submit_at = last_submit_at - long, updated_at = updated_at - long
       FROM gap WHERE payment_id = $1
     RETURNING extract(epoch FROM long)::float8 AS seconds`,
    [id],
  );
  return Math.round(row?.seconds ?? Number.NaN);
}

test('an unknown outcome is asked about ever more rarely, reviewed, and ended by the bank', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const person = await books.openAccount(1_000n);
  const command = commandFor(person, { kind: 'withdrawal' });
  assert.equal((await journey.accept(command)).kind, 'accepted');
  const { id } = command;
  const waits: number[] = [];
  /** Waits for what is due next, and answers it. */
  const contact = async (outcome: BankOutcome): Promise<string> => {
    waits.push(await passTime(books, id));
    const [claim] = await journey.claim(id);
    assert.ok(claim !== undefined, 'what is due can be claimed');
    return `${claim.contact} ${(await journey.end(claim, outcome)).kind}`;
  };
  const stateSelect = 'SELECT status FROM payment_state WHERE payment_id = $1';
  const statusOf = async (): Promise<string | undefined> =>
    (await books.sql<{ status: string }>(stateSelect, [id]))[0]?.status;

  assert.equal(await contact(unknown), 'submit contact_again');
  while ((await statusOf()) === 'PROCESSING') {
    // A bank that is still at it tells no more than one that cannot be understood.
    const told = await contact(waits.length % 2 === 0 ? unknown : pending);
    assert.match(told, /^inquire (contact_again|review)$/);
    assert.ok(waits.length < 100, 'it comes to an end');
  }
  // To the deadline, 72 hours after the claim: 755 seconds, then hours.
  assert.deepEqual(waits, [0, 5, 30, 120, 600, ...Array<number>(72).fill(hour)]);
  assert.equal(await statusOf(), 'PENDING_REVIEW');
  const tasksSelect = 'SELECT reason FROM failed_tasks WHERE payment_id = $1';
  const tasks = await books.sql<{ reason: string }>(tasksSelect, [id]);
  assert.deepEqual(
    tasks.map((task) => task.reason),
    ['REVIEW'],
  );
  const held = 'SELECT balance, held FROM accounts WHERE id = $1';
  const [inReview] = await books.sql<{ held: string }>(held, [person.accountId]);
  assert.equal(String(inReview?.held), String(command.amountMinor), 'the funds stay held');

  waits.length = 0;
  for (let asked = 1; asked <= 3; asked += 1)
    assert.equal(await contact(unknown), 'inquire contact_again');
  const oldest = await openOldestUnknown(books.database.keyed, () => 0).seconds();
  assert.ok(Math.abs(Number(oldest) - (755 + 72 * hour + 2 * day + day)) < 60, `${oldest} s`);

  assert.equal(await contact(approved), 'inquire succeed');
  assert.deepEqual(waits, [day, day, day, day]);
  assert.equal(await statusOf(), 'SUCCESS');
  const [ended] = await books.sql<{ balance: string; held: string }>(held, [person.accountId]);
  assert.equal(String(ended?.balance), String(1_000n - command.amountMinor));
  assert.equal(String(ended?.held), '0');
  assert.equal(await openOldestUnknown(books.database.keyed, () => 0).seconds(), null);
  assert.deepEqual((await audit(books.database)).faults, []);
  assert.equal(claimTerms.deadlineMs, 72 * hour * 1000);
  assert.equal(policy.reviewInquiryDelayMs, day * 1000);
});

test('many who ask for the oldest unknown share one look, and a failed look is none', async () => {
  let looks = 0;
  let now = 0;
  const database = {
    query: async () => {
      looks += 1;
      if (looks === 1) throw new Error('away');
      return [];
    },
  };
  const oldest = openOldestUnknown(database, () => now);
  await assert.rejects(oldest.seconds(), /away/);
  assert.deepEqual(await Promise.all([oldest.seconds(), oldest.seconds()]), [null, null]);
  assert.equal(looks, 2);
  now = 9_999;
  await oldest.seconds();
  assert.equal(looks, 2);
  now = 10_000;
  await oldest.seconds();
  assert.equal(looks, 3);
});
