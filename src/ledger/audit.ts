import { type Database, statement, type Tx } from '../db/database.ts';

/**
 * The proof that the books are right: every check returns what breaks it, in one snapshot, so it
 * can run while the gateway works.
 */
export interface AuditReport {
  readonly faults: readonly AuditFault[];
  readonly checked: readonly { readonly check: string; readonly rows: number }[];
}

export interface AuditFault {
  readonly check: string;
  /** Which row, and what is wrong with it. */
  readonly detail: string;
}

/** Faults shown per check: one broken trigger can break every row. */
const faultsMax = 20;

interface Check {
  readonly name: string;
  /** Rows that break it, as `detail`. */
  readonly sql: string;
}

const checks: readonly Check[] = [
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
    name: 'held funds equal the unfinished withdrawals',
    sql: `SELECT format('account %s: held %s, unfinished %s', a.id, a.held, coalesce(w.total, 0))
                 AS detail
            FROM accounts a
            LEFT JOIN (SELECT p.account_id, sum(p.amount) AS total
                         FROM payment_state s JOIN payments p ON p.id = s.payment_id
                        WHERE p.kind = 'withdrawal' AND s.due_at IS NOT NULL
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
    sql: `SELECT format('payment %s (%s): %s of %s booked on its account', p.id, s.status,
                        coalesce(b.amount, 0), p.amount) AS detail
            FROM payments p
            JOIN payment_state s ON s.payment_id = p.id
            LEFT JOIN postings b ON b.payment_id = p.id AND b.account_id = p.account_id
           WHERE coalesce(b.amount, 0) <> CASE
                   WHEN s.status <> 'SUCCESS' THEN 0
                   WHEN p.kind = 'deposit' THEN p.amount ELSE -p.amount END`,
  },
  {
    name: 'every posting belongs to a payment',
    sql: `SELECT format('posting %s of account %s: no payment %s', b.seq, b.account_id, b.payment_id)
                 AS detail
            FROM postings b LEFT JOIN payments p ON p.id = b.payment_id WHERE p.id IS NULL`,
  },
  {
    name: "money moves between the payment's own account and a system account",
    sql: `SELECT format('payment %s: booked on account %s of another payer', p.id, a.id) AS detail
            FROM postings b
            JOIN accounts a ON a.id = b.account_id AND a.kind = 'user'
            JOIN payments p ON p.id = b.payment_id
           WHERE b.account_id <> p.account_id`,
  },
  {
    name: 'every payment has its state, and every state its payment',
    sql: `SELECT format('payment %s', coalesce(p.id, s.payment_id)) AS detail
            FROM payments p FULL JOIN payment_state s ON s.payment_id = p.id
           WHERE p.id IS NULL OR s.payment_id IS NULL`,
  },
  {
    name: 'a payment is on an account of its user, in its currency',
    sql: `SELECT format('payment %s', p.id) AS detail
            FROM payments p LEFT JOIN accounts a ON a.id = p.account_id
           WHERE a.id IS NULL OR a.user_id <> p.user_id OR a.currency <> p.currency`,
  },
  {
    name: 'every status change has its event, without gaps',
    sql: `SELECT format('payment %s: version %s, events %s', s.payment_id, s.version,
                        coalesce(e.events, 0)) AS detail
            FROM payment_state s
            LEFT JOIN (SELECT payment_id, count(*) AS events, min(version) AS oldest,
                              max(version) AS newest
                         FROM events GROUP BY payment_id) e ON e.payment_id = s.payment_id
           WHERE e.events IS DISTINCT FROM s.version OR e.newest IS DISTINCT FROM s.version
              OR e.oldest <> 1`,
  },
  {
    name: 'the newest event tells how the payment stands',
    sql: `SELECT format('payment %s is %s, its event says %s', s.payment_id, s.status, e.type) AS detail
            FROM payment_state s
            JOIN events e ON e.payment_id = s.payment_id AND e.version = s.version
           WHERE e.type NOT LIKE '%.' || CASE s.status
                   WHEN 'PENDING' THEN 'created' WHEN 'PROCESSING' THEN 'processing'
                   WHEN 'SUCCESS' THEN 'succeeded' WHEN 'FAILED' THEN 'failed'
                   ELSE 'review' END`,
  },
  {
    name: 'a status follows only one that may become it',
    sql: `SELECT format('payment %s: %s after %s', payment_id, now, coalesce(before, 'nothing'))
                 AS detail
            FROM (SELECT payment_id, split_part(type, '.', 2) AS now,
                         lag(split_part(type, '.', 2)) OVER (PARTITION BY payment_id
                                                              ORDER BY version) AS before
                    FROM events) e
           WHERE (coalesce(before, ''), now) NOT IN (
                   ('', 'created'), ('', 'failed'), ('created', 'processing'),
                   ('created', 'failed'), ('processing', 'succeeded'), ('processing', 'failed'),
                   ('processing', 'review'), ('review', 'succeeded'), ('review', 'failed'))`,
  },
  {
    name: 'every event belongs to a payment, of its user and its kind',
    sql: `SELECT format('payment %s, version %s: %s', e.payment_id, e.version, e.type) AS detail
            FROM events e LEFT JOIN payments p ON p.id = e.payment_id
           WHERE p.id IS NULL OR p.user_id <> e.user_id OR e.type NOT LIKE p.kind || '.%'`,
  },
  {
    name: 'every contact and every failed task belongs to a payment',
    sql: `SELECT format('%s of payment %s', what, payment_id) AS detail
            FROM (SELECT payment_id, 'contact ' || fence AS what FROM attempts
                  UNION ALL SELECT payment_id, reason FROM failed_tasks) x
           WHERE NOT EXISTS (SELECT FROM payments p WHERE p.id = x.payment_id)`,
  },
  {
    // A contact bears its claim's fence, and what settles it moves the row's.
    name: 'no contact is newer than its payment',
    sql: `SELECT format('payment %s: fence %s, contact %s', s.payment_id, s.fence, t.fence) AS detail
            FROM attempts t JOIN payment_state s ON s.payment_id = t.payment_id
           WHERE t.fence >= s.fence`,
  },
  {
    name: 'no payment ended twice',
    sql: `SELECT format('payment %s: %s ends', payment_id, count(*)) AS detail FROM events
           WHERE type LIKE '%.succeeded' OR type LIKE '%.failed'
           GROUP BY payment_id HAVING count(*) > 1`,
  },
  {
    name: 'no unfinished payment is past its deadline and forgotten',
    sql: `SELECT format('payment %s: %s, deadline %s', payment_id, status, deadline_at) AS detail
            FROM payment_state
           WHERE status IN ('PENDING', 'PROCESSING')
             AND deadline_at < clock_timestamp() - interval '2 hours'`,
  },
  {
    name: 'what is unfinished has a moment at which somebody looks at it, what is final has none',
    sql: `SELECT format('payment %s: %s, due %s', payment_id, status, due_at) AS detail
            FROM payment_state
           WHERE (status IN ('SUCCESS', 'FAILED')) <> (due_at IS NULL)
              OR (due_at IS NULL) <> (contact_at IS NULL)
              OR (due_at IS NULL) <> (next_contact IS NULL)`,
  },
  {
    // While more than a minute's work waits in the queue, what was never claimed is not hurried.
    name: 'what is due is looked at while somebody works',
    sql: `SELECT format('payment %s: %s, due since %s', payment_id, status, due_at) AS detail
            FROM payment_state
           WHERE due_at < clock_timestamp() - interval '2 minutes'
             AND EXISTS (SELECT FROM workers
                          WHERE role <> 'api' AND NOT stopping
                            AND started_at < clock_timestamp() - interval '2 minutes'
                            AND heartbeat_at > clock_timestamp() - interval '30 s')
             AND (status <> 'PENDING' OR 20000 > (
                   SELECT count(*) FROM payment_state WHERE due_at IS NOT NULL))`,
  },
  {
    name: 'the bank approved what we call done',
    sql: `SELECT format('payment %s: bank transaction %s', s.payment_id, s.bank_transaction_id)
                 AS detail
            FROM payment_state s
           WHERE s.status = 'SUCCESS'
             AND (s.bank_transaction_id IS NULL
                  OR NOT EXISTS (SELECT FROM attempts t
                                  WHERE t.payment_id = s.payment_id AND t.outcome = 'approved'))`,
  },
  {
    name: 'what failed was refused here from its birth, or by the bank',
    sql: `SELECT format('payment %s: %s, %s', p.id, s.status, s.error_code) AS detail
            FROM payments p JOIN payment_state s ON s.payment_id = p.id
           WHERE CASE WHEN p.refusal IS NOT NULL
                   THEN s.status <> 'FAILED' OR s.version <> 1 OR s.fence <> 0
                        OR s.error_code IS DISTINCT FROM p.refusal
                   ELSE s.status = 'FAILED'
                        AND NOT EXISTS (SELECT FROM attempts t WHERE t.payment_id = p.id
                              AND t.outcome IN ('declined', 'retryable', 'not_found')) END`,
  },
  {
    name: 'what may have been executed does not fail for want of an answer',
    sql: `SELECT format('payment %s', s.payment_id) AS detail FROM payment_state s
           WHERE s.status = 'FAILED' AND s.error_code = 'BANK_UNAVAILABLE'
             AND (s.unsure OR EXISTS (SELECT FROM attempts t WHERE t.payment_id = s.payment_id
                                         AND t.contact = 'submit' AND t.outcome = 'unknown'))`,
  },
  {
    name: 'what the bank could not be asked about, or left open, is a failed task',
    sql: `SELECT format('payment %s: %s', s.payment_id, s.status) AS detail FROM payment_state s
           WHERE (s.status = 'PENDING_REVIEW' OR s.error_code = 'BANK_UNAVAILABLE')
             AND NOT EXISTS (SELECT FROM failed_tasks f WHERE f.payment_id = s.payment_id
                                AND f.reason IN ('REVIEW', 'BANK_UNAVAILABLE'))`,
  },
  {
    name: 'the bank never approved what we call failed',
    sql: `SELECT format('payment %s: attempt %s was approved', s.payment_id, t.fence) AS detail
            FROM payment_state s
            JOIN attempts t ON t.payment_id = s.payment_id AND t.outcome = 'approved'
           WHERE s.status = 'FAILED'`,
  },
];

const counted = statement<{ payments: bigint; postings: bigint; accounts: bigint; events: bigint }>(
  'audit_counted',
  `SELECT (SELECT count(*) FROM payments) AS payments, (SELECT count(*) FROM postings) AS postings,
          (SELECT count(*) FROM accounts) AS accounts, (SELECT count(*) FROM events) AS events`,
);

export function audit(database: Database): Promise<AuditReport> {
  return database.snapshot(async (tx) => {
    const faults: AuditFault[] = [];
    const [first] = await tx.query(counted, []);
    for (const [index, check] of checks.entries())
      faults.push(...(await runCheck(tx, check, index)));
    const rows = Object.entries(first ?? {}).map(([check, count]) => ({
      check,
      rows: Number(count),
    }));
    return { faults, checked: [...rows, { check: 'checks', rows: checks.length }] };
  });
}

async function runCheck(tx: Tx, check: Check, index: number): Promise<readonly AuditFault[]> {
  const broken = statement<{ detail: string }>(`audit_${index}`, `${check.sql} LIMIT ${faultsMax}`);
  const rows = await tx.query(broken, []);
  return rows.map((row) => ({ check: check.name, detail: row.detail }));
}
