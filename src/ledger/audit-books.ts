import type { Check } from './audit-check.ts';

/** The books alone: postings, balances, holds. */
export const bookChecks: readonly Check[] = [
  {
    name: 'the postings of a payment sum to zero in each currency',
    sql: `SELECT format('payment %s: %s %s left over', payment_id, sum(amount), currency) AS detail
            FROM postings GROUP BY payment_id, currency HAVING sum(amount) <> 0`,
  },
  {
    name: 'all postings of a currency sum to zero',
    sql: `SELECT format('%s: %s left over', currency, sum(amount)) AS detail
            FROM postings GROUP BY currency HAVING sum(amount) <> 0`,
  },
  {
    name: 'a balance equals the sum of its postings',
    sql: `SELECT format('account %s: balance %s, postings %s', a.id, a.balance, coalesce(p.total, 0))
                 AS detail
            FROM accounts a
            LEFT JOIN (SELECT account_id, sum(amount) AS total FROM postings GROUP BY account_id) p
              ON p.account_id = a.id
           WHERE a.kind = 'user' AND a.balance <> coalesce(p.total, 0)`,
  },
  {
    name: 'held funds equal the unfinished withdrawals and refunds',
    sql: `SELECT format('account %s: held %s, unfinished %s', a.id, a.held, coalesce(w.total, 0))
                 AS detail
            FROM accounts a
            LEFT JOIN (SELECT p.account_id, sum(p.amount) AS total
                         FROM payment_state s JOIN payments p ON p.id = s.payment_id
                        WHERE p.kind IN ('withdrawal', 'refund') AND s.due_at IS NOT NULL
                        GROUP BY p.account_id) w ON w.account_id = a.id
           WHERE a.held <> coalesce(w.total, 0)`,
  },
  {
    name: 'no account is overdrawn',
    sql: `SELECT format('account %s: %s available', id, balance - held) AS detail
            FROM accounts WHERE balance - held < -overdraft_limit`,
  },
  {
    name: 'an account numbers its postings without gaps, each with the balance after it',
    sql: `SELECT format('account %s, posting %s: %s', account_id, seq, fault) AS detail FROM (
            SELECT p.account_id, p.seq, CASE
                     WHEN p.seq <> row_number() OVER w THEN 'a number is missing before it'
                     WHEN p.balance_after <> sum(p.amount) OVER w THEN 'its balance is not the sum'
                     WHEN p.posted_at < lag(p.posted_at) OVER w THEN 'it is older than the one before'
                   END AS fault
              FROM postings p JOIN accounts a ON a.id = p.account_id AND a.kind = 'user'
            WINDOW w AS (PARTITION BY p.account_id ORDER BY p.seq)) x WHERE fault IS NOT NULL`,
  },
  {
    name: 'the newest posting is the one that its account counts',
    sql: `SELECT format('account %s: counts %s, has %s', a.id, a.last_seq, coalesce(p.newest, 0))
                 AS detail
            FROM accounts a
            LEFT JOIN (SELECT account_id, max(seq) AS newest FROM postings GROUP BY account_id) p
              ON p.account_id = a.id
           WHERE a.kind = 'user' AND a.last_seq <> coalesce(p.newest, 0)`,
  },
  {
    name: 'a posting is in the currency of its account',
    sql: `SELECT format('posting %s of account %s: %s on %s', p.seq, a.id, p.currency, a.currency)
                 AS detail
            FROM postings p JOIN accounts a ON a.id = p.account_id WHERE p.currency <> a.currency`,
  },
  {
    name: 'every posting has its account',
    sql: `SELECT format('posting %s of payment %s: no account %s', p.seq, p.payment_id, p.account_id)
                 AS detail
            FROM postings p LEFT JOIN accounts a ON a.id = p.account_id WHERE a.id IS NULL`,
  },
  {
    name: 'a payment is booked once, whole, and only where it succeeded',
    sql: `SELECT format('payment %s (%s): %s of %s booked on its account%s', p.id, s.status,
                        coalesce(b.amount, 0), p.amount,
                        CASE WHEN p.counter_account_id IS NULL THEN ''
                             ELSE format(', %s on the other', coalesce(c.amount, 0)) END) AS detail
            FROM payments p
            JOIN payment_state s ON s.payment_id = p.id
            LEFT JOIN postings b ON b.payment_id = p.id AND b.account_id = p.account_id
            LEFT JOIN postings c ON c.payment_id = p.id AND c.account_id = p.counter_account_id
           WHERE coalesce(b.amount, 0) <> CASE
                   WHEN s.status <> 'SUCCESS' THEN 0
                   WHEN p.kind = 'deposit' THEN p.amount ELSE -p.amount END
              OR (p.counter_account_id IS NOT NULL AND coalesce(c.amount, 0) <> CASE
                   WHEN s.status <> 'SUCCESS' THEN 0 ELSE p.amount END)`,
  },
  {
    name: 'every posting belongs to a payment',
    sql: `SELECT format('posting %s of account %s: no payment %s', b.seq, b.account_id, b.payment_id)
                 AS detail
            FROM postings b LEFT JOIN payments p ON p.id = b.payment_id WHERE p.id IS NULL`,
  },
  {
    name: "money moves between the accounts that a payment names, or its own and the bank's",
    sql: `SELECT format('payment %s: booked on %s account %s', p.id, a.kind, a.id) AS detail
            FROM postings b
            JOIN accounts a ON a.id = b.account_id
            JOIN payments p ON p.id = b.payment_id
           WHERE b.account_id <> p.account_id
             AND CASE WHEN p.counter_account_id IS NULL THEN a.kind <> 'clearing'
                      ELSE b.account_id <> p.counter_account_id END`,
  },
  {
    // Every payment would queue for that one row: its balance is the sum of its postings.
    name: 'a system account keeps no balance, and there is one of each kind and currency',
    sql: `SELECT format('%s account %s in %s: balance %s', kind, id, currency, balance) AS detail
            FROM (SELECT *, count(*) OVER (PARTITION BY kind, currency) AS equals
                    FROM accounts WHERE user_id IS NULL) a
           WHERE equals > 1 OR kind = 'user' OR balance <> 0 OR held <> 0 OR last_seq <> 0`,
  },
];
