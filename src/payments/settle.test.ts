import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Books, commandFor, openBooks, type Person } from '../../test/support/books.ts';
import { type Journey, openJourney } from '../../test/support/journey.ts';
import {
  approved,
  declined,
  notFound,
  pending,
  retryable,
  unknown,
} from '../../test/support/scripted-bank.ts';
import type { BankOutcome } from '../bank/bank.ts';
import type { PaymentId } from '../ids.ts';
import type { AcceptCommand } from './command.ts';
import type { Claim } from './execute-store.ts';

interface Desk {
  readonly books: Books;
  readonly journey: Journey;
  readonly person: Person;
  readonly accept: (changes?: Partial<AcceptCommand>) => Promise<PaymentId>;
  /** Makes it due, claims it, and ends the contact with this outcome. */
  readonly contact: (id: PaymentId, outcome: BankOutcome) => Promise<string>;
  readonly claimOne: (id: PaymentId) => Promise<Claim>;
}

async function openDesk(t: TestContext): Promise<Desk> {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const person = await books.openAccount(1_000n);
  const claimOne = async (id: PaymentId): Promise<Claim> => {
    await books.makeDue([id]);
    const [claim] = await journey.claim(id);
    assert.ok(claim !== undefined, 'it is due');
    return claim;
  };
  return {
    books,
    journey,
    person,
    claimOne,
    accept: async (changes) => {
      const command = commandFor(person, changes);
      assert.equal((await journey.accept(command)).kind, 'accepted');
      return command.id;
    },
    contact: async (id, outcome) => {
      const claim = await claimOne(id);
      return `${claim.contact} ${(await journey.end(claim, outcome)).kind}`;
    },
  };
}

const stateOf = async ({ books }: Desk, id: PaymentId): Promise<object | undefined> =>
  (
    await books.sql(
      `SELECT status, next_contact, submits, inquiries, claims_open, unsure, error_code,
              bank_transaction_id FROM payment_state WHERE payment_id = $1`,
      [id],
    )
  )[0];

const trailOf = async ({ books }: Desk, id: PaymentId): Promise<object> => ({
  events: (
    await books.sql<{ type: string }>(
      'SELECT type FROM events WHERE payment_id = $1 ORDER BY version',
      [id],
    )
  ).map((event) => event.type.replace(/^.*\./, '')),
  attempts: (
    await books.sql<{ said: string }>(
      `SELECT contact || ' ' || outcome AS said FROM attempts WHERE payment_id = $1 ORDER BY fence`,
      [id],
    )
  ).map((attempt) => attempt.said),
  tasks: (
    await books.sql<{ reason: string }>('SELECT reason FROM failed_tasks WHERE payment_id = $1', [
      id,
    ])
  ).map((task) => task.reason),
});

async function assertAccount(desk: Desk, balance: number, held: number): Promise<void> {
  const [row] = await desk.books.sql('SELECT balance::int, held::int FROM accounts WHERE id = $1', [
    desk.person.accountId,
  ]);
  assert.deepEqual(row, { balance, held });
  await desk.books.assertAudited();
}

test('an approved deposit adds its amount, once, against the clearing account', async (t) => {
  const desk = await openDesk(t);
  const id = await desk.accept({ kind: 'deposit', amountMinor: 250n });
  assert.equal(await desk.contact(id, approved), 'submit succeed');
  assert.deepEqual(await stateOf(desk, id), {
    status: 'SUCCESS',
    next_contact: null,
    submits: 1,
    inquiries: 0,
    claims_open: 0,
    unsure: false,
    error_code: null,
    bank_transaction_id: 'bank-1',
  });
  assert.deepEqual(await trailOf(desk, id), {
    events: ['created', 'processing', 'succeeded'],
    attempts: ['submit approved'],
    tasks: [],
  });
  assert.deepEqual(
    await desk.books.sql(
      `SELECT a.kind, p.amount::int, p.balance_after::int
         FROM postings p JOIN accounts a ON a.id = p.account_id
        WHERE p.payment_id = $1 ORDER BY p.amount`,
      [id],
    ),
    [
      { kind: 'clearing', amount: -250, balance_after: null },
      { kind: 'user', amount: 250, balance_after: 1_250 },
    ],
  );
  await assertAccount(desk, 1_250, 0);
});

test('an approved withdrawal takes what it held; a declined one gives it back and posts nothing', async (t) => {
  const desk = await openDesk(t);
  const [paid, refused] = [
    await desk.accept({ amountMinor: 300n }),
    await desk.accept({ amountMinor: 400n }),
  ];
  await assertAccount(desk, 1_000, 700);
  assert.equal(await desk.contact(paid, approved), 'submit succeed');
  await assertAccount(desk, 700, 400);
  assert.equal(await desk.contact(refused, declined), 'submit fail');
  await assertAccount(desk, 700, 0);
  const state = await stateOf(desk, refused);
  assert.ok(state !== undefined && 'error_code' in state);
  assert.equal(state.error_code, 'INSUFFICIENT_FUNDS');
  assert.deepEqual(await trailOf(desk, refused), {
    events: ['created', 'processing', 'failed'],
    attempts: ['submit declined'],
    tasks: [],
  });
});

test('four submits that the bank did nothing with end as BANK_UNAVAILABLE, for a human to see', async (t) => {
  const desk = await openDesk(t);
  const id = await desk.accept();
  for (let submit = 1; submit <= 3; submit += 1)
    assert.equal(await desk.contact(id, retryable), 'submit contact_again');
  await assertAccount(desk, 1_000, 100);
  assert.equal(await desk.contact(id, retryable), 'submit fail');
  assert.deepEqual(await stateOf(desk, id), {
    status: 'FAILED',
    next_contact: null,
    submits: 4,
    inquiries: 0,
    claims_open: 0,
    unsure: false,
    error_code: 'BANK_UNAVAILABLE',
    bank_transaction_id: null,
  });
  assert.deepEqual(await trailOf(desk, id), {
    events: ['created', 'processing', 'failed'],
    attempts: ['submit retryable', 'submit retryable', 'submit retryable', 'submit retryable'],
    tasks: ['BANK_UNAVAILABLE'],
  });
  await assertAccount(desk, 1_000, 0);
});

test('an unknown submit is asked about until the bank says; then it counts', async (t) => {
  const desk = await openDesk(t);
  const id = await desk.accept();
  assert.equal(await desk.contact(id, unknown), 'submit contact_again');
  assert.equal(await desk.contact(id, pending), 'inquire contact_again');
  assert.equal(await desk.contact(id, unknown), 'inquire contact_again');
  await assertAccount(desk, 1_000, 100);
  assert.equal(await desk.contact(id, approved), 'inquire succeed');
  assert.deepEqual(await trailOf(desk, id), {
    events: ['created', 'processing', 'succeeded'],
    attempts: ['submit unknown', 'inquire pending', 'inquire unknown', 'inquire approved'],
    tasks: [],
  });
  await assertAccount(desk, 900, 0);
});

test('a reference that the bank does not know is submitted again, and stays unsure', async (t) => {
  const desk = await openDesk(t);
  const id = await desk.accept();
  await desk.contact(id, unknown);
  assert.equal(await desk.contact(id, notFound), 'inquire contact_again');
  assert.deepEqual(await stateOf(desk, id), {
    status: 'PROCESSING',
    next_contact: 'submit',
    submits: 1,
    inquiries: 0,
    claims_open: 0,
    unsure: true,
    error_code: null,
    bank_transaction_id: null,
  });
  // The refusal may be of the copy while the first is still under way.
  assert.equal(await desk.contact(id, declined), 'submit contact_again');
  assert.equal(await desk.contact(id, declined), 'inquire fail');
  await assertAccount(desk, 1_000, 0);
});

test('a second submit that comes after the window of the bank is an inquiry instead', async (t) => {
  const desk = await openDesk(t);
  const id = await desk.accept();
  await desk.contact(id, unknown);
  await desk.contact(id, notFound);
  // As if we had been down for a day.
  await desk.books.sql(
    `UPDATE payment_state SET first_submit_at = first_submit_at - interval '24 h',
            last_submit_at = last_submit_at - interval '24 h' WHERE payment_id = $1`,
    [id],
  );
  const claim = await desk.claimOne(id);
  assert.equal(claim.contact, 'inquire');
  const state = await stateOf(desk, id);
  assert.ok(state !== undefined && 'submits' in state);
  assert.equal(state.submits, 1);
  assert.equal((await desk.journey.end(claim, notFound)).kind, 'fail');
  await assertAccount(desk, 1_000, 0);
});

test('past its deadline an unknown payment goes to review, funds still held, and can still end', async (t) => {
  const desk = await openDesk(t);
  const id = await desk.accept();
  await desk.contact(id, unknown);
  await desk.books.sql(`UPDATE payment_state SET deadline_at = now() WHERE payment_id = $1`, [id]);
  assert.equal(await desk.contact(id, pending), 'inquire review');
  await assertAccount(desk, 1_000, 100);
  assert.equal(await desk.contact(id, pending), 'inquire contact_again');
  assert.equal(await desk.contact(id, approved), 'inquire succeed');
  assert.deepEqual(await trailOf(desk, id), {
    events: ['created', 'processing', 'review', 'succeeded'],
    attempts: ['submit unknown', 'inquire pending', 'inquire pending', 'inquire approved'],
    tasks: ['REVIEW'],
  });
  await assertAccount(desk, 900, 0);
});

test('a contradiction of the bank changes nothing and is one break, however often it is told', async (t) => {
  const desk = await openDesk(t);
  for (const [kind, ends, says, booked, moved] of [
    ['deposit', approved, declined, 100n, 0n],
    ['withdrawal', approved, declined, -100n, 0n],
    ['deposit', declined, approved, 0n, 100n],
    ['withdrawal', declined, approved, 0n, -100n],
  ] as const) {
    const id = await desk.accept({ kind });
    const claim = await desk.claimOne(id);
    await desk.journey.end(claim, ends);
    const [before] = await desk.books.sql('SELECT balance FROM accounts WHERE user_id IS NOT NULL');
    for (const fence of [0, -1])
      assert.equal((await desk.journey.end({ ...claim, fence }, says)).kind, 'overtaken');
    assert.deepEqual(
      await desk.books.sql(
        `SELECT kind, source, bank, bank_amount, booked_amount, state FROM breaks WHERE payment_id = $1`,
        [id],
      ),
      [
        {
          kind: 'contradiction',
          source: 'submit',
          bank: 'scripted',
          bank_amount: String(moved),
          booked_amount: String(booked),
          state: 'open',
        },
      ],
    );
    assert.deepEqual(
      await desk.books.sql('SELECT balance FROM accounts WHERE user_id IS NOT NULL'),
      [before],
    );
  }
});

test('what the bank paid and no balance can hold is put before a human, and booked once there is room', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const person = await books.openAccount(2n ** 63n - 1n - 150n);
  const pay = async (kind: 'deposit' | 'withdrawal'): Promise<PaymentId> => {
    const command = commandFor(person, { kind });
    await journey.accept(command);
    return command.id;
  };
  const end = async (id: PaymentId): Promise<string> => {
    await books.makeDue([id]);
    const [claim] = await journey.claim(id);
    assert.ok(claim !== undefined);
    return (await journey.end(claim, approved)).kind;
  };
  const ids = [await pay('deposit'), await pay('deposit')];
  const kinds = await Promise.all(ids.map(end));
  assert.deepEqual(kinds.toSorted(), ['review', 'succeed']);
  const waiting = ids[kinds.indexOf('review')];
  assert.ok(waiting !== undefined);
  assert.equal(await end(waiting), 'contact_again');
  const tasks = await books.sql('SELECT reason, times FROM failed_tasks');
  assert.deepEqual(tasks, [{ reason: 'REVIEW', times: 2 }]);
  assert.equal(await end(await pay('withdrawal')), 'succeed');
  assert.equal(await end(waiting), 'succeed');
  await books.assertAudited();
});
