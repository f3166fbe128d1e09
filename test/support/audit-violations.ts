/** The first customer's account; the others are of those who refund, transfer and correct. */
export const user = `(SELECT account_id FROM payments WHERE kind = 'withdrawal' LIMIT 1)`;
const clearing = `(SELECT id FROM accounts WHERE kind = 'clearing')`;
const suspense = `(SELECT id FROM accounts WHERE kind = 'suspense')`;
const ofKind = (kind: string): string =>
  `(SELECT id FROM payments WHERE kind = '${kind}' ORDER BY id LIMIT 1)`;
export const withStatus = (status: string): string =>
  `(SELECT payment_id FROM payment_state WHERE status = '${status}' ORDER BY payment_id LIMIT 1)`;
export const newPosting = `INSERT INTO postings
  (account_id, seq, payment_id, amount, currency, balance_after, posted_at)`;

const nobody = 'gen_random_uuid()';
/** Of a customer whose payments nobody was told of. */
const endpoint = `INSERT INTO webhook_endpoints
  (id, user_id, url, secret, matches_since, created_at, updated_at)
  SELECT gen_random_uuid(), user_id, 'https://example.com', '', '-infinity', now(), now()
    FROM accounts WHERE id = ${user}`;
const delivery = `INSERT INTO webhook_deliveries
  (id, endpoint_id, user_id, type, data, occurred_at, due_at)`;

/** What breaks each check, as a fault in our code would. */
export const violations: readonly (readonly [check: string, sql: string])[] = [
  [
    'the postings of a payment sum to zero in each currency',
    `UPDATE postings SET amount = amount + 1 WHERE account_id = ${user} AND seq = 1`,
  ],
  ['all postings of a currency sum to zero', `DELETE FROM postings WHERE account_id <> ${user}`],
  [
    'a balance equals the sum of its postings',
    `UPDATE accounts SET balance = balance + 1 WHERE id = ${user}`,
  ],
  [
    'held funds equal the unfinished withdrawals and refunds',
    `UPDATE accounts SET held = held + 1 WHERE id = ${user}`,
  ],
  ['no account is overdrawn', `UPDATE accounts SET held = balance + 1 WHERE id = ${user}`],
  [
    'an account numbers its postings without gaps, each with the balance after it',
    `UPDATE postings SET seq = seq + 1 WHERE account_id = ${user} AND seq = 2`,
  ],
  [
    'an account numbers its postings without gaps, each with the balance after it',
    `UPDATE postings SET balance_after = 7 WHERE account_id = ${user} AND seq = 2`,
  ],
  [
    'an account numbers its postings without gaps, each with the balance after it',
    `UPDATE postings SET posted_at = '2001-01-01' WHERE account_id = ${user} AND seq = 2`,
  ],
  [
    'the newest posting is the one that its account counts',
    `UPDATE accounts SET last_seq = last_seq + 1 WHERE id = ${user}`,
  ],
  [
    'a posting is in the currency of its account',
    `UPDATE postings SET currency = 'EUR' WHERE payment_id = ${withStatus('SUCCESS')}`,
  ],
  [
    'every posting has its account',
    `UPDATE postings SET account_id = gen_random_uuid() WHERE account_id <> ${user}`,
  ],
  [
    'a payment is booked once, whole, and only where it succeeded',
    `${newPosting} VALUES
       (${user}, 3, ${withStatus('FAILED')}, 5, 'USD', 905, now()),
       (gen_random_uuid(), 1, ${withStatus('FAILED')}, -5, 'USD', NULL, now())`,
  ],
  [
    'a payment is booked once, whole, and only where it succeeded',
    `DELETE FROM postings WHERE payment_id = ${withStatus('SUCCESS')}`,
  ],
  [
    'every posting belongs to a payment',
    `DELETE FROM payments WHERE id = ${withStatus('SUCCESS')}`,
  ],
  [
    'every payment has its state, and every state its payment',
    `DELETE FROM payment_state WHERE status = 'PENDING'`,
  ],
  [
    'every payment has its state, and every state its payment',
    `DELETE FROM payments WHERE id = ${withStatus('PENDING')}`,
  ],
  [
    'a payment is on an account of its user, in its currency',
    `UPDATE payments SET user_id = gen_random_uuid() WHERE id = ${withStatus('SUCCESS')}`,
  ],
  [
    'a payment is on an account of its user, in its currency',
    `UPDATE payments SET currency = 'EUR' WHERE id = ${withStatus('SUCCESS')}`,
  ],
  [
    'every status change has its event, without gaps',
    `DELETE FROM events WHERE version = 2 AND payment_id = ${withStatus('SUCCESS')}`,
  ],
  [
    'the newest event tells how the payment stands',
    `UPDATE events SET type = 'withdrawal.review'
      WHERE version = 1 AND payment_id = ${withStatus('PENDING')}`,
  ],
  [
    'no payment ended twice',
    `UPDATE events SET type = 'withdrawal.failed'
      WHERE version = 2 AND payment_id = ${withStatus('SUCCESS')}`,
  ],
  [
    'no unfinished payment is past its deadline and forgotten',
    `UPDATE payment_state SET deadline_at = now() - interval '3 h' WHERE status = 'PROCESSING'`,
  ],
  [
    'every status change has its event, without gaps',
    `UPDATE events SET version = 0 WHERE version = 1 AND payment_id = ${withStatus('SUCCESS')}`,
  ],
  [
    "money moves between the accounts that a payment names, or its own and the bank's",
    `WITH other AS (INSERT INTO accounts (id, kind, user_id, currency)
       SELECT gen_random_uuid(), 'user', user_id, 'EUR' FROM accounts WHERE id = ${user}
       RETURNING id)
     UPDATE postings SET account_id = (SELECT id FROM other) WHERE account_id = ${clearing}`,
  ],
  [
    'a status follows only one that may become it',
    `UPDATE events SET type = 'withdrawal.created'
      WHERE version = 2 AND payment_id = ${withStatus('SUCCESS')}`,
  ],
  [
    'a status follows only one that may become it',
    `UPDATE events SET type = 'withdrawal.review'
      WHERE version = 1 AND payment_id = ${withStatus('PENDING')}`,
  ],
  [
    'every event belongs to a payment, of its user and its kind',
    `DELETE FROM payments WHERE id = ${withStatus('PENDING')}`,
  ],
  [
    'every event belongs to a payment, of its user and its kind',
    `UPDATE events SET user_id = gen_random_uuid() WHERE payment_id = ${withStatus('PENDING')}`,
  ],
  [
    'every event belongs to a payment, of its user and its kind',
    `UPDATE events SET type = 'deposit.created' WHERE payment_id = ${withStatus('PENDING')}`,
  ],
  [
    'every contact, failed task and break belongs to a payment',
    `DELETE FROM payments WHERE id = ${withStatus('PROCESSING')}`,
  ],
  [
    'every contact, failed task and break belongs to a payment',
    `INSERT INTO failed_tasks (payment_id, reason, detail, first_at, last_at)
     VALUES (gen_random_uuid(), 'REVIEW', 'seeded', now(), now())`,
  ],
  [
    'no contact is newer than its payment',
    `UPDATE payment_state SET fence = 1 WHERE payment_id = ${withStatus('SUCCESS')}`,
  ],
  [
    'what is unfinished has a moment at which somebody looks at it, what is final has none',
    `UPDATE payment_state SET due_at = NULL WHERE status = 'PENDING'`,
  ],
  [
    'what is unfinished has a moment at which somebody looks at it, what is final has none',
    `UPDATE payment_state SET due_at = now() WHERE status = 'SUCCESS'`,
  ],
  [
    'what is due is looked at while somebody works',
    `INSERT INTO workers (id, role, host, pid, version, started_at, in_flight, in_flight_max,
                          breakers)
     VALUES (gen_random_uuid(), 'worker', 'here', 1, '1', now() - interval '1 h', 0, 1, '{}');
     UPDATE payment_state SET due_at = now() - interval '3 min' WHERE status = 'PENDING'`,
  ],
  [
    'the bank, or an operator, approved what we call done',
    `UPDATE attempts SET outcome = 'unknown' WHERE outcome = 'approved'`,
  ],
  [
    'the bank, or an operator, approved what we call done',
    `UPDATE payment_state SET bank_transaction_id = NULL WHERE status = 'SUCCESS'`,
  ],
  [
    'what failed was refused here from its birth, by the bank, or cancelled unclaimed',
    `UPDATE attempts SET outcome = 'unknown' WHERE outcome = 'declined'`,
  ],
  [
    'what failed was refused here from its birth, by the bank, or cancelled unclaimed',
    `UPDATE payments SET refusal = 'INSUFFICIENT_FUNDS' WHERE id = ${withStatus('PROCESSING')}`,
  ],
  [
    'what may have been executed does not fail for want of an answer',
    `UPDATE payment_state SET error_code = 'BANK_UNAVAILABLE', unsure = true
      WHERE payment_id = ${withStatus('FAILED')}`,
  ],
  [
    'what the bank could not be asked about, or left open, is a failed task',
    `UPDATE payment_state SET status = 'PENDING_REVIEW' WHERE status = 'PROCESSING'`,
  ],
  [
    'what the bank could not be asked about, or left open, is a failed task',
    `UPDATE payment_state SET error_code = 'BANK_UNAVAILABLE'
      WHERE payment_id = ${withStatus('FAILED')}`,
  ],
  [
    'what the bank approved and we call failed is a break',
    `UPDATE attempts SET outcome = 'approved' WHERE outcome = 'declined'`,
  ],
  [
    'a payment is booked once, whole, and only where it succeeded',
    `UPDATE postings SET amount = amount + 1 WHERE amount > 0
      AND payment_id = ${ofKind('transfer')}`,
  ],
  [
    "money moves between the accounts that a payment names, or its own and the bank's",
    `UPDATE postings SET account_id = ${suspense}
      WHERE account_id = ${clearing} AND payment_id = ${ofKind('refund')}`,
  ],
  [
    'a system account keeps no balance, and there is one of each kind and currency',
    `UPDATE accounts SET balance = 7 WHERE id = ${suspense}`,
  ],
  [
    'a payment is on an account of its user, in its currency',
    `UPDATE payments SET counter_account_id = gen_random_uuid() WHERE id = ${ofKind('transfer')}`,
  ],
  [
    'a payment is on an account of its user, in its currency',
    `UPDATE payments SET user_id = gen_random_uuid() WHERE id = ${ofKind('correction')}`,
  ],
  [
    'a transfer is between customers, a correction between the bank and one account',
    `UPDATE payments SET counter_account_id = ${clearing} WHERE id = ${ofKind('transfer')}`,
  ],
  [
    'a transfer is between customers, a correction between the bank and one account',
    `UPDATE payments SET counter_account_id = ${suspense} WHERE id = ${ofKind('correction')}`,
  ],
  [
    'refunds stay within the deposit that they give back',
    `UPDATE payments SET amount = 500 WHERE id = ${ofKind('refund')}`,
  ],
  [
    'refunds stay within the deposit that they give back',
    `UPDATE payments SET related_payment_id = ${ofKind('withdrawal')}
      WHERE id = ${ofKind('refund')}`,
  ],
  [
    'a status follows only one that may become it',
    `UPDATE events SET type = 'deposit.succeeded'
      WHERE version = 1 AND payment_id = ${withStatus('SUCCESS')}`,
  ],
  [
    'a status follows only one that may become it',
    `UPDATE events SET type = 'transfer.created' WHERE payment_id = ${ofKind('transfer')}`,
  ],
  [
    'what needs no bank ends at its birth, and nobody asked one about it',
    `UPDATE attempts SET payment_id = ${ofKind('transfer')} WHERE outcome = 'declined'`,
  ],
  [
    'what needs no bank ends at its birth, and nobody asked one about it',
    `UPDATE payment_state SET status = 'FAILED' WHERE payment_id = ${ofKind('correction')}`,
  ],
  [
    'every contact, failed task and break belongs to a payment',
    `UPDATE breaks SET payment_id = gen_random_uuid()`,
  ],
  [
    'a corrected break has its correction, of the difference',
    `UPDATE breaks SET bank_amount = bank_amount - 1`,
  ],
  [
    'a corrected break has its correction, of the difference',
    // The other way round.
    `UPDATE breaks SET bank_amount = booked_amount, booked_amount = bank_amount`,
  ],
  [
    'a corrected break has its correction, of the difference',
    `UPDATE breaks SET correction_id = ${ofKind('transfer')}`,
  ],
  ['every correction puts a break right', `UPDATE breaks SET correction_id = NULL`],
  [
    'a break is settled or corrected only where its payment has ended',
    `UPDATE breaks SET payment_id = ${withStatus('PROCESSING')}`,
  ],
  ['every event has a delivery to each endpoint that asked for it', endpoint],
  [
    'every delivery is to an endpoint of its user, and of an event of his',
    `${delivery} VALUES (${nobody}, ${nobody}, ${nobody}, 'test.ping', '{}', now(), now())`,
  ],
  [
    'every delivery is to an endpoint of its user, and of an event of his',
    `${endpoint}; ${delivery} SELECT id, id, user_id, 'test.ping', '{}', now(), now()
       FROM webhook_endpoints; UPDATE webhook_deliveries SET payment_id = id, version = 1`,
  ],
  [
    'a delivery has a moment at which somebody looks at it, until it has ended',
    `${delivery} VALUES (${nobody}, ${nobody}, ${nobody}, 'test.ping', '{}', now(), NULL)`,
  ],
  [
    'what was delivered has an attempt that says so',
    `${delivery} VALUES (${nobody}, ${nobody}, ${nobody}, 'test.ping', '{}', now(), NULL);
     UPDATE webhook_deliveries SET state = 'delivered', ended_at = now()`,
  ],
  [
    'every attempt belongs to a delivery, and to one of its claims',
    `INSERT INTO webhook_attempts (delivery_id, fence, worker, started_at, latency_ms)
     VALUES (${nobody}, 1, ${nobody}, now(), 1)`,
  ],
];
