import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Books, openBooks, silentLog } from '../../test/support/books.ts';
import { StatementRefused, statement } from '../db/database.ts';
import { openDatabase } from '../db/external.ts';
import { newUserId } from '../ids.ts';
import { type AuditEntry, actors, appendAuditLog, lockAuditLog, writeAuditLog } from './append.ts';
import { verifyAuditLog } from './verify.ts';

const entry = (changes: Partial<AuditEntry> = {}): AuditEntry => ({
  actor: actors.system,
  action: 'test.append',
  subject: 'test:1',
  before: { state: 'open' },
  after: { state: 'closed', at: 'now' },
  reason: 'because',
  requestId: 'request-1',
  ...changes,
});

const append = (books: Books, entries: readonly AuditEntry[]): Promise<void> =>
  books.database.transaction((tx) => appendAuditLog(tx, entries));

test('twenty writers at once leave one chain without gaps', async (t) => {
  const books = await openBooks(t);
  const { appUrl: url } = books;
  const connections = { connectionsMax: 20, groupConnections: 2, log: silentLog };
  const database = await openDatabase({ url, ...connections });
  try {
    const writers = Array.from({ length: 20 }, async (_, writer) => {
      for (let nth = 0; nth < 5; nth += 1) {
        // Every third deed fails after its row was written: its number goes to somebody else.
        const work = database.transaction(async (tx) => {
          await appendAuditLog(tx, [
            entry({ actor: actors.apiKey(`w${writer}`), subject: `test:${nth}` }),
            entry({ actor: actors.cli('root'), before: null, after: null, requestId: null }),
          ]);
          if ((writer + nth) % 3 === 0) throw new Error('changed its mind');
        });
        await work.catch(() => undefined);
      }
    });
    await Promise.all(writers);
  } finally {
    await database.close();
  }
  const { rows, faults } = await verifyAuditLog(books.database, { batchRows: 7 });
  assert.deepEqual(faults, []);
  const [counted] = await books.sql<{ rows: bigint; newest: bigint }>(
    'SELECT count(*) AS rows, max(seq) AS newest FROM audit_log',
  );
  assert.equal(rows, Number(counted?.rows));
  assert.equal(Number(counted?.newest), rows);
  // 100 deeds, of which (writer + nth) % 3 lets 66 or 67 stand.
  assert.ok(rows >= 130 && rows <= 136, String(rows));
});

test('a group commit appends with its own reads and writes', async (t) => {
  const books = await openBooks(t);
  await append(books, [entry()]);
  const deeds = Array.from({ length: 6 }, (_, nth) =>
    books.database.group({
      name: 'test',
      deadlineMs: 5_000,
      read: lockAuditLog,
      write: (tx, head) => ({
        written: writeAuditLog(tx, head, [entry({ subject: `test:${nth}` })]),
        result: head.seq,
      }),
    }),
  );
  const followed = await Promise.all(deeds);
  assert.deepEqual(
    followed.toSorted((a, b) => Number(a - b)),
    [1n, 2n, 3n, 4n, 5n, 6n],
  );
  assert.deepEqual((await verifyAuditLog(books.database)).faults, []);
});

test('whatever somebody types is written, and verifies', async (t) => {
  const books = await openBooks(t);
  const user = actors.user(newUserId());
  await append(books, [
    entry({ actor: user, reason: 'nul \0, half \ud800, é, \u2028, "quoted" \\' }),
    entry({ before: { text: 'nul \0 and half \udfff' }, after: { b: 1, a: [null, true, 1e21] } }),
  ]);
  assert.deepEqual((await verifyAuditLog(books.database)).faults, []);
  const [row] = await books.sql<{ after: string }>('SELECT after FROM audit_log WHERE seq = 2');
  assert.equal(row?.after, '{"a":[null,true,1e+21],"b":1}');
});

test('a clock that steps back does not step back in the log', async (t) => {
  const books = await openBooks(t);
  await append(books, [entry()]);
  const later = `INSERT INTO audit_log SELECT 2, now() + interval '1 hour', actor, action, subject,
      before, after, reason, request_id, previous_hash, hash FROM audit_log`;
  await books.sql(later);
  await append(books, [entry()]);
  const [row] = await books.sql<{ isOrdered: boolean }>(
    `SELECT (SELECT at FROM audit_log WHERE seq = 3) >= (SELECT at FROM audit_log WHERE seq = 2)
            AS "isOrdered"`,
  );
  assert.equal(row?.isOrdered, true);
});

test('the application cannot change or remove what it wrote', async (t) => {
  const { database } = await openBooks(t);
  for (const text of [`UPDATE audit_log SET actor = 'x'`, 'DELETE FROM audit_log'])
    await assert.rejects(
      database.query(statement<object>(`test_${text.slice(0, 6)}`, text), []),
      (error) => error instanceof StatementRefused && error.code === '42501',
    );
});
