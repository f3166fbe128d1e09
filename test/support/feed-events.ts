import { Client } from 'pg';
import { type Database, statement } from '../../src/db/database.ts';
import { newPaymentId, type PaymentId, type UserId } from '../../src/ids.ts';

const insertEvents = statement<never>(
  'test_feed_events',
  `INSERT INTO events (payment_id, version, user_id, type, data, created_at, epoch)
   SELECT id, $2, $3, $4, $5, clock_timestamp() - $6 * interval '1 ms',
          (SELECT epoch FROM feed_epoch)
     FROM unnest($1::uuid[]) AS t (id)`,
);

export interface TestEvents {
  readonly count?: number;
  readonly type?: string;
  readonly data?: object;
  readonly ageMs?: number;
  readonly version?: number;
  readonly paymentId?: PaymentId;
}

/** Events in one transaction, as accept or settle would write them. @returns their payments */
export async function writeEvents(
  database: Pick<Database, 'query'>,
  userId: UserId,
  events: TestEvents = {},
): Promise<readonly PaymentId[]> {
  const { count = 1, type = 'deposit.created', data = { status: 'PENDING' } } = events;
  const { ageMs = 0, version = 1, paymentId } = events;
  const ids = Array.from({ length: count }, () => paymentId ?? newPaymentId());
  await database.query(insertEvents, [ids, version, userId, type, JSON.stringify(data), ageMs]);
  return ids;
}

/** A transaction that a test holds open. */
export interface HeldTransaction {
  readonly write: (userId: UserId) => Promise<PaymentId>;
  readonly commit: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function beginTransaction(appUrl: string): Promise<HeldTransaction> {
  const client = new Client({ connectionString: appUrl });
  await client.connect();
  await client.query('BEGIN');
  return {
    write: async (userId) => {
      const id = newPaymentId();
      const { text } = insertEvents;
      await client.query(text, [[id], 1, userId, 'deposit.created', '{"status":"PENDING"}', 0]);
      return id;
    },
    commit: async () => {
      await client.query('COMMIT');
    },
    close: () => client.end(),
  };
}
