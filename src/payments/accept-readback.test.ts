import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Books, commandFor, openBooks, silentLog } from '../../test/support/books.ts';
import { type DatabaseWire, openDatabaseWire } from '../../test/support/database-wire.ts';
import { until } from '../../test/support/wait.ts';
import { systemClock } from '../clock.ts';
import { OutcomeUnknown } from '../db/database.ts';
import { openDatabase } from '../db/external.ts';
import { newPaymentId, type PaymentId } from '../ids.ts';
import { openKillPoints } from '../runtime/kill-point.ts';
import { openAccept } from './accept.ts';
import type { Accept } from './command.ts';

interface Desk {
  readonly books: Books;
  readonly wire: DatabaseWire;
  readonly accept: Accept;
  readonly announced: readonly PaymentId[];
}

async function openDesk(t: TestContext, deadlineMs: number): Promise<Desk> {
  const books = await openBooks(t);
  const wire = await openDatabaseWire(books.appUrl);
  const database = await openDatabase({
    url: wire.url,
    connectionsMax: 2,
    groupConnections: 4,
    log: silentLog,
  });
  t.after(async () => {
    await database.close();
    await wire.close();
  });
  const announced: PaymentId[] = [];
  const { accept } = openAccept({
    database,
    clock: systemClock,
    bank: 'scripted',
    waitingMax: 100,
    deadlineMs,
    onAccepted: (ids) => announced.push(...ids),
    reach: openKillPoints(''),
  });
  return { books, wire, accept, announced };
}

const stored = `SELECT id FROM payments WHERE request_id <> 'funds'`;

test('a group whose COMMIT was answered to nobody is found by its ids, answered and announced', async (t) => {
  const { books, wire, accept, announced } = await openDesk(t, 5_000);
  const person = await books.openAccount(1_000n);
  const [one, two, tooMuch] = [
    commandFor(person),
    commandFor(person, { kind: 'deposit' }),
    commandFor(person, { amountMinor: 5_000n }),
  ];
  const { fired } = wire.arm('cut_reply', 'COMMIT');
  const results = await Promise.all([one, two, tooMuch].map(accept));
  await fired;
  assert.deepEqual(
    results.map((result) => [result.kind, 'replayed' in result && result.replayed]),
    [
      ['accepted', false],
      ['accepted', false],
      ['refused', false],
    ],
  );
  assert.deepEqual(announced, [one.id, two.id]);
  assert.equal((await books.sql(stored)).length, 3);
  await books.assertAudited();
});

test('a COMMIT that never arrived is looked for until the deadline, and holds nobody up', async (t) => {
  const { books, wire, accept, announced } = await openDesk(t, 1_000);
  const person = await books.openAccount();
  const lost = commandFor(person, { kind: 'deposit' });
  const { fired } = wire.arm('cut_request', 'COMMIT');
  let isOver = false;
  const unknown = accept(lost).finally(() => (isOver = true));
  await fired;
  const others = Array.from({ length: 10 }, () => commandFor(person, { kind: 'deposit' }));
  for (const other of others) assert.equal((await accept(other)).kind, 'accepted');
  assert.equal(isOver, false);
  await assert.rejects(unknown, OutcomeUnknown);
  assert.deepEqual(
    announced,
    others.map((other) => other.id),
  );
  // The same key finds out: it was never stored.
  const again = await accept({ ...lost, id: newPaymentId() });
  assert.ok(again.kind === 'accepted' && !again.replayed);
  await books.assertAudited();
});

test('a group that stored nothing has its answers whatever became of its COMMIT', async (t) => {
  const { books, wire, accept } = await openDesk(t, 5_000);
  const person = await books.openAccount();
  const command = commandFor(person, { kind: 'deposit' });
  await accept(command);
  wire.arm('cut_request', 'COMMIT');
  const replay = await accept({ ...command, id: newPaymentId() });
  assert.ok(replay.kind === 'accepted' && replay.replayed);
});

test('a payment that is there counts only once a later write has committed', async (t) => {
  const { books, wire, accept, announced } = await openDesk(t, 600);
  const person = await books.openAccount();
  const command = commandFor(person, { kind: 'deposit' });
  const { fired } = wire.arm('cut_reply', 'COMMIT');
  const answer = accept(command);
  await fired;
  // From here on the payment is there, and nothing that is written after it is confirmed.
  wire.arm('stall_reply', 'pg_logical_emit_message');
  await assert.rejects(answer, OutcomeUnknown);
  assert.deepEqual(announced, []);
  await until(async () => (await books.sql(stored)).length === 1, { what: 'the payment' });
});
