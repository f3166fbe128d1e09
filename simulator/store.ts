import { DatabaseSync } from 'node:sqlite';
import type { Order } from './order.ts';

/** The ledger's file and its statements; who calls them when is the ledger's business. */
export interface Store {
  readonly totals: Totals;
  readonly sequenceLast: number;
  readonly findTransfer: (reference: string) => Transfer | null;
  readonly upsertTransfer: (transfer: Transfer) => void;
  readonly insertMovement: (sequence: number, transfer: Transfer) => void;
  readonly countRepeat: (reference: string) => void;
  readonly listMovements: (after: number, limit: number) => Movement[];
  readonly rangeMovements: (after: number, until: number) => Movement[];
  readonly saveTotals: (totals: Totals) => void;
  /** All that `work` writes, in one durable commit or not at all. */
  readonly commit: <T>(work: () => T) => T;
  readonly close: () => void;
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

/**
 * Since the file was made. After a kill -9 the last moment's may be missing, a movement never is.
 */
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

/** @throws where the file is damaged or another process holds it */
export function openStore(file: string): Store {
  const database = new DatabaseSync(file);
  // One process per file: deduplication of what is still in its delay lives in that process'
  // memory.
  database.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL;
                 PRAGMA synchronous = FULL;`);
  prepareFile(database);
  return {
    ...prepare(database),
    totals: readTotals(database),
    sequenceLast: lastSequence(database),
    commit: (work) => {
      database.exec('BEGIN IMMEDIATE');
      const result = work();
      database.exec('COMMIT');
      return result;
    },
    close: () => database.close(),
  };
}

function prepare(
  database: DatabaseSync,
): Omit<Store, 'totals' | 'sequenceLast' | 'commit' | 'close'> {
  const find = database.prepare(
    `SELECT reference, kind, amount, currency, original_reference, status, code,
            bank_transaction_id, executed_at, submits
       FROM transfers WHERE reference = ?`,
  );
  const upsert = database.prepare(
    `INSERT INTO transfers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (reference) DO UPDATE SET kind = excluded.kind, amount = excluded.amount,
       currency = excluded.currency, original_reference = excluded.original_reference,
       status = excluded.status, code = excluded.code,
       bank_transaction_id = excluded.bank_transaction_id, executed_at = excluded.executed_at,
       submits = transfers.submits + excluded.submits`,
  );
  const insert = database.prepare('INSERT INTO movements VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const repeat = database.prepare('UPDATE transfers SET submits = submits + 1 WHERE reference = ?');
  const list = database.prepare(
    'SELECT * FROM movements WHERE sequence > ? ORDER BY sequence LIMIT ?',
  );
  const range = database.prepare(
    'SELECT * FROM movements WHERE sequence > ? AND sequence <= ? ORDER BY sequence',
  );
  const save = database.prepare('UPDATE totals SET counts = ?');
  return {
    // Proven by the STRICT tables and their CHECKs.
    findTransfer: (reference) => (find.get(reference) as Transfer | undefined) ?? null,
    upsertTransfer: (t) => {
      const ending = [t.status, t.code, t.bank_transaction_id, t.executed_at, t.submits];
      upsert.run(t.reference, t.kind, t.amount, t.currency, t.original_reference, ...ending);
    },
    insertMovement: (sequence, t) => {
      const order = [t.reference, t.kind, t.amount, t.currency, t.original_reference];
      insert.run(sequence, ...order, t.bank_transaction_id, t.executed_at);
    },
    countRepeat: (reference) => {
      repeat.run(reference);
    },
    // Proven by the STRICT tables and their CHECKs: the spread of unknown rows gets its type here.
    listMovements: (after, limit) => list.all(after, limit) as unknown as Movement[],
    // Proven likewise.
    rangeMovements: (after, until) => range.all(after, until) as unknown as Movement[],
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

/** A file of an earlier release is brought to this one's form, whole or not at all. */
function prepareFile(database: DatabaseSync): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  const hasTables = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'transfers'").get();
  if (version === schemaVersion) return;
  const steps = hasTables === undefined ? schema : `${setAside} ${schema} ${bringOver}`;
  database.exec(`BEGIN IMMEDIATE; ${steps} PRAGMA user_version = ${schemaVersion}; COMMIT`);
}

const schemaVersion = 1;

// What the database can hold true, it holds true: a movement is never changed or removed.
const schema = `
  CREATE TABLE transfers (
    reference           TEXT PRIMARY KEY,
    kind                TEXT NOT NULL CHECK (kind IN ('deposit', 'withdrawal', 'refund')),
    amount              TEXT NOT NULL,
    currency            TEXT NOT NULL,
    original_reference  TEXT CHECK (original_reference IS NULL OR kind = 'refund'),
    status              TEXT NOT NULL CHECK (status IN ('executed', 'declined', 'none')),
    code                TEXT CHECK ((code IS NOT NULL) = (status = 'declined')),
    bank_transaction_id TEXT CHECK ((bank_transaction_id IS NOT NULL) = (status = 'executed')),
    executed_at         TEXT CHECK ((executed_at IS NOT NULL) = (status = 'executed')),
    submits             INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE movements (
    sequence            INTEGER PRIMARY KEY,
    reference           TEXT NOT NULL,
    kind                TEXT NOT NULL CHECK (kind IN ('deposit', 'withdrawal', 'refund')),
    amount              TEXT NOT NULL,
    currency            TEXT NOT NULL,
    original_reference  TEXT CHECK (original_reference IS NULL OR kind = 'refund'),
    bank_transaction_id TEXT NOT NULL,
    executed_at         TEXT NOT NULL
  ) STRICT;
  CREATE TRIGGER movements_stay BEFORE UPDATE ON movements
    BEGIN SELECT RAISE(ABORT, 'movements are append-only'); END;
  CREATE TRIGGER movements_remain BEFORE DELETE ON movements
    BEGIN SELECT RAISE(ABORT, 'movements are append-only'); END;
  CREATE TABLE IF NOT EXISTS totals (counts TEXT NOT NULL) STRICT;
  INSERT INTO totals SELECT '{}' WHERE NOT EXISTS (SELECT 1 FROM totals);
`;

/** The form before refunds: SQLite cannot widen a CHECK in its place. */
const setAside = `
  DROP TRIGGER movements_stay;
  DROP TRIGGER movements_remain;
  ALTER TABLE transfers RENAME TO transfers_0;
  ALTER TABLE movements RENAME TO movements_0;
`;

const bringOver = `
  INSERT INTO transfers SELECT reference, kind, amount, currency, NULL, status, code,
                               bank_transaction_id, executed_at, submits FROM transfers_0;
  INSERT INTO movements SELECT sequence, reference, kind, amount, currency, NULL,
                               bank_transaction_id, executed_at FROM movements_0;
  DROP TABLE transfers_0;
  DROP TABLE movements_0;
`;
