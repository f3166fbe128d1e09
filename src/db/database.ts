import { AssertionFailed } from '../assert.ts';

/**
 * The database port. PostgreSQL is the only truth; this interface is how the rest of the house
 * speaks to it.
 *
 * Promised: a transaction is all or nothing; a group's reads leave in one packet with BEGIN and its
 * writes in one with COMMIT; a failure says whether the transaction certainly did not happen
 * (`DatabaseAway`, `StatementRefused`) or may have (`OutcomeUnknown`).
 * Not promised: that a connection survives. Nothing is re-run on the caller's behalf.
 */

/** A statement has a name because PostgreSQL prepares it under that name, once per connection. */
export interface Statement<Row> {
  readonly name: string;
  readonly text: string;
  /** Never set: it ties the row's type to the statement. */
  readonly row?: Row;
}

export type Value =
  | string
  | number
  | bigint
  | boolean
  | Date
  | null
  | readonly (string | number | bigint | boolean | Date | null)[];

/** Where a single statement can run: in a transaction, or alone in the pool. */
export interface Queryable {
  /**
   * The statement's rows. int8 arrives as bigint, timestamptz as Date, jsonb parsed.
   * Calls leave in the order in which they are made, without waiting for each other.
   */
  readonly query: <Row>(
    statement: Statement<Row>,
    values: readonly Value[],
  ) => Promise<readonly Row[]>;
}

/** An open transaction, READ COMMITTED. */
export interface Tx extends Queryable {
  readonly isTransaction: true;
}

export interface GroupSteps<Read, Result> {
  /** The transaction's label in log lines and metrics: `accept`, `settle`. */
  readonly name: string;
  /** Locks, then reads. Called once, must issue its statements without awaiting in between. */
  readonly read: (tx: Tx) => Promise<Read>;
  /**
   * Decides over the locked rows and issues the writes, again without awaiting in between: they
   * leave with COMMIT. A write that must have touched n rows asserts it in SQL (`assert_count`).
   */
  readonly write: (
    tx: Tx,
    rows: Read,
  ) => { readonly written: Promise<unknown>; readonly result: Result };
  /** Milliseconds from BEGIN to the answer to COMMIT; past them the connection is dropped. */
  readonly deadlineMs: number;
  /** Milliseconds that a statement may wait for a row lock; 0 waits up to the deadline. */
  readonly lockTimeoutMs?: number;
}

export interface Database extends Queryable {
  /**
   * One group commit in two round trips: [BEGIN, read] and [write, COMMIT].
   * @throws StatementRefused, DatabaseAway, OutcomeUnknown
   */
  readonly group: <Read, Result>(steps: GroupSteps<Read, Result>) => Promise<Result>;
  /**
   * Statements that find their rows by key, each alone in its transaction: planned like a group's,
   * so that they never scan a table that was empty when they were first planned.
   */
  readonly keyed: Queryable;
  /** A transaction for what is rare: registration, seeding, an operator's action. */
  readonly transaction: <Result>(work: (tx: Tx) => Promise<Result>) => Promise<Result>;
  /** Reads that all see one moment (REPEATABLE READ, READ ONLY): audits, statements. */
  readonly snapshot: <Result>(work: (tx: Tx) => Promise<Result>) => Promise<Result>;
  /** Resolves when the server answers; rejects with DatabaseAway. */
  readonly ping: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The server refused a statement and the transaction is rolled back. `code` is the SQLSTATE. */
export class StatementRefused extends Error {
  override readonly name = 'StatementRefused';
  readonly code: string;
  /** The index or constraint that refused, where the server names it. */
  readonly constraint: string | null;
  constructor(message: string, code: string, constraint: string | null) {
    super(message);
    this.code = code;
    this.constraint = constraint;
  }
}

/** No connection, or it broke before COMMIT was sent: the transaction certainly did not happen. */
export class DatabaseAway extends Error {
  override readonly name = 'DatabaseAway';
}

/** The connection broke, or the deadline passed, after COMMIT was sent: it may have happened. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
}

/**
 * What to do after a refusal: `culprit`, a row of the group is at fault: halve until it stands
 * alone;
 * `again`, the group met another one: run it again, a few times; `away`, the server cannot now.
 */
export type RefusalClass = 'culprit' | 'again' | 'away' | 'bug';

export function classifyRefusal(code: string): RefusalClass {
  if (code.startsWith('22') || code.startsWith('23')) return 'culprit';
  // Our own triggers and `assert_count`: some row of the group is not what the code took it for.
  if (code.startsWith('TG')) return 'culprit';
  // Serialization failure, deadlock, lock timeout, cancelled by a time limit or an operator.
  if (['40001', '40P01', '55P03', '57014'].includes(code)) return 'again';
  // 25P03, 25P04: the server gave up on us and closed the connection.
  if (/^(08|53|57P|25P0[34])/.test(code)) return 'away';
  return 'bug';
}

/** The same for whatever a group threw: 'fatal' tells every caller. */
export function classifyGroupFailure(error: unknown): 'culprit' | 'again' | 'fatal' {
  // Thrown while a group was decided: nothing is written, and one payment's broken row must not
  // stop the others, now and whenever they come back together.
  if (error instanceof AssertionFailed) return 'culprit';
  if (!(error instanceof StatementRefused)) return 'fatal';
  const refusal = classifyRefusal(error.code);
  return refusal === 'culprit' || refusal === 'again' ? refusal : 'fatal';
}

/** Names a statement. Each is one constant in a store file, so its name is unique by its file. */
export function statement<Row>(name: string, text: string): Statement<Row> {
  return { name, text };
}

const databaseNow = statement<{ readonly now: Date }>(
  'database_now',
  `SELECT date_trunc('milliseconds', clock_timestamp()) AS now`,
);

/** The database's clock, in the milliseconds that answers and the books show. */
export async function readNow(database: Queryable): Promise<Date> {
  const [row] = await database.query(databaseNow, []);
  return row?.now ?? new Date(Number.NaN);
}
