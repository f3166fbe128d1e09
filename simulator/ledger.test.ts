import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { systemClock } from './clock.ts';
import { type Ended, type Ledger, openLedger } from './ledger.ts';

test('what is reported as done is on disk, and a group is one commit', async (t) => {
  const { file, open } = place(t);
  const ledger = open();
  const done: string[] = [];
  const all = Promise.all(
    Array.from({ length: 50 }, (_, n) => {
      return new Promise<void>((resolve) => {
        ledger.record(executed(`r${n}`), (transfer) => {
          done.push(transfer.reference);
          // The commit is behind us: nothing of this transaction is still open.
          assert.equal(ledger.find(transfer.reference)?.status, 'executed');
          resolve();
        });
      });
    }),
  );
  assert.deepEqual(done, [], 'nobody is told before the commit');
  assert.equal(ledger.find('r0'), null);
  await all;
  assert.equal(done.length, 50);
  ledger.close();
  const reader = new DatabaseSync(file, { readOnly: true });
  assert.equal(reader.prepare('SELECT count(*) AS n FROM movements').get()?.['n'], 50);
  assert.equal(reader.prepare('PRAGMA journal_mode').get()?.['journal_mode'], 'wal');
  reader.close();
});

test('a commit that the disk refuses is reported to nobody as done', async (t) => {
  const { file, open } = place(t);
  open().close();
  const saboteur = new DatabaseSync(file);
  saboteur.exec(`CREATE TRIGGER broken BEFORE INSERT ON movements WHEN NEW.reference = 'bad'
                 BEGIN SELECT RAISE(ABORT, 'disk says no'); END`);
  saboteur.close();
  let report: (error: unknown) => void = () => {};
  const broken = new Promise((resolve) => {
    report = resolve;
  });
  const ledger = openLedger({ file, clock: systemClock, gatherMs: 0, onBroken: report });
  const refuse = (): void => assert.fail('told as done');
  ledger.record(executed('good'), refuse);
  ledger.record(executed('bad'), refuse);
  assert.match(String(await broken), /disk says no/);
});

test('movements cannot be changed or removed', async (t) => {
  const { file, open } = place(t);
  const ledger = open();
  await recorded(ledger, executed('one'));
  ledger.close();
  const editor = new DatabaseSync(file);
  t.after(() => editor.close());
  assert.throws(() => editor.exec("UPDATE movements SET amount = '1'"), /append-only/);
  assert.throws(() => editor.exec('DELETE FROM movements'), /append-only/);
});

test('transaction ids and totals go on after a restart', async (t) => {
  const { open } = place(t);
  const first = open();
  await recorded(first, executed('one'));
  first.close();
  const second = open();
  await recorded(second, executed('two'));
  const ids = second.movements({ after: 0, limit: 10 }).map((one) => one.bank_transaction_id);
  assert.deepEqual(ids, ['BT000000000001', 'BT000000000002']);
  assert.equal(second.totals.executed, 2);
  second.close();
});

test('a second process on the same file is refused', (t) => {
  const { open } = place(t);
  const first = open();
  assert.throws(open, /locked/);
  first.close();
});

function place(t: TestContext): { file: string; open: () => Ledger } {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-ledger-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'bank.sqlite');
  const onBroken = (error: unknown): void => assert.fail(String(error));
  return { file, open: () => openLedger({ file, clock: systemClock, gatherMs: 0, onBroken }) };
}

function recorded(ledger: Ledger, ended: Ended): Promise<unknown> {
  return new Promise((resolve) => {
    ledger.record(ended, resolve);
  });
}

function executed(reference: string): Ended {
  const order = { reference, kind: 'deposit', amount: '100', currency: 'USD' } as const;
  return {
    order: { ...order, original_reference: null },
    ending: { kind: 'executed' },
    submits: 1,
    mayRepeat: false,
  };
}
