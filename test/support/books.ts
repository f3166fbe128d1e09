import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { Client } from 'pg';
import { present } from '../../src/assert.ts';
import { systemClock } from '../../src/clock.ts';
import type { Database } from '../../src/db/database.ts';
import { openDatabase } from '../../src/db/external.ts';
import {
  type AccountId,
  newAccountId,
  newPaymentId,
  newUserId,
  type PaymentId,
  type UserId,
} from '../../src/ids.ts';
import { audit } from '../../src/ledger/audit.ts';
import { openClearing } from '../../src/ledger/clearing.ts';
import { parseCurrency } from '../../src/money.ts';
import type { AcceptCommand } from '../../src/payments/command.ts';
import { openLog } from '../../src/telemetry/log.ts';
import { openTestDatabase, type ServerUrls } from './postgres.ts';

export const usd = present(parseCurrency('USD'), 'USD is a currency');
export const silentLog = openLog({ level: 'silent', format: 'json', process: 'test' });

export interface Person {
  readonly userId: UserId;
  readonly accountId: AccountId;
}

/**
 * A fresh database with the application's connections to it, and the owner's for what a test
 * arranges.
 */
export interface Books {
  /** As the application's role. */
  readonly database: Database;
  readonly appUrl: string;
  /** Another process's connections to the same books; closed with the test. */
  readonly openDatabase: (groupConnections?: number) => Promise<Database>;
  /** One statement as the owner of the tables. */
  readonly sql: <Row extends object>(text: string, values?: readonly unknown[]) => Promise<Row[]>;
  /** A connection of the owner's, for locks and for what a test breaks; closed with the test. */
  readonly connect: () => Promise<Client>;
  /** A user with a USD account, and funds as a finished deposit left them. */
  readonly openAccount: (fundsMinor?: bigint) => Promise<Person>;
  /** Lets whatever these payments wait for be due now. */
  readonly makeDue: (ids: readonly PaymentId[]) => Promise<void>;
  readonly assertAudited: () => Promise<void>;
}

/** On the test run's server, or on one of the test's own. */
export async function openBooks(t: TestContext, on: ServerUrls | null = null): Promise<Books> {
  const closers: (() => Promise<unknown>)[] = [];
  // Registered before the database's own end, so that nobody is cut off by it.
  t.after(() => Promise.all(closers.map((close) => close())));
  const { appUrl, ownerUrl } = await openTestDatabase(t, on);

  async function connect(): Promise<Client> {
    const client = new Client({ connectionString: ownerUrl });
    // A test may kill it; whoever uses it then is told.
    client.on('error', () => undefined);
    await client.connect();
    closers.push(() => client.end());
    return client;
  }
  async function open(groupConnections = 8): Promise<Database> {
    const database = await openDatabase({
      url: appUrl,
      connectionsMax: 4,
      groupConnections,
      log: silentLog,
    });
    closers.push(database.close);
    return database;
  }
  const database = await open();
  const owner = await connect();
  const clearing = openClearing(database, systemClock.monotonic);
  const sql: Books['sql'] = async <Row extends object>(
    text: string,
    values: readonly unknown[] = [],
  ) => (await owner.query<Row>(text, [...values])).rows;

  return {
    database,
    appUrl,
    openDatabase: open,
    sql,
    connect,
    openAccount: async (fundsMinor = 0n) => {
      const person = { userId: newUserId(), accountId: newAccountId() };
      await sql(personInsert, [person.userId, `${person.userId}@example.test`]);
      await sql(accountInsert, [person.accountId, person.userId]);
      if (fundsMinor > 0n)
        await sql(fundsInsert, [
          newPaymentId(),
          person.userId,
          person.accountId,
          fundsMinor,
          await clearing(usd),
        ]);
      return person;
    },
    makeDue: async (ids) => {
      await sql(dueUpdate, [ids]);
    },
    assertAudited: async () => {
      assert.deepEqual((await audit(database)).faults, []);
    },
  };
}

/** A withdrawal of 1.00 with a key of its own, unless `changes` says otherwise. */
export function commandFor(person: Person, changes: Partial<AcceptCommand> = {}): AcceptCommand {
  return {
    id: newPaymentId(),
    userId: person.userId,
    accountId: person.accountId,
    kind: 'withdrawal',
    amountMinor: 100n,
    currency: usd,
    idempotencyKey: randomUUID(),
    requestId: 'request-1',
    description: null,
    metadata: null,
    counterAccountId: null,
    counterUserId: null,
    relatedPaymentId: null,
    relatedAmountMinor: null,
    authenticatedAt: systemClock.now(),
    ...changes,
  };
}

const personInsert = `
  INSERT INTO users (id, email, full_name, password_hash) VALUES ($1, $2, 'Test Person', 'none')`;

const accountInsert = `
  INSERT INTO accounts (id, kind, user_id, currency) VALUES ($1, 'user', $2, 'USD')`;

/** What a deposit leaves behind: the audit finds nothing wrong with it. */
const fundsInsert = `
  WITH asked AS (
    INSERT INTO payments (id, user_id, account_id, kind, currency, amount, bank, answer_version,
                          idempotency_key, request_id, created_at)
    VALUES ($1::uuid, $2::uuid, $3::uuid, 'deposit', 'USD', $4::bigint, 'scripted', 1, $1::uuid::text,
            'funds', now())
  ), stands AS (
    INSERT INTO payment_state (payment_id, status, fence, version, submits, bank_transaction_id,
                               updated_at)
    VALUES ($1::uuid, 'SUCCESS', 2, 3, 1, 'funds', now())
  ), contacted AS (
    INSERT INTO attempts (payment_id, fence, contact, worker, started_at, ended_at, outcome, evidence)
    VALUES ($1::uuid, 1, 'submit', $1::uuid, now(), now(), 'approved', 'funds')
  ), told AS (
    INSERT INTO events (payment_id, version, user_id, type, data, created_at, epoch)
    SELECT $1::uuid, v, $2::uuid, 'deposit.' || (ARRAY['created', 'processing', 'succeeded'])[v], '{}', now(), 1
      FROM generate_series(1, 3) v
  ), booked AS (
    INSERT INTO postings (account_id, seq, payment_id, amount, currency, balance_after, posted_at)
    VALUES ($3::uuid, 1, $1::uuid, $4::bigint, 'USD', $4::bigint, now()),
           ($5::uuid, nextval('system_posting_seq'), $1::uuid, -$4::bigint, 'USD', NULL, now())
  )
  UPDATE accounts SET balance = $4::bigint, last_seq = 1, last_posted_at = now()
   WHERE id = $3::uuid`;

const dueUpdate = `
  UPDATE payment_state SET contact_at = now() - interval '1 s', due_at = now() - interval '1 s'
   WHERE payment_id = ANY($1::uuid[]) AND due_at IS NOT NULL`;
