import { DatabaseSync } from 'node:sqlite';
import type { Clock } from './clock.ts';
import type { DeclineCode } from './decide.ts';
import type { Order } from './order.ts';

/**
 * The bank's own books: what it executed (`movements`, append-only) and what it knows by reference
 * (`transfers`). Nothing is answered before it is here, on disk.
 */
export interface Ledger {
  readonly totals: Totals;
  readonly find: (reference: string) => Transfer | null;
  /** Commits with everything else that ends in this turn (or gathering), then calls `done`. */
  readonly record: (ended: Ended, done: (transfer: Transfer) => void) => void;
  /** A repeated submit of something final: counted with the next group, nobody waits for it. */
  readonly noteRepeat: (reference: string) => void;
  readonly movements: (page: { readonly after: number; readonly limit: number }) => Movement[];
  /** Commits what is waiting. */
  readonly close: () => void;
}

export type Ending =
  | { readonly kind: 'executed' }
  | { readonly kind: 'declined'; readonly code: DeclineCode }
  /** No outcome: the reference stays open, only its submits are counted. */
  | { readonly kind: 'nothing' };

export interface Ended {
  readonly order: Order;
  readonly ending: Ending;
  /** Submits that this ending answers. Read when the group commits: another may join until then. */
  readonly submits: number;
}

export interface Transfer extends Order {
  readonly status: 'executed' | 'declined' | 'none';
  readonly code: string | null;
  readonly bank_transaction_id: string | null;
  readonly executed_at: string | null;
  readonly submits: number;
}

export interface Movement extends Order {
  readonly sequence: number;
  readonly bank_transaction_id: string;
  readonly executed_at: string;
}

/** Since the file was made. After a kill -9 the last moment's may be missing, a movement never is. */
export interface Totals {
  submits: number;
  inquiries: number;
  duplicates: number;
  conflicts: number;
  executed: number;
  declined: number;
  unavailable: number;
  timeouts: number;
}

export interface LedgerOptions {
  readonly file: string;
  readonly clock: Clock;
  /**
   * How long a group gathers; 0 is to the end of the turn. Where work takes seconds, 5 ms more are
   * nothing, and they make one fsync of what would be a thousand a second.
   */
  readonly gatherMs: number;
  /** The disk refused a commit: nothing of the group may be answered, and the process must end. */
  readonly onBroken: (error: unknown) => void;
}

/** @throws where the file is damaged or another process holds it */
export function openLedger(options: LedgerOptions): Ledger {
  const database = new DatabaseSync(options.file);
  // One process per file: deduplication of what is still in its delay lives in that process' memory.
  database.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;
                 PRAGMA synchronous = FULL; ${schema}`);
  const statements = prepare(database);
  const totals = readTotals(database);
  let sequence = lastSequence(database);
  let waiting: { readonly ended: Ended; readonly done: (transfer: Transfer) => void }[] = [];
  let repeats: string[] = [];
  let scheduled: { readonly cancel: () => void } | null = null;

  const write = (ended: Ended, now: string): Transfer => {
    const { order, ending, submits } = ended;
    const isExecuted = ending.kind === 'executed';
    if (isExecuted) sequence += 1;
    const transfer: Transfer = {
      ...order,
      status: ending.kind === 'nothing' ? 'none' : ending.kind,
      code: ending.kind === 'declined' ? ending.code : null,
      bank_transaction_id: isExecuted ? `BT${String(sequence).padStart(12, '0')}` : null,
      executed_at: isExecuted ? now : null,
      submits,
    };
    statements.upsertTransfer(transfer);
    if (isExecuted) statements.insertMovement(sequence, transfer);
    if (ending.kind !== 'nothing') totals[ending.kind] += 1;
    return transfer;
  };

  const flush = (): void => {
    scheduled = null;
    const group = waiting;
    const counted = repeats;
    waiting = [];
    repeats = [];
    const now = options.clock.timestamp();
    let written: Transfer[];
    try {
      database.exec('BEGIN IMMEDIATE');
      written = group.map(({ ended }) => write(ended, now));
      for (const reference of counted) statements.countRepeat(reference);
      statements.saveTotals(totals);
      database.exec('COMMIT');
    } catch (error) {
      options.onBroken(error);
      return;
    }
    for (const [position, transfer] of written.entries()) group[position]?.done(transfer);
  };
  const schedule = (): void => {
    scheduled ??=
      options.gatherMs === 0 ? atEndOfTurn(flush) : options.clock.after(options.gatherMs, flush);
  };

  return {
    totals,
    find: statements.findTransfer,
    record: (ended, done) => {
      waiting.push({ ended, done });
      schedule();
    },
    noteRepeat: (reference) => {
      repeats.push(reference);
      schedule();
    },
    movements: ({ after, limit }) => statements.listMovements(after, limit),
    close: () => {
      scheduled?.cancel();
      flush();
      database.close();
    },
  };
}

/** After the poll phase: every socket that was readable in this turn has joined the group. */
function atEndOfTurn(run: () => void): { readonly cancel: () => void } {
  const immediate = setImmediate(run);
  return { cancel: () => clearImmediate(immediate) };
}

function prepare(database: DatabaseSync): {
  findTransfer: (reference: string) => Transfer | null;
  upsertTransfer: (transfer: Transfer) => void;
  insertMovement: (sequence: number, transfer: Transfer) => void;
  countRepeat: (reference: string) => void;
  listMovements: (after: number, limit: number) => Movement[];
  saveTotals: (totals: Totals) => void;
} {
  const find = database.prepare(
    `SELECT reference, kind, amount, currency, status, code, bank_transaction_id, executed_at, submits
       FROM transfers WHERE reference = ?`,
  );
  const upsert = database.prepare(
    `INSERT INTO transfers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (reference) DO UPDATE SET kind = excluded.kind, amount = excluded.amount,
       currency = excluded.currency, status = excluded.status, code = excluded.code,
       bank_transaction_id = excluded.bank_transaction_id, executed_at = excluded.executed_at,
       submits = transfers.submits + excluded.submits`,
  );
  const insert = database.prepare('INSERT INTO movements VALUES (?, ?, ?, ?, ?, ?, ?)');
  const repeat = database.prepare('UPDATE transfers SET submits = submits + 1 WHERE reference = ?');
  const list = database.prepare(
    'SELECT * FROM movements WHERE sequence > ? ORDER BY sequence LIMIT ?',
  );
  const save = database.prepare('UPDATE totals SET counts = ?');
  return {
    // Proven by the STRICT tables and their CHECKs.
    findTransfer: (reference) => (find.get(reference) as Transfer | undefined) ?? null,
    upsertTransfer: (t) => {
      const ending = [t.status, t.code, t.bank_transaction_id, t.executed_at, t.submits];
      upsert.run(t.reference, t.kind, t.amount, t.currency, ...ending);
    },
    insertMovement: (sequence, t) => {
      const order = [t.reference, t.kind, t.amount, t.currency];
      insert.run(sequence, ...order, t.bank_transaction_id, t.executed_at);
    },
    countRepeat: (reference) => {
      repeat.run(reference);
    },
    // Proven by the STRICT tables and their CHECKs: the spread of unknown rows gets its type here.
    listMovements: (after, limit) => list.all(after, limit) as unknown as Movement[],
    saveTotals: (totals) => {
      save.run(JSON.stringify(totals));
    },
  };
}

const noTotals: Totals = {
  submits: 0,
  inquiries: 0,
  duplicates: 0,
  conflicts: 0,
  executed: 0,
  declined: 0,
  unavailable: 0,
  timeouts: 0,
};

function readTotals(database: DatabaseSync): Totals {
  const text = database.prepare('SELECT counts FROM totals').get()?.['counts'];
  // Proven by saveTotals, the only writer; a count that an older file lacks starts at zero.
  const saved = JSON.parse(String(text)) as Partial<Totals>;
  return { ...noTotals, ...saved };
}

function lastSequence(database: DatabaseSync): number {
  return Number(database.prepare('SELECT max(sequence) AS last FROM movements').get()?.['last']);
}

// What the database can hold true, it holds true: a movement is never changed or removed.
const schema = `
  CREATE TABLE IF NOT EXISTS transfers (
    reference           TEXT PRIMARY KEY,
    kind                TEXT NOT NULL CHECK (kind IN ('deposit', 'withdrawal')),
    amount              TEXT NOT NULL,
    currency            TEXT NOT NULL,
    status              TEXT NOT NULL CHECK (status IN ('executed', 'declined', 'none')),
    code                TEXT CHECK ((code IS NOT NULL) = (status = 'declined')),
    bank_transaction_id TEXT CHECK ((bank_transaction_id IS NOT NULL) = (status = 'executed')),
    executed_at         TEXT CHECK ((executed_at IS NOT NULL) = (status = 'executed')),
    submits             INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS movements (
    sequence            INTEGER PRIMARY KEY,
    reference           TEXT NOT NULL,
    kind                TEXT NOT NULL CHECK (kind IN ('deposit', 'withdrawal')),
    amount              TEXT NOT NULL,
    currency            TEXT NOT NULL,
    bank_transaction_id TEXT NOT NULL,
    executed_at         TEXT NOT NULL
  ) STRICT;
  CREATE TRIGGER IF NOT EXISTS movements_stay BEFORE UPDATE ON movements
    BEGIN SELECT RAISE(ABORT, 'movements are append-only'); END;
  CREATE TRIGGER IF NOT EXISTS movements_remain BEFORE DELETE ON movements
    BEGIN SELECT RAISE(ABORT, 'movements are append-only'); END;
  CREATE TABLE IF NOT EXISTS totals (counts TEXT NOT NULL) STRICT;
  INSERT INTO totals SELECT '{}' WHERE NOT EXISTS (SELECT 1 FROM totals);
`;
