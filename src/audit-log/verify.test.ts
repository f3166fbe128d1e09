import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Books, openBooks } from '../../test/support/books.ts';
import { actors, appendAuditLog } from './append.ts';
import { verifyAuditLog } from './verify.ts';

/** Ten rows, and nothing between their owner and them. */
async function openChain(t: TestContext): Promise<Books> {
  const books = await openBooks(t);
  const entries = Array.from({ length: 10 }, (_, nth) => ({
    actor: actors.system,
    action: 'test.append',
    subject: `test:${nth}`,
    before: null,
    after: { amount: '10.00' },
    reason: null,
    requestId: null,
  }));
  await books.database.transaction((tx) => appendAuditLog(tx, entries));
  await books.sql('ALTER TABLE audit_log DISABLE TRIGGER USER');
  return books;
}

const otherHash = `decode(repeat('ab', 32), 'hex')`;
const copyOf = (seq: number, as: number): string =>
  `INSERT INTO audit_log SELECT ${as}, at, actor, action, subject, before, after, reason, request_id,
     (SELECT hash FROM audit_log WHERE seq = ${as} - 1), hash FROM audit_log WHERE seq = ${seq}`;

const tampered: readonly (readonly [what: string, sql: string, rows: readonly number[]])[] = [
  ['an actor', `UPDATE audit_log SET actor = 'user:other' WHERE seq = 4`, [4]],
  ['an action', `UPDATE audit_log SET action = 'test.other' WHERE seq = 4`, [4]],
  ['a subject', `UPDATE audit_log SET subject = 'test:other' WHERE seq = 10`, [10]],
  ['an amount', `UPDATE audit_log SET after = replace(after, '10.00', '99.00') WHERE seq = 1`, [1]],
  ['an absent text', `UPDATE audit_log SET before = '' WHERE seq = 5`, [5]],
  ['a reason', `UPDATE audit_log SET reason = 'better' WHERE seq = 5`, [5]],
  ['a request id', `UPDATE audit_log SET request_id = 'r' WHERE seq = 5`, [5]],
  ['a microsecond', `UPDATE audit_log SET at = at + interval '1 microsecond' WHERE seq = 6`, [6]],
  ['a hash', `UPDATE audit_log SET hash = ${otherHash} WHERE seq = 7`, [7, 8]],
  ['a link', `UPDATE audit_log SET previous_hash = ${otherHash} WHERE seq = 7`, [7, 7]],
  ['the first link', `UPDATE audit_log SET previous_hash = ${otherHash} WHERE seq = 1`, [1, 1]],
  ['a removed row', 'DELETE FROM audit_log WHERE seq = 3', [4]],
  ['removed rows', 'DELETE FROM audit_log WHERE seq BETWEEN 1 AND 3', [4]],
  ['a row put in at the end', copyOf(2, 11), [11]],
  [
    'a row put in between',
    `UPDATE audit_log SET seq = seq + 1 WHERE seq = 10; ${copyOf(9, 10)}`,
    [10, 11],
  ],
];

for (const [what, sql, rows] of tampered)
  test(`what was tampered with is found, with its row: ${what}`, async (t) => {
    const books = await openChain(t);
    await books.sql(sql);
    const { faults } = await verifyAuditLog(books.database, { batchRows: 3 });
    assert.deepEqual(
      faults.map((fault) => Number(fault.seq)),
      rows,
    );
  });

test('rows taken from the end show against a hash that was written down', async (t) => {
  const books = await openChain(t);
  const before = await verifyAuditLog(books.database);
  assert.deepEqual([before.rows, before.faults], [10, []]);
  await books.sql('DELETE FROM audit_log WHERE seq > 8');
  const without = await verifyAuditLog(books.database);
  assert.deepEqual([without.rows, without.faults], [8, []]);
  const { faults } = await verifyAuditLog(books.database, { anchors: [before.head] });
  assert.deepEqual(
    faults.map((fault) => Number(fault.seq)),
    [10],
  );
});

test('a chain that was forged from a row on shows against a hash that was written down', async (t) => {
  const books = await openChain(t);
  const { head } = await verifyAuditLog(books.database);
  await books.sql('DELETE FROM audit_log WHERE seq >= 6');
  const forged = Array.from({ length: 5 }, () => ({
    actor: actors.system,
    action: 'test.forged',
    subject: 'test:forged',
    before: null,
    after: null,
    reason: null,
    requestId: null,
  }));
  await books.database.transaction((tx) => appendAuditLog(tx, forged));
  assert.deepEqual((await verifyAuditLog(books.database)).faults, []);
  const { faults } = await verifyAuditLog(books.database, { anchors: [head] });
  assert.deepEqual(
    faults.map((fault) => Number(fault.seq)),
    [10],
  );
});

test('an empty log is whole', async (t) => {
  const { database } = await openBooks(t);
  const { rows, head, faults } = await verifyAuditLog(database);
  assert.deepEqual([rows, head.seq, faults], [0, 0n, []]);
});
