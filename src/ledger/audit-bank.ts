import type { Check } from './audit-check.ts';

/** The bank's word, what it left open, and where it differs from the books. */
export const bankChecks: readonly Check[] = [
  {
    name: 'every contact, failed task and break belongs to a payment',
    sql: `SELECT format('%s of payment %s', what, payment_id) AS detail
            FROM (SELECT payment_id, 'contact ' || fence AS what FROM attempts
                  UNION ALL SELECT payment_id, reason FROM failed_tasks
                             WHERE payment_id IS NOT NULL
                  UNION ALL SELECT payment_id, 'break ' || id FROM breaks
                             WHERE payment_id IS NOT NULL) x
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
    // Only an operator may decide without a transaction of the bank's to show for it.
    name: 'the bank, or an operator, approved what we call done',
    sql: `SELECT format('payment %s: bank transaction %s', s.payment_id, s.bank_transaction_id)
                 AS detail
            FROM payment_state s
            JOIN payments p ON p.id = s.payment_id
           WHERE s.status = 'SUCCESS' AND p.bank IS NOT NULL
             AND NOT EXISTS (SELECT FROM attempts t
                              WHERE t.payment_id = s.payment_id AND t.outcome = 'approved'
                                AND (t.contact = 'operator' OR s.bank_transaction_id IS NOT NULL))`,
  },
  {
    name: 'what needs no bank ends at its birth, and nobody asked one about it',
    sql: `SELECT format('%s %s: %s, version %s', p.kind, p.id, s.status, s.version) AS detail
            FROM payments p JOIN payment_state s ON s.payment_id = p.id
           WHERE p.bank IS NULL
             AND (s.version <> 1 OR s.fence <> 0 OR s.bank_transaction_id IS NOT NULL
                  OR s.status NOT IN ('SUCCESS', 'FAILED')
                  OR (p.kind = 'correction' AND s.status <> 'SUCCESS')
                  OR EXISTS (SELECT FROM attempts t WHERE t.payment_id = p.id))`,
  },
  {
    name: 'what failed was refused here from its birth, by the bank, or cancelled unclaimed',
    sql: `SELECT format('payment %s: %s, %s', p.id, s.status, s.error_code) AS detail
            FROM payments p JOIN payment_state s ON s.payment_id = p.id
           WHERE CASE WHEN p.refusal IS NOT NULL
                   THEN s.status <> 'FAILED' OR s.version <> 1 OR s.fence <> 0
                        OR s.error_code IS DISTINCT FROM p.refusal
                   ELSE s.status = 'FAILED'
                        AND NOT (s.error_code = 'CANCELLED' AND s.version = 2 AND s.submits = 0
                                 AND s.deadline_at IS NULL)
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
    // Its word after the end is a break, which a correcting payment or a decision resolves.
    name: 'what the bank approved and we call failed is a break',
    sql: `SELECT format('payment %s: attempt %s was approved', s.payment_id, t.fence) AS detail
            FROM payment_state s
            JOIN attempts t ON t.payment_id = s.payment_id AND t.outcome = 'approved'
             AND t.contact <> 'operator'
           WHERE s.status = 'FAILED'
             AND NOT EXISTS (SELECT FROM breaks b WHERE b.payment_id = s.payment_id)`,
  },
  {
    name: 'a corrected break has its correction, of the difference',
    sql: `SELECT format('break %s: %s differs, correction %s of %s', b.id,
                        b.bank_amount - b.booked_amount, b.correction_id, c.amount) AS detail
            FROM breaks b
            LEFT JOIN payments c ON c.id = b.correction_id AND c.kind = 'correction'
            LEFT JOIN accounts f ON f.id = c.account_id
           WHERE b.resolution = 'corrected'
             AND (c.id IS NULL OR c.currency <> b.currency
                  OR c.related_payment_id IS DISTINCT FROM b.payment_id
                  OR b.bank_amount - b.booked_amount IS DISTINCT FROM
                       CASE f.kind WHEN 'clearing' THEN c.amount ELSE -c.amount END)`,
  },
  {
    name: 'every correction puts a break right',
    sql: `SELECT format('correction %s', c.id) AS detail
            FROM payments c
           WHERE c.kind = 'correction'
             AND NOT EXISTS (SELECT FROM breaks b WHERE b.correction_id = c.id)`,
  },
  {
    name: 'a break is settled or corrected only where its payment has ended',
    sql: `SELECT format('break %s: %s, payment %s is %s', b.id, b.resolution, s.payment_id, s.status)
                 AS detail
            FROM breaks b JOIN payment_state s ON s.payment_id = b.payment_id
           WHERE b.resolution IN ('settled', 'corrected')
             AND s.status NOT IN ('SUCCESS', 'FAILED')`,
  },
];
