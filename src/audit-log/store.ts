import { type Queryable, statement, type Tx } from '../db/database.ts';

/** The end of the chain, and the moment of a row that comes next. */
export interface Head {
  /** 0 where nothing was ever written. */
  readonly seq: bigint;
  /** 64 hex digits. */
  readonly hash: string;
  readonly at: string;
}

/** A row as it is stored: what its hash covers, in the text that it covers. */
export interface AuditLogRow {
  readonly seq: bigint;
  /** RFC 3339 with microseconds, UTC: a Date would lose three digits that the hash covers. */
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  /** JSON in its canonical form. */
  readonly before: string | null;
  readonly after: string | null;
  readonly reason: string | null;
  readonly requestId: string | null;
  /** 64 hex digits. */
  readonly previousHash: string;
  readonly hash: string;
}

/** What the first row follows. */
export const genesisHash = '0'.repeat(64);

/** An arbitrary number that is ours: advisory locks share one space with every program's. */
const advisoryLock = 7_041_776_502n;

const instant = (value: string): string =>
  `to_char(${value} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

const chainLock = statement<Record<never, never>>(
  'audit_log_lock',
  'SELECT pg_advisory_xact_lock($1::bigint)',
);

const headSelect = statement<Head>(
  'audit_log_head',
  // The database's clock, and never before the row that it follows, should that clock step back.
  `SELECT coalesce(h.seq, 0) AS seq, coalesce(h.hash, '${genesisHash}') AS hash,
          ${instant('greatest(clock_timestamp(), h.at)')} AS at
     FROM (SELECT) one
     LEFT JOIN (SELECT seq, at, encode(hash, 'hex') AS hash FROM audit_log
                 ORDER BY seq DESC LIMIT 1) h ON true`,
);

/**
 * Nobody else appends until this transaction ends. Two statements, because the one that waited for
 * the lock would still see the end of the chain as it was before; both leave at once.
 */
export async function lockHead(tx: Tx): Promise<readonly Head[]> {
  const [, head] = await Promise.all([
    tx.query(chainLock, [advisoryLock]),
    tx.query(headSelect, []),
  ]);
  return head;
}

const rowsInsert = statement<Record<never, never>>(
  'audit_log_insert',
  `INSERT INTO audit_log (seq, at, actor, action, subject, before, after, reason, request_id,
                          previous_hash, hash)
   SELECT seq, at, actor, action, subject, before, after, reason, request_id,
          decode(previous_hash, 'hex'), decode(hash, 'hex')
     FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[],
                 $7::text[], $8::text[], $9::text[], $10::text[], $11::text[])
       AS a (seq, at, actor, action, subject, before, after, reason, request_id, previous_hash,
             hash)`,
);

export function insertRows(tx: Tx, rows: readonly AuditLogRow[]): Promise<unknown> {
  return tx.query(rowsInsert, [
    rows.map((row) => row.seq),
    rows.map((row) => row.at),
    rows.map((row) => row.actor),
    rows.map((row) => row.action),
    rows.map((row) => row.subject),
    rows.map((row) => row.before),
    rows.map((row) => row.after),
    rows.map((row) => row.reason),
    rows.map((row) => row.requestId),
    rows.map((row) => row.previousHash),
    rows.map((row) => row.hash),
  ]);
}

const columns = `seq, ${instant('at')} AS at, actor, action, subject, before, after, reason,
          request_id AS "requestId", encode(previous_hash, 'hex') AS "previousHash",
          encode(hash, 'hex') AS hash`;

const chainSelect = statement<AuditLogRow>(
  'audit_log_chain',
  `SELECT ${columns} FROM audit_log WHERE seq > $1 ORDER BY seq LIMIT $2`,
);

/** The chain in its order, a batch at a time. */
export function selectChain(
  database: Queryable,
  afterSeq: bigint,
  limit: number,
): Promise<readonly AuditLogRow[]> {
  return database.query(chainSelect, [afterSeq, limit]);
}

export interface AuditLogFilter {
  readonly actor: string | null;
  readonly action: string | null;
  readonly subject: string | null;
  /** Rows older than this one. */
  readonly beforeSeq: bigint | null;
  readonly limit: number;
}

const pageSelect = statement<AuditLogRow>(
  'audit_log_page',
  // Read by people, a page at a time, newest first: what a rare actor did is found by walking the
  // primary key, which a log of operators' actions allows.
  `SELECT ${columns} FROM audit_log
    WHERE ($1::text IS NULL OR actor = $1) AND ($2::text IS NULL OR action = $2)
      AND ($3::text IS NULL OR subject = $3) AND ($4::bigint IS NULL OR seq < $4)
    ORDER BY seq DESC LIMIT $5`,
);

export function selectPage(
  database: Queryable,
  filter: AuditLogFilter,
): Promise<readonly AuditLogRow[]> {
  const { actor, action, subject, beforeSeq, limit } = filter;
  return database.query(pageSelect, [actor, action, subject, beforeSeq, limit]);
}
