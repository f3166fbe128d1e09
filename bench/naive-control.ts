import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { poll } from '../src/runtime/poll.ts';
import { type BenchBank, startBank } from './bank.ts';
import { readPort, startChild } from './child.ts';
import type { Closing } from './closing.ts';
import { type BenchGateway, jwtSecret } from './gateway.ts';
import type { System } from './measure.ts';
import { MoneyLost } from './money.ts';
import { withClient } from './people.ts';

const database = 'naive';

const schema = `
  CREATE TABLE accounts (user_id uuid PRIMARY KEY, balance bigint NOT NULL DEFAULT 0);
  CREATE TABLE payments (
    id              uuid PRIMARY KEY,
    user_id         uuid NOT NULL REFERENCES accounts,
    idempotency_key text NOT NULL,
    amount          bigint NOT NULL,
    status          text NOT NULL DEFAULT 'PENDING',
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    settled_at      timestamptz,
    UNIQUE (user_id, idempotency_key)
  );
  CREATE TABLE postings (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    payment_id uuid NOT NULL REFERENCES payments,
    user_id    uuid,
    amount     bigint NOT NULL,
    posted_at  timestamptz NOT NULL DEFAULT now()
  )`;

export interface NaiveControl {
  readonly system: System;
  /** Waits until all is settled, and adds up its money too. */
  readonly prove: () => Promise<void>;
}

/** The control on the gateway's own server, in a database of its own, with the same people. */
export async function startNaive(closing: Closing, gateway: BenchGateway): Promise<NaiveControl> {
  const folder = join(
    fileURLToPath(new URL('..', import.meta.url)),
    '.bench',
    `${process.pid}-naive`,
  );
  mkdirSync(folder, { recursive: true });
  closing.add('folder of the control', async () =>
    rmSync(folder, { recursive: true, force: true }),
  );
  const bank = await startBank(closing, folder);
  const ownerUrl = gateway.url('owner', database);
  await withClient(gateway.url('owner', 'postgres'), (client) =>
    client.query(`CREATE DATABASE ${database}`),
  );
  await withClient(ownerUrl, (client) => client.query(schema));
  await copyPeople(gateway, ownerUrl);
  const child = startChild({
    program: 'naive.ts',
    name: 'naive control',
    closing,
    env: {
      NAIVE_DATABASE_URL: ownerUrl,
      NAIVE_BANK_URL: `http://127.0.0.1:${bank.port}`,
      NAIVE_JWT_SECRET: jwtSecret,
    },
  });
  const port = await child.receive(readPort);
  const system: System = {
    port,
    bankPort: bank.port,
    pid: child.pid,
    bankPid: bank.pid,
    postgresPid: gateway.postgresPid,
    ownerUrl,
    accepted: countOf('created_at'),
    settled: countOf('settled_at'),
  };
  return { system, prove: () => prove(ownerUrl, bank) };
}

const countOf = (column: string): string =>
  `SELECT count(*) FROM payments WHERE ${column} >= to_timestamp($1::float8 / 1e6)
      AND ${column} < to_timestamp($2::float8 / 1e6)`;

async function copyPeople(gateway: BenchGateway, ownerUrl: string): Promise<void> {
  const ids = await withClient(gateway.url('owner'), async (client) => {
    const { rows } = await client.query<{ id: string }>('SELECT id FROM users');
    return rows.map(({ id }) => id);
  });
  await withClient(ownerUrl, (client) =>
    client.query('INSERT INTO accounts (user_id) SELECT unnest($1::uuid[])', [ids]),
  );
}

const drainDeadlineMs = 60_000;

async function prove(ownerUrl: string, bank: BenchBank): Promise<void> {
  await withClient(ownerUrl, async (client) => {
    const isDrained = await poll(
      async () => {
        const { rows } = await client.query<{ open: string }>(
          `SELECT count(*) AS open FROM payments WHERE status = 'PENDING'`,
        );
        return rows[0]?.open === '0' ? true : null;
      },
      { everyMs: 50, deadlineMs: drainDeadlineMs },
    );
    if (isDrained === null) throw new Error('the naive control did not settle everything');
    const { rows } = await client.query<{ sum: string; balance: string; paid: string }>(
      `SELECT (SELECT coalesce(sum(amount), 0) FROM postings) AS sum,
              (SELECT coalesce(sum(balance), 0) FROM accounts) AS balance,
              (SELECT coalesce(sum(amount), 0) FROM payments) AS paid`,
    );
    const { sum, balance, paid } = rows[0] ?? {};
    if (sum !== '0' || balance !== paid)
      throw new MoneyLost(`naive control (bank on ${bank.port}): ${JSON.stringify(rows[0])}`);
  });
}
