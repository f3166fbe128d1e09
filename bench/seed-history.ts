import type { Client } from 'pg';
import { present } from '../src/assert.ts';
import { seededBank } from './money.ts';
import { withClient } from './people.ts';

/**
 * Rows of one transaction: the trigger that checks the sums keeps all of its postings in memory.
 */
const chunkSize = 100_000;

/**
 * A history of settled deposits of 1.00, spread over all customers, that the audit finds whole. The
 * bank has no part in it: their `bank` says so.
 */
export async function seedHistory(ownerUrl: string, payments: number): Promise<void> {
  await withClient(ownerUrl, async (client) => {
    const people = await numberAccounts(client);
    const clearing = await clearingAccount(client);
    for (let from = 0; from < payments; from += chunkSize) {
      const to = Math.min(from + chunkSize, payments) - 1;
      await client.query('BEGIN');
      await client.query('DROP TABLE IF EXISTS chunk');
      await client.query(chunkSql, [people, from, to]);
      for (const sql of historySql) await client.query(sql);
      await client.query(clearingSql, [clearing]);
      await client.query('COMMIT');
    }
    await client.query(balancesSql);
  });
}

async function numberAccounts(client: Client): Promise<number> {
  const { rowCount } = await client.query(
    `CREATE TEMP TABLE numbered AS
     SELECT row_number() OVER (ORDER BY a.id) - 1 AS n, a.id AS account_id, a.user_id,
            a.last_seq, a.balance
       FROM accounts a JOIN users u ON u.id = a.user_id WHERE u.email LIKE '%@bench.example'`,
  );
  await client.query('ANALYZE numbered');
  return present(rowCount, 'CREATE TABLE AS counts its rows');
}

async function clearingAccount(client: Client): Promise<string> {
  await client.query(
    `INSERT INTO accounts (id, kind, currency) VALUES (uuidv7(), 'clearing', 'USD')
     ON CONFLICT DO NOTHING`,
  );
  const { rows } = await client.query<{ id: string }>(
    `SELECT id FROM accounts WHERE kind = 'clearing' AND currency = 'USD'`,
  );
  return present(rows[0], 'it was just made').id;
}

const chunkSql = `
  CREATE TEMP TABLE chunk AS
  SELECT i, uuidv7('-1 day') AS id, n.account_id, n.user_id, n.last_seq + i / $1::int + 1 AS seq,
         n.balance + 100 * (i / $1::int + 1)::bigint AS balance
    FROM generate_series($2::int, $3::int) i JOIN numbered n ON n.n = i % $1::int`;

const historySql: readonly string[] = [
  `INSERT INTO payments (id, user_id, account_id, kind, currency, amount, bank, answer_version,
                         idempotency_key, request_id, created_at)
   SELECT id, user_id, account_id, 'deposit', 'USD', 100, '${seededBank}', 1, 'seed-' || i,
          'seed-' || i, now() FROM chunk`,
  `INSERT INTO payment_state (payment_id, status, fence, version, submits, bank_transaction_id,
                              updated_at)
   SELECT id, 'SUCCESS', 2, 3, 1, 'seed-' || i, now() FROM chunk`,
  `INSERT INTO attempts (payment_id, fence, contact, worker, started_at, ended_at, outcome,
                         evidence)
   SELECT id, 1, 'submit', uuidv7(), now(), now(), 'approved', '200' FROM chunk`,
  `INSERT INTO events (payment_id, version, user_id, type, data, created_at, epoch)
   SELECT id, version, user_id, 'deposit.' || type, '{"amount":"1.00","currency":"USD"}', now(), 1
     FROM chunk,
          (VALUES (1, 'created'), (2, 'processing'), (3, 'succeeded')) AS v (version, type)`,
];

const clearingSql = `
  INSERT INTO postings (account_id, seq, payment_id, amount, currency, balance_after, posted_at)
  SELECT account_id, seq, id, 100, 'USD', balance, now() FROM chunk
  UNION ALL
  SELECT $1::uuid, nextval('system_posting_seq'), id, -100, 'USD', NULL, now() FROM chunk`;

const balancesSql = `
  UPDATE accounts a SET balance = p.total, last_seq = p.last_seq, last_posted_at = now()
    FROM (SELECT account_id, sum(amount) AS total, max(seq) AS last_seq FROM postings
           GROUP BY account_id) p
   WHERE p.account_id = a.id AND a.kind = 'user'`;
