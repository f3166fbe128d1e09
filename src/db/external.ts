import { Client, DatabaseError, Pool, type PoolClient, types } from 'pg';
import type { Logger } from '../telemetry/log.ts';
import { literal } from './array-literal.ts';
import {
  classifyRefusal,
  type Database,
  DatabaseAway,
  type GroupSteps,
  OutcomeUnknown,
  type Queryable,
  type Statement,
  StatementRefused,
  type Tx,
  type Value,
} from './database.ts';
import { type Lane, openLanes } from './lane.ts';

export interface DatabaseOptions {
  /** postgres://role:password@host:port/database of the application role. */
  readonly url: string;
  /** Connections for single statements and rare transactions. */
  readonly connectionsMax: number;
  /** Connections for group commits, each used by one group at a time. */
  readonly groupConnections: number;
  readonly log: Logger;
}

/** A statement alone in the pool may take this long; group commits have deadlines of their own. */
const statementTimeoutMs = 10_000;
const connectTimeoutMs = 3_000;
/** A transaction whose client went silent gives its locks back after this. */
const idleInTransactionMs = 10_000;
const lockTimeoutMs = 3_000;

/** It writes nothing and locks nobody, and an audit of large books takes its time. */
const beginSnapshot =
  'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 600000';

/** PostgreSQL by URL, through node-postgres: docs/decisions/0002-node-postgres.md. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const connection = {
    connectionString: options.url,
    types: { getTypeParser },
    connectionTimeoutMillis: connectTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    application_name: 'tollgate',
    keepAlive: true,
  };
  const pool = new Pool({
    ...connection,
    statement_timeout: statementTimeoutMs,
    lock_timeout: lockTimeoutMs,
    max: options.connectionsMax,
  });
  // A connection that dies while idle is the pool's to replace; whoever needs one next is told.
  pool.on('error', (error) => options.log.warn({ error: error.message }, 'idle connection lost'));
  const lanes = openLanes({
    lanesMax: options.groupConnections,
    connect: async () => {
      // Statements of a lane find rows by key, whatever the planner's statistics of a young table
      // say: a plan made while it was empty would otherwise scan it until the next ANALYZE. COMMIT
      // must not be cancelled, so there is no statement timeout: the group has its own deadline.
      const client = new Client({
        ...connection,
        pipeline: true,
        options:
          '-c statement_timeout=0 -c plan_cache_mode=force_generic_plan -c enable_seqscan=off ' +
          `-c enable_hashjoin=off -c enable_mergejoin=off -c lock_timeout=${lockTimeoutMs}`,
      });
      await client.connect();
      return client;
    },
  });

  const database: Database = {
    query: (statement, values) => runIn(pool, statement, values),
    group: (steps) => lanes.use((lane) => runGroup(lane, steps)),
    keyed: {
      query: (statement, values) => lanes.use((lane) => runKeyed(lane, statement, values)),
    },
    transaction: (work) => runTransaction(pool, 'BEGIN', work),
    snapshot: (work) => runTransaction(pool, beginSnapshot, work),
    ping: async () => {
      await pool.query('SELECT 1').catch((error: unknown) => {
        throw translate(error);
      });
    },
    close: async () => {
      await lanes.close();
      await pool.end();
    },
  };
  await database.ping();
  return database;
}

async function runGroup<Read, Result>(
  lane: Lane,
  steps: GroupSteps<Read, Result>,
): Promise<Result> {
  let isCommitSent = false;
  const deadline = setTimeout(() => lane.drop(), steps.deadlineMs);
  try {
    const lockWait =
      steps.lockTimeoutMs === undefined ? '' : `; SET LOCAL lock_timeout = ${steps.lockTimeoutMs}`;
    const [, rows] = await lane.together(() =>
      Promise.all([lane.send(`BEGIN${lockWait}`), steps.read(lane.tx)]),
    );
    const decided = await lane.together(async () => {
      const { written, result } = steps.write(lane.tx, rows);
      isCommitSent = true;
      const [writing, commit] = await Promise.allSettled([written, lane.send('COMMIT')]);
      return { writing, commit, result };
    });
    // A write that the server refused has aborted the transaction: its error is the reason, COMMIT only
    // ended it. A write that broke with its connection says nothing: COMMIT may have landed.
    if (decided.writing.status === 'rejected') {
      if (decided.commit.status === 'fulfilled') isCommitSent = decided.commit.value === 'COMMIT';
      throw decided.writing.reason;
    }
    if (decided.commit.status === 'rejected') throw decided.commit.reason;
    // After an error that nobody awaited, COMMIT answers "ROLLBACK" and calls it success.
    if (decided.commit.value !== 'COMMIT')
      throw new DatabaseAway('the transaction was rolled back');
    return decided.result;
  } catch (error) {
    await lane.rollBack();
    throw translate(error, isCommitSent);
  } finally {
    clearTimeout(deadline);
  }
}

async function runKeyed<Row>(
  lane: Lane,
  statement: Statement<Row>,
  values: readonly Value[],
): Promise<readonly Row[]> {
  const deadline = setTimeout(() => lane.drop(), statementTimeoutMs);
  try {
    return await lane.tx.query(statement, values);
  } catch (error) {
    throw translate(error);
  } finally {
    clearTimeout(deadline);
  }
}

async function runTransaction<Result>(
  pool: Pool,
  begin: string,
  work: (tx: Tx) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect().catch((error: unknown) => {
    throw translate(error);
  });
  let isCommitSent = false;
  let broken: Error | undefined;
  // A connection that breaks between two statements would otherwise end the process.
  const onError = (error: Error): void => {
    broken = error;
  };
  client.on('error', onError);
  try {
    await client.query(begin);
    const result = await work(txOn(client));
    isCommitSent = true;
    const { command } = await client.query('COMMIT');
    if (command !== 'COMMIT') throw new DatabaseAway('the transaction was rolled back');
    return result;
  } catch (error) {
    // A connection whose ROLLBACK fails is of no use to the next one either.
    await client.query('ROLLBACK').catch((failure: unknown) => {
      broken = failure instanceof Error ? failure : new Error(String(failure));
    });
    throw translate(error, isCommitSent);
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

function txOn(client: PoolClient): Tx {
  return { isTransaction: true, query: (statement, values) => runIn(client, statement, values) };
}

async function runIn<Row>(
  runner: Pool | PoolClient,
  statement: Statement<Row>,
  values: readonly Value[],
): Promise<readonly Row[]> {
  try {
    const { name, text } = statement;
    const result = await runner.query({ name, text, values: values.map(literal) });
    // The row's type is the statement's own promise: it stands beside the SELECT list.
    return result.rows as readonly Row[];
  } catch (error) {
    throw translate(error);
  }
}

/** What the driver threw, in the words of the port. */
export function translate(error: unknown, isCommitSent = false): Error {
  if (
    error instanceof StatementRefused ||
    error instanceof DatabaseAway ||
    error instanceof OutcomeUnknown
  )
    return error;
  if (error instanceof DatabaseError) {
    const code = error.code ?? '';
    // FATAL ends the connection: to a COMMIT under way that says nothing about its outcome.
    if (isCommitSent && (error.severity === 'FATAL' || error.severity === 'PANIC'))
      return new OutcomeUnknown(`COMMIT was sent, then: ${error.message}`);
    if (classifyRefusal(code) === 'away') return new DatabaseAway(error.message);
    return new StatementRefused(error.message, code, error.constraint ?? null);
  }
  if (!(error instanceof Error)) return new Error(String(error));
  if (!isConnectionFailure(error)) return error;
  return isCommitSent
    ? new OutcomeUnknown(`COMMIT was sent, then: ${error.message}`)
    : new DatabaseAway(error.message);
}

/** The driver's own errors carry no class: what has a system code or speaks of the connection is one. */
function isConnectionFailure(error: Error): boolean {
  return (
    ('code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code)) ||
    /connection|not queryable|timeout|terminat/i.test(error.message)
  );
}

const int8 = 20;

function getTypeParser(oid: number, format?: string): (text: string) => unknown {
  if (oid === int8 && format !== 'binary') return BigInt;
  return types.getTypeParser(oid, 'text');
}

export type { Queryable };
