import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandFor, openBooks, silentLog } from '../../test/support/books.ts';
import { openJourney } from '../../test/support/journey.ts';
import { bury } from './bury.ts';

interface Row {
  readonly payment_id: string | null;
  readonly subject: string | null;
  readonly reason: string;
  readonly detail: string;
  readonly times: number;
  readonly history: readonly { readonly at: string; readonly detail: string }[];
}
const rows = 'SELECT payment_id, subject, reason, detail, times, history FROM failed_tasks';

test('a message that is not ours is one failed task, however often it comes', async (t) => {
  const { database, sql, assertAudited } = await openBooks(t);
  const told = 'rejected: {"schema":7,"password":"hunter2"}';
  for (let nth = 0; nth < 3; nth += 1) await bury({ database, log: silentLog }, null, told);
  await bury({ database, log: silentLog }, null, 'rejected: something else');
  const [first, second, ...others] = await sql<Row>(`${rows} ORDER BY times DESC`);
  assert.deepEqual(others, []);
  assert.equal(second?.times, 1);
  assert.ok(first !== undefined);
  assert.deepEqual([first.payment_id, first.reason, first.times], [null, 'POISON_MESSAGE', 3]);
  assert.match(first.subject ?? '', /^message:[0-9a-f]{32}$/);
  assert.equal(first.detail, 'rejected: {"schema":7,"password":"[hidden]"}');
  assert.deepEqual(
    first.history.map(({ detail }) => detail),
    [first.detail, first.detail, first.detail],
  );
  await assertAudited();
});

test('a flood of messages that are not ours ends in one row', async (t) => {
  const { database, sql } = await openBooks(t);
  await sql(`INSERT INTO failed_tasks (subject, reason, detail, first_at, last_at)
             SELECT 'message:' || n, 'POISON_MESSAGE', '', now(), now()
               FROM generate_series(1, 1000) n`);
  for (let nth = 0; nth < 25; nth += 1)
    await bury({ database, log: silentLog }, null, `rejected: flood ${nth}`);
  const [row] = await sql<Row>(`${rows} WHERE subject = 'others'`);
  assert.equal(row?.times, 25);
  assert.deepEqual(
    row.history.map(({ detail }) => detail),
    Array.from({ length: 20 }, (_, nth) => `rejected: flood ${nth + 5}`),
  );
  assert.equal((await sql(rows)).length, 1_001);
});

test('a hint that nobody could handle leaves its unfinished payments due, each with its history', async (t) => {
  const books = await openBooks(t);
  const { database, sql } = books;
  const journey = openJourney(database);
  const person = await books.openAccount(1_000n);
  const [open, refused] = [commandFor(person), commandFor(person, { amountMinor: 9_999n })];
  for (const command of [open, refused]) await journey.accept(command);
  const hint = { paymentIds: [open.id, refused.id] };
  for (const told of ['delivery_limit: first', 'delivery_limit: second'])
    await bury({ database, log: silentLog }, hint, told);
  const found = await sql<Row>(rows);
  assert.equal(found.length, 1);
  const [row] = found;
  assert.ok(row !== undefined);
  assert.deepEqual(
    [row.payment_id, row.reason, row.times, row.detail],
    [open.id, 'UNDELIVERABLE', 2, 'delivery_limit: second'],
  );
  assert.deepEqual(
    row.history.map(({ detail }) => detail),
    ['delivery_limit: first', 'delivery_limit: second'],
  );
  const due = await sql('SELECT FROM payment_state WHERE due_at <= clock_timestamp()');
  assert.equal(due.length, 1);
});
