import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { Client } from 'pg';
import { openTestDatabase } from '../../test/support/postgres.ts';

/** What the database itself holds true, whatever the code above it does. */

interface Books {
  /** As the application's role. */
  readonly app: (sql: string, values?: readonly unknown[]) => Promise<unknown[]>;
  /** As the role that owns the tables, whom no missing right stops. */
  readonly owner: (sql: string, values?: readonly unknown[]) => Promise<unknown[]>;
  readonly account: string;
  readonly payment: string;
}

/** One user's account with 70 of 100 free, and one settled payment of 100. */
async function openBooks(t: TestContext): Promise<Books> {
  const { appUrl, ownerUrl } = await openTestDatabase(t);
  const connect = async (url: string): Promise<Books['app']> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    t.after(() => client.end());
    return async (sql, values = []) => {
      const { rows } = await client.query<Record<string, unknown>>(sql, [...values]);
      return rows;
    };
  };
  const [app, owner] = await Promise.all([connect(appUrl), connect(ownerUrl)]);
  const [user, account, clearing, payment] = Array.from({ length: 4 }, () => randomUUID());
  assert(account !== undefined && payment !== undefined);
  await app(
    `INSERT INTO users (id, email, full_name, password_hash) VALUES ($1, 'a@b.c', 'A', 'x')`,
    [user],
  );
  await app(
    `INSERT INTO accounts (id, kind, user_id, currency, balance, held, last_seq)
     VALUES ($1, 'user', $2, 'USD', 100, 30, 1), ($3, 'clearing', NULL, 'USD', 0, 0, 0)`,
    [account, user, clearing],
  );
  await app(
    `INSERT INTO payments (id, user_id, account_id, kind, currency, amount, bank, answer_version,
                           idempotency_key, request_id, created_at)
     VALUES ($1, $2, $3, 'deposit', 'USD', 100, 'simulator', 1, 'key', 'r', now())`,
    [payment, user, account],
  );
  await app(
    `INSERT INTO payment_state (payment_id, status, updated_at) VALUES ($1, 'SUCCESS', now())`,
    [payment],
  );
  await app(
    `INSERT INTO attempts VALUES ($1, 1, 'submit', $2, now(), now(), 'approved', 'said so')`,
    [payment, randomUUID()],
  );
  await app(
    `INSERT INTO postings (account_id, seq, payment_id, amount, currency, balance_after, posted_at)
     VALUES ($1, 1, $3, 100, 'USD', 100, now()), ($2, 1, $3, -100, 'USD', NULL, now())`,
    [account, clearing, payment],
  );
  await app(
    `INSERT INTO events (payment_id, version, user_id, type, data, created_at, epoch)
     VALUES ($1, 1, $2, 'deposit.created', '{}', now(), 1)`,
    [payment, user],
  );
  return { app, owner, account, payment };
}

const appendOnly = ['payments', 'attempts', 'postings', 'events'] as const;
const noRight = { code: '42501' };

test('the application cannot change or remove what is on record', async (t) => {
  const { app } = await openBooks(t);
  for (const table of appendOnly) {
    const column = table === 'postings' ? 'amount' : 'payment_id';
    const target = table === 'payments' ? 'amount' : column;
    await assert.rejects(app(`UPDATE ${table} SET ${target} = ${target}`), noRight, table);
    await assert.rejects(app(`DELETE FROM ${table}`), noRight, table);
    await assert.rejects(app(`TRUNCATE ${table}`), noRight, table);
  }
  for (const table of ['users', 'accounts', 'payment_state', 'failed_tasks', 'feed_epoch']) {
    await assert.rejects(app(`DELETE FROM ${table}`), noRight, table);
    await assert.rejects(app(`TRUNCATE ${table}`), noRight, table);
  }
  await assert.rejects(app('UPDATE feed_epoch SET epoch = 0'), noRight);
  await assert.rejects(app('DELETE FROM schema_migrations'), noRight);
});

test('nor can it take the guards away', async (t) => {
  const { app } = await openBooks(t);
  for (const sql of [
    'ALTER TABLE postings DISABLE TRIGGER ALL',
    'DROP TRIGGER append_only ON postings',
    'ALTER TABLE accounts DROP CONSTRAINT accounts_check',
    'DROP TABLE postings',
    'CREATE TABLE mine (n integer)',
    'SET session_replication_role = replica',
    'SET ROLE tollgate',
    'CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE sql AS $$$$',
    'ALTER ROLE tollgate_app SUPERUSER',
  ]) {
    await assert.rejects(app(sql), noRight, sql);
  }
});

test('even the owner cannot rewrite the books by mistake', async (t) => {
  const { owner } = await openBooks(t);
  const refused = { code: 'TG002' };
  for (const table of appendOnly) {
    const column = table === 'payments' ? 'id' : 'payment_id';
    await assert.rejects(owner(`UPDATE ${table} SET ${column} = ${column}`), refused, table);
    await assert.rejects(owner(`DELETE FROM ${table}`), refused, table);
    await assert.rejects(owner(`TRUNCATE ${table}`), refused, table);
  }
  await assert.rejects(owner('DELETE FROM payment_state'), refused);
  await assert.rejects(owner('TRUNCATE payment_state'), refused);
});

test('a final payment stays as it ended', async (t) => {
  const { app, owner, payment } = await openBooks(t);
  for (const ask of [app, owner]) {
    await assert.rejects(
      ask(`UPDATE payment_state SET status = 'FAILED', error_code = 'X' WHERE payment_id = $1`, [
        payment,
      ]),
      { code: 'TG003', message: `payment ${payment} is final as SUCCESS` },
    );
  }
});

test('an unfinished payment has a moment at which somebody looks, a final one has none', async (t) => {
  const { app } = await openBooks(t);
  const insert = (status: string, dueAt: string | null, errorCode: string | null) =>
    app(
      `INSERT INTO payment_state (payment_id, status, next_contact, contact_at, due_at, error_code,
                                  updated_at)
       VALUES ($1, $2, $3, $4, $4, $5, now())`,
      [randomUUID(), status, dueAt === null ? null : 'submit', dueAt, errorCode],
    );
  const refused = { code: '23514' };
  for (const status of ['PENDING', 'PROCESSING', 'PENDING_REVIEW']) {
    await assert.rejects(insert(status, null, null), refused, status);
    await insert(status, 'now', null);
  }
  await assert.rejects(insert('SUCCESS', 'now', null), refused);
  await assert.rejects(insert('FAILED', 'now', 'X'), refused);
  await assert.rejects(insert('FAILED', null, null), refused, 'a failure has a code');
  await assert.rejects(insert('SUCCESS', null, 'X'), refused, 'a success has none');
  await assert.rejects(insert('DONE', 'now', null), refused, 'no other status exists');
});

test('postings that do not sum to zero, per payment and currency, are refused', async (t) => {
  const { app, account } = await openBooks(t);
  const post = (lines: readonly (readonly [number, string])[], payment: string): Promise<unknown> =>
    app(
      `INSERT INTO postings (account_id, seq, payment_id, amount, currency, posted_at)
       SELECT CASE n WHEN 1 THEN $1::uuid ELSE gen_random_uuid() END, 100 + n, $2, amount, currency,
              now()
         FROM unnest($3::bigint[], $4::text[]) WITH ORDINALITY AS line (amount, currency, n)`,
      [account, payment, lines.map(([amount]) => amount), lines.map(([, currency]) => currency)],
    );
  const unbalanced = { code: 'TG001' };
  await assert.rejects(post([[5, 'USD']], randomUUID()), unbalanced);
  await assert.rejects(
    post(
      [
        [5, 'USD'],
        [-4, 'USD'],
      ],
      randomUUID(),
    ),
    unbalanced,
  );
  await assert.rejects(
    post(
      [
        [5, 'USD'],
        [-5, 'EUR'],
      ],
      randomUUID(),
    ),
    unbalanced,
  );
  await assert.rejects(post([[0, 'USD']], randomUUID()), { code: '23514' });
  await post(
    [
      [5, 'USD'],
      [-5, 'USD'],
    ],
    randomUUID(),
  );
});

test('a payment cannot be booked twice, and a key cannot stand for two payments', async (t) => {
  const { app, account, payment } = await openBooks(t);
  await assert.rejects(
    app(
      `INSERT INTO postings (account_id, seq, payment_id, amount, currency, posted_at)
       VALUES ($1, 2, $2, 100, 'USD', now()), ($3, 2, $2, -100, 'USD', now())`,
      [account, payment, randomUUID()],
    ),
    { code: '23505', constraint: 'postings_payment' },
  );
  await assert.rejects(
    app(
      `INSERT INTO payments (id, user_id, account_id, kind, currency, amount, bank, answer_version,
                             idempotency_key, request_id, created_at)
       SELECT $1, user_id, account_id, kind, currency, 5, bank, answer_version, idempotency_key,
              request_id, created_at FROM payments WHERE id = $2`,
      [randomUUID(), payment],
    ),
    { code: '23505', constraint: 'payments_idempotency' },
  );
});

test('no account is overdrawn, holds less than nothing, or runs a balance that is not its own', async (t) => {
  const { app, account } = await openBooks(t);
  const refused = { code: '23514' };
  const change = (set: string): Promise<unknown> =>
    app(`UPDATE accounts SET ${set} WHERE id = $1`, [account]);
  await change('held = 100');
  await assert.rejects(change('held = 101'), refused);
  await assert.rejects(change('balance = 99'), refused);
  await assert.rejects(change('held = -1'), refused);
  await assert.rejects(change('overdraft_limit = 1'), { code: '42501' });
  await assert.rejects(app(`UPDATE accounts SET balance = 1 WHERE kind = 'clearing'`), refused);
});

test('a write of fewer rows than decided stops its transaction', async (t) => {
  const { app } = await openBooks(t);
  await app(`SELECT assert_count('holds', 2, 2)`);
  await assert.rejects(app(`SELECT assert_count('holds', 1, 2)`), {
    code: 'TG004',
    message: 'holds: 1 rows written, 2 expected',
  });
  await assert.rejects(app(`SELECT assert_count('holds', NULL, 2)`), { code: 'TG004' });
});
