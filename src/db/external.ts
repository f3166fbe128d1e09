import { DatabaseError, type Pool, type PoolClient } from 'pg';
import { AssertionFailed } from '../assert.ts';
import { literal } from './array-literal.ts';
import {
  type ConnectionsOptions,
  openConnections,
  statementTimeoutMs,
  withPatience,
} from './connections.ts';
import {
  classifyRefusal,
  type Database,
  DatabaseAway,
  type GroupSteps,
  OutcomeUnknown,
  type Statement,
  StatementRefused,
  type Tx,
  type Value,
} from './database.ts';
import type { Lane } from './lane.ts';

/** The URL is of the application's role; it may name several servers (hosts.ts). */
export type DatabaseOptions = ConnectionsOptions;

/** It writes nothing and locks nobody, and an audit of large books takes its time. */
const beginSnapshot =
  'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 600000';
const snapshotPatienceMs = 602_000;

/** PostgreSQL by URL, through node-postgres: docs/decisions/0002-node-postgres.md. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const connections = openConnections(options);
  const { lanes } = connections;
  const inPool = async <T>(work: (pool: Pool) => Promise<T>): Promise<T> => {
    try {
      return await work(await connections.pool());
    } catch (error) {
      throw connections.judge(error);
    }
  };
  const inLane = async <T>(work: (lane: Lane) => Promise<T>): Promise<T> => {
    try {
      return await lanes.use(work);
    } catch (error) {
      throw connections.judge(error);
    }
  };

  const database: Database = {
    query: (statement, values) => inPool((pool) => runIn(pool, statement, values)),
    group: (steps) => inLane((lane) => runGroup(lane, steps)),
    keyed: {
      query: (statement, values) => inLane((lane) => runKeyed(lane, statement, values)),
    },
    transaction: (work) => inPool((pool) => runTransaction(pool, 'BEGIN', work)),
    // Not judged: that it refuses writes says nothing about the server.
    snapshot: async (work) =>
      runTransaction(await connections.pool(), beginSnapshot, work, snapshotPatienceMs),
    ping: () => inPool(ping),
    close: connections.close,
  };
  await database.ping().catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  return database;
}

async function ping(pool: Pool): Promise<void> {
  await pool.query('SELECT 1').catch((error: unknown) => {
    throw translate(error);
  });
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
    // A write that the server refused has aborted the transaction: its error is the reason, COMMIT
    // only ended it. A write that broke with its connection says nothing: COMMIT may have landed.
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
  patienceMs: number | null = null,
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
    const run = (): Promise<Result> => work(txOn(client));
    const result = await (patienceMs === null ? run() : withPatience(client, patienceMs, run));
    // A COMMIT that is cancelled while it waits for a standby is reported as done.
    await client.query('SET LOCAL statement_timeout = 0');
    isCommitSent = true;
    const { command } = await client.query('COMMIT');
    if (command !== 'COMMIT') throw new DatabaseAway('the transaction was rolled back');
    return result;
  } catch (error) {
    const failure = translate(error, isCommitSent);
    if (isAway(failure)) broken = failure;
    // A connection whose ROLLBACK fails is of no use to the next one either.
    else
      await client.query('ROLLBACK').catch((second: unknown) => {
        broken = second instanceof Error ? second : new Error(String(second));
      });
    throw failure;
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
  if (error instanceof StatementRefused || isAway(error)) return error;
  const cause = { cause: error };
  if (error instanceof DatabaseError) {
    const code = error.code ?? '';
    // FATAL ends the connection: to a COMMIT under way that says nothing about its outcome.
    if (isCommitSent && (error.severity === 'FATAL' || error.severity === 'PANIC'))
      return new OutcomeUnknown(`COMMIT was sent, then: ${error.message}`, cause);
    if (classifyRefusal(code) === 'away') return new DatabaseAway(error.message, cause);
    return new StatementRefused(error.message, code, error.constraint ?? null);
  }
  if (!(error instanceof Error)) return new Error(String(error));
  if (!isConnectionFailure(error)) return error;
  return isCommitSent
    ? new OutcomeUnknown(`COMMIT was sent, then: ${error.message}`, cause)
    : new DatabaseAway(error.message, cause);
}

function isAway(error: unknown): error is DatabaseAway | OutcomeUnknown {
  return error instanceof DatabaseAway || error instanceof OutcomeUnknown;
}

/**
 * The driver's own errors carry no class: what has a system code or speaks of the connection is
 * one.
 */
function isConnectionFailure(error: Error): boolean {
  if (error instanceof AssertionFailed) return false;
  return (
    ('code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code)) ||
    /connection|not queryable|timeout|terminat/i.test(error.message)
  );
}
