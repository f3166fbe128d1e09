import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Client } from 'pg';
import { withClient } from './people.ts';

/** The yardstick for settling: TPC-B, as pgbench runs it, on the server under test. */
export interface Tpcb {
  /** `pgbench (16 clients)`, or that it was not there. */
  readonly name: string;
  /** Transactions per second at the best number of clients. */
  readonly run: (seconds: number) => Promise<number>;
}

interface TpcbOptions {
  /** As the owner, on an empty database. */
  readonly url: string;
  readonly candidates: readonly number[];
  readonly probeSeconds: number;
}

export const tpcbDatabase = 'tpcb';

/** In a database of its own on the server under test. */
export async function openTpcbBeside(
  url: (role: 'owner', database: string) => string,
  { isQuick }: { readonly isQuick: boolean },
): Promise<Tpcb> {
  await withClient(url('owner', 'postgres'), (client) =>
    client.query(`CREATE DATABASE ${tpcbDatabase}`),
  );
  return openTpcb({
    url: url('owner', tpcbDatabase),
    candidates: isQuick ? [8] : [4, 8, 16, 32],
    probeSeconds: isQuick ? 1 : 3,
  });
}

/** 10 branches, 1 million accounts, 150 MB: it fits into memory, as our own hot rows do. */
const scale = 10;

async function openTpcb(options: TpcbOptions): Promise<Tpcb> {
  const program = await findPgbench();
  const runWith =
    program === null
      ? await openTpcbClient(options.url)
      : await openPgbench(program, new URL(options.url));
  let best = { clients: 0, tps: 0 };
  for (const clients of options.candidates) {
    const tps = await runWith(clients, options.probeSeconds);
    if (tps > best.tps) best = { clients, tps };
  }
  const { clients } = best;
  return {
    name:
      program === null
        ? `TPC-B from a node client (${clients} connections; pgbench is not installed)`
        : `pgbench TPC-B (${clients} clients)`,
    run: (seconds) => runWith(clients, seconds),
  };
}

type RunWith = (clients: number, seconds: number) => Promise<number>;

const run = promisify(execFile);

async function findPgbench(): Promise<string | null> {
  const installed = globSync('/usr/lib/postgresql/*/bin/pgbench').toSorted();
  for (const program of [...installed.toReversed(), 'pgbench']) {
    try {
      await run(program, ['--version']);
      return program;
    } catch {
      // Not there, or not for this machine: the next one.
    }
  }
  return null;
}

async function openPgbench(program: string, url: URL): Promise<RunWith> {
  const place = ['-h', url.hostname, '-p', url.port, '-U', url.username];
  const database = url.pathname.slice(1);
  const options = {
    env: { ...process.env, PGPASSWORD: decodeURIComponent(url.password) },
    killSignal: 'SIGTERM' as const,
  };
  await run(program, [...place, '-i', '-q', '-s', String(scale), database], options);
  return async (clients, seconds) => {
    const load = ['-n', '-c', String(clients), '-j', '2', '-T', String(seconds)];
    const { stdout } = await run(program, [...place, ...load, database], options);
    const tps = /^tps = ([\d.]+)/m.exec(stdout)?.[1];
    if (tps === undefined) throw new Error(`pgbench said: ${stdout}`);
    return Number(tps);
  };
}

const schema = `
  CREATE TABLE pgbench_branches (bid int PRIMARY KEY, bbalance int, filler char(88));
  CREATE TABLE pgbench_tellers (tid int PRIMARY KEY, bid int, tbalance int, filler char(84));
  CREATE TABLE pgbench_accounts (aid int PRIMARY KEY, bid int, abalance int, filler char(84));
  CREATE TABLE pgbench_history
    (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));
  INSERT INTO pgbench_branches SELECT n, 0, '' FROM generate_series(1, ${scale}) n;
  INSERT INTO pgbench_tellers SELECT n, (n - 1) / 10 + 1, 0, ''
    FROM generate_series(1, ${scale * 10}) n;
  INSERT INTO pgbench_accounts SELECT n, (n - 1) / 100000 + 1, 0, ''
    FROM generate_series(1, ${scale * 100_000}) n;
  VACUUM ANALYZE`;

/** The same seven statements where pgbench is not installed. */
async function openTpcbClient(url: string): Promise<RunWith> {
  await withClient(url, async (client) => {
    for (const one of schema.split(';')) await client.query(one);
  });
  return async (clients, seconds) => {
    const endsAt = performance.now() + seconds * 1000;
    const counts = await Promise.all(
      Array.from({ length: clients }, () => withClient(url, (client) => repeat(client, endsAt))),
    );
    return counts.reduce((sum, count) => sum + count, 0) / seconds;
  };
}

const steps = {
  account: 'UPDATE pgbench_accounts SET abalance = abalance + $1 WHERE aid = $2',
  read: 'SELECT abalance FROM pgbench_accounts WHERE aid = $1',
  teller: 'UPDATE pgbench_tellers SET tbalance = tbalance + $1 WHERE tid = $2',
  branch: 'UPDATE pgbench_branches SET bbalance = bbalance + $1 WHERE bid = $2',
  history: `INSERT INTO pgbench_history (tid, bid, aid, delta, mtime)
            VALUES ($1, $2, $3, $4, CURRENT_TIMESTAMP)`,
} as const;

async function repeat(client: Client, endsAt: number): Promise<number> {
  const upTo = (count: number): number => 1 + Math.floor(Math.random() * count);
  const step = (name: keyof typeof steps, values: readonly number[]): Promise<unknown> =>
    client.query({ name, text: steps[name], values: [...values] });
  let count = 0;
  while (performance.now() < endsAt) {
    const [aid, tid, bid] = [upTo(scale * 100_000), upTo(scale * 10), upTo(scale)];
    const delta = upTo(10_001) - 5_001;
    await client.query('BEGIN');
    await step('account', [delta, aid]);
    await step('read', [aid]);
    await step('teller', [delta, tid]);
    await step('branch', [delta, bid]);
    await step('history', [tid, bid, aid, delta]);
    await client.query('COMMIT');
    count += 1;
  }
  return count;
}
