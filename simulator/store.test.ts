import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { openStore } from './store.ts';

test('a file from before there were refunds keeps its books, and takes refunds', (t) => {
  const file = place(t);
  const old = new DatabaseSync(file);
  old.exec(`${firstSchema}
    INSERT INTO transfers VALUES ('one', 'deposit', '100', 'USD', 'executed', NULL, 'BT1', 'then', 2),
                                 ('two', 'withdrawal', '7', 'USD', 'declined', 'NO', NULL, NULL, 1);
    INSERT INTO movements VALUES (1, 'one', 'deposit', '100', 'USD', 'BT1', 'then');
    INSERT INTO totals VALUES ('{"submits": 3, "executed": 1}');`);
  old.close();
  for (const opening of ['the first time', 'and again']) {
    const store = openStore(file);
    assert.equal(store.findTransfer('one')?.submits, 2, opening);
    assert.equal(store.findTransfer('two')?.code, 'NO', opening);
    assert.deepEqual([store.totals.submits, store.sequenceLast], [3, 1], opening);
    assert.equal(store.listMovements(0, 10)[0]?.bank_transaction_id, 'BT1', opening);
    store.close();
  }
  const store = openStore(file);
  const refund = {
    reference: 'three',
    kind: 'refund',
    amount: '100',
    currency: 'USD',
    original_reference: 'one',
    status: 'executed',
    code: null,
    bank_transaction_id: 'BT2',
    executed_at: 'now',
    submits: 1,
  } as const;
  store.commit(() => {
    store.upsertTransfer(refund);
    store.insertMovement(2, refund);
  });
  assert.equal(store.findTransfer('three')?.original_reference, 'one');
  assert.equal(store.rangeMovements(1, 2)[0]?.original_reference, 'one');
  store.close();
  const reader = new DatabaseSync(file);
  t.after(() => reader.close());
  assert.throws(() => reader.exec('DELETE FROM movements'), /append-only/);
});

function place(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-store-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'bank.sqlite');
}

/** As the first release made it. */
const firstSchema = `
  CREATE TABLE transfers (
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
  CREATE TABLE movements (
    sequence            INTEGER PRIMARY KEY,
    reference           TEXT NOT NULL,
    kind                TEXT NOT NULL CHECK (kind IN ('deposit', 'withdrawal')),
    amount              TEXT NOT NULL,
    currency            TEXT NOT NULL,
    bank_transaction_id TEXT NOT NULL,
    executed_at         TEXT NOT NULL
  ) STRICT;
  CREATE TRIGGER movements_stay BEFORE UPDATE ON movements
    BEGIN SELECT RAISE(ABORT, 'movements are append-only'); END;
  CREATE TRIGGER movements_remain BEFORE DELETE ON movements
    BEGIN SELECT RAISE(ABORT, 'movements are append-only'); END;
  CREATE TABLE totals (counts TEXT NOT NULL) STRICT;
`;
