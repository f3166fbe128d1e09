import type { Check } from './audit-check.ts';

/** The journey: what was asked, how it stands, and what the feed says of it. */
export const journeyChecks: readonly Check[] = [
  {
    name: 'every payment has its state, and every state its payment',
    sql: `SELECT format('payment %s', coalesce(p.id, s.payment_id)) AS detail
            FROM payments p FULL JOIN payment_state s ON s.payment_id = p.id
           WHERE p.id IS NULL OR s.payment_id IS NULL`,
  },
  {
    // Of a correction the user is whoever's account it touches; of one on suspense it is nobody.
    name: 'a payment is on an account of its user, in its currency',
    sql: `SELECT format('payment %s', p.id) AS detail
            FROM payments p
            LEFT JOIN accounts a ON a.id = p.account_id
            LEFT JOIN accounts c ON c.id = p.counter_account_id
           WHERE a.id IS NULL OR a.currency <> p.currency
              OR (p.counter_account_id IS NOT NULL
                  AND (c.id IS NULL OR c.currency <> p.currency OR c.id = a.id))
              OR p.user_id IS DISTINCT FROM CASE WHEN p.kind = 'correction'
                   THEN coalesce(a.user_id, c.user_id, '00000000-0000-0000-0000-000000000000')
                   ELSE a.user_id END`,
  },
  {
    name: 'a transfer is between customers, a correction between the bank and one account',
    sql: `SELECT format('%s %s: from a %s to a %s account', p.kind, p.id, a.kind, c.kind) AS detail
            FROM payments p
            JOIN accounts a ON a.id = p.account_id
            JOIN accounts c ON c.id = p.counter_account_id
           WHERE CASE p.kind WHEN 'transfer' THEN a.kind <> 'user' OR c.kind <> 'user'
                             ELSE (a.kind = 'clearing') = (c.kind = 'clearing') END`,
  },
  {
    name: 'refunds stay within the deposit that they give back',
    sql: `SELECT format('deposit %s: %s of %s given back', r.related_payment_id, sum(r.amount),
                        max(d.amount)) AS detail
            FROM payments r
            JOIN payment_state s ON s.payment_id = r.id
            LEFT JOIN payments d ON d.id = r.related_payment_id AND d.kind = 'deposit'
                 AND d.account_id = r.account_id AND d.currency = r.currency
            LEFT JOIN payment_state e ON e.payment_id = d.id AND e.status = 'SUCCESS'
           WHERE r.kind = 'refund' AND s.status <> 'FAILED'
           GROUP BY r.related_payment_id
          HAVING sum(r.amount) > max(d.amount) OR count(e.payment_id) < count(*)`,
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
    // What needs no bank ends at its birth.
    name: 'a status follows only one that may become it',
    sql: `SELECT format('payment %s: %s after %s', payment_id, now, coalesce(before, 'nothing'))
                 AS detail
            FROM (SELECT payment_id, split_part(type, '.', 2) AS now,
                         split_part(type, '.', 1) IN ('transfer', 'correction') AS is_born_final,
                         lag(split_part(type, '.', 2)) OVER (PARTITION BY payment_id
                                                              ORDER BY version) AS before
                    FROM events) e
           WHERE CASE WHEN is_born_final
                   THEN before IS NOT NULL OR now NOT IN ('succeeded', 'failed')
                   ELSE (coalesce(before, ''), now) NOT IN (
                     ('', 'created'), ('', 'failed'), ('created', 'processing'),
                     ('created', 'failed'), ('processing', 'succeeded'), ('processing', 'failed'),
                     ('processing', 'review'), ('review', 'succeeded'), ('review', 'failed')) END`,
  },
  {
    name: 'every event belongs to a payment, of its user and its kind',
    sql: `SELECT format('payment %s, version %s: %s', e.payment_id, e.version, e.type) AS detail
            FROM events e LEFT JOIN payments p ON p.id = e.payment_id
           WHERE p.id IS NULL OR p.user_id <> e.user_id OR e.type NOT LIKE p.kind || '.%'`,
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
];
