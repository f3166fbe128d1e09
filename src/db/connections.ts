import { Client, type ClientBase, DatabaseError, Pool, types } from 'pg';
import type { Logger } from '../telemetry/log.ts';
import { DatabaseAway, OutcomeUnknown, StatementRefused } from './database.ts';
import { openHosts } from './hosts.ts';
import { type Lanes, openLanes, socketOf } from './lane.ts';

/** The connections of one process: a pool for single statements, lanes for group commits. */
export interface Connections {
  /** To the server that accepts writes. @throws DatabaseAway */
  readonly pool: () => Promise<Pool>;
  readonly lanes: Lanes;
  /**
   * Told of every failure of a write. A server that refuses writes is given up with all connections
   * to it, and the caller hears that it is away; after a lost connection the next one looks around
   * first.
   */
  readonly judge: (error: unknown) => unknown;
  readonly close: () => Promise<void>;
}

export interface ConnectionsOptions {
  readonly url: string;
  readonly connectionsMax: number;
  readonly groupConnections: number;
  /** Milliseconds after which a server that says nothing is given up; 12 s unless given. */
  readonly silenceMs?: number;
  readonly log: Logger;
}

/** A statement alone in the pool may take this long; group commits have deadlines of their own. */
export const statementTimeoutMs = 10_000;
/** For whoever waits for a connection, too: past it he is told, and holds nothing. */
const connectTimeoutMs = 3_000;
/** A transaction whose client went silent gives its locks back after this. */
const idleInTransactionMs = 10_000;
const lockTimeoutMs = 3_000;
/** A server that is frozen, or cut off without a word, ends no statement: then we do. */
const silenceMs = statementTimeoutMs + 2_000;

export function openConnections(options: ConnectionsOptions): Connections {
  const hosts = openHosts(options.url, options.log);
  let open: { readonly url: string; readonly pool: Pool } | null = null;
  const ending: Promise<void>[] = [];

  const lanes = openLanes({
    lanesMax: options.groupConnections,
    onLost: hosts.doubt,
    connect: async () => {
      const client = laneClient(await hosts.current());
      hearErrors(client);
      try {
        await client.connect();
      } catch (error) {
        if (isServerLost(error)) hosts.doubt();
        throw error;
      }
      return client;
    },
  });

  function retire(): void {
    lanes.renew();
    if (open === null) return;
    // What is under way on it ends there; nobody new comes.
    ending.push(open.pool.end());
    open = null;
  }

  function judge(error: unknown): unknown {
    if (error instanceof StatementRefused && error.code === readOnlyCode) {
      options.log.warn('the database server does not accept writes: looking for another');
      hosts.doubt();
      retire();
      return new DatabaseAway(error.message);
    }
    const isBroken = error instanceof DatabaseAway || error instanceof OutcomeUnknown;
    if (isBroken && isServerLost(error.cause)) hosts.doubt();
    return error;
  }

  return {
    lanes,
    judge,
    pool: async () => {
      const url = await hosts.current();
      if (open?.url !== url) {
        retire();
        open = { url, pool: openPool(url, options, hosts.doubt) };
      }
      return open.pool;
    },
    close: async () => {
      await lanes.close();
      retire();
      await Promise.all(ending);
    },
  };
}

const every = {
  types: { getTypeParser },
  connectionTimeoutMillis: connectTimeoutMs,
  idle_in_transaction_session_timeout: idleInTransactionMs,
  keepAlive: true,
};

function openPool(url: string, options: ConnectionsOptions, onLost: () => void): Pool {
  const pool = new Pool({
    ...every,
    connectionString: withDefaults(url),
    statement_timeout: statementTimeoutMs,
    lock_timeout: lockTimeoutMs,
    max: options.connectionsMax,
  });
  // A connection that dies while idle is the pool's to replace; whoever needs one next is told.
  pool.on('error', (error) => {
    options.log.warn({ error: error.message }, 'idle connection lost');
    onLost();
  });
  pool.on('connect', (client) => {
    hearErrors(client);
    endSilence(client, options.silenceMs ?? silenceMs);
  });
  return pool;
}

/**
 * A server that dies says so behind its greeting, in one packet: before whoever connects can
 * listen. An error event that nobody hears would end the process; the first query hears of it
 * anyway.
 */
function hearErrors(client: ClientBase): void {
  client.on('error', () => undefined);
}

/**
 * Statements of a lane find rows by key, whatever the planner's statistics of a young table say: a
 * plan made while it was empty would otherwise scan it until the next ANALYZE. COMMIT must not be
 * cancelled, so there is no statement timeout: the group has its own deadline.
 */
const laneOptions =
  '-c statement_timeout=0 -c plan_cache_mode=force_generic_plan -c enable_seqscan=off ' +
  `-c enable_hashjoin=off -c enable_mergejoin=off -c lock_timeout=${lockTimeoutMs}`;

const laneClient = (url: string): Client =>
  new Client({ ...every, connectionString: withDefaults(url, laneOptions), pipeline: true });

/**
 * In the URL, because what stands there wins over what is given beside it: ours are the last words.
 */
function withDefaults(url: string, options = ''): string {
  const parsed = new URL(url);
  const given = parsed.searchParams;
  if (!given.has('application_name')) given.set('application_name', 'tollgate');
  const all = `${given.get('options') ?? ''} ${options}`.trim();
  if (all !== '') given.set('options', all);
  return parsed.href;
}

/** Of a transaction that writes: the server is a standby, or was made read-only. */
const readOnlyCode = '25006';

/** Its connection broke, or the server says that it is going or coming. */
function isServerLost(error: unknown): boolean {
  if (error instanceof DatabaseError) return error.code?.startsWith('57P') === true;
  return error instanceof Error;
}

/**
 * By the socket's own timer: one for each statement, as the driver has it (`query_timeout`), cost
 * 10 µs of 70. A connection that idles in the pool is closed before.
 */
function endSilence(client: ClientBase, ms: number): void {
  const socket = socketOf(client);
  socket.setTimeout(ms, () => {
    socket.destroy(new Error(`connection given up: no word from the server for ${ms} ms`));
  });
}

/** For a transaction whose statements may take longer than the pool's. */
export async function withPatience<T>(
  client: ClientBase,
  ms: number,
  work: () => Promise<T>,
): Promise<T> {
  const socket = socketOf(client);
  const usual = socket.timeout;
  socket.setTimeout(ms);
  try {
    return await work();
  } finally {
    socket.setTimeout(usual ?? silenceMs);
  }
}

const int8 = 20;

function getTypeParser(oid: number, format?: string): (text: string) => unknown {
  if (oid === int8 && format !== 'binary') return BigInt;
  return types.getTypeParser(oid, 'text');
}
