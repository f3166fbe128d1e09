import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { verifyAuditLog } from '../../src/audit-log/verify.ts';
import { newUserId, type PaymentId } from '../../src/ids.ts';
import { recordUnnamedFailure } from '../../src/payments/failed-task-store.ts';
import { type Books, commandFor, openBooks } from '../support/books.ts';
import { type CommandResult, runCommand } from '../support/command.ts';
import { openJourney } from '../support/journey.ts';
import { approved, unknown } from '../support/scripted-bank.ts';

interface Desk {
  readonly books: Books;
  readonly run: (...args: readonly string[]) => Promise<CommandResult>;
  /** What a command printed as JSON. */
  readonly read: (...args: readonly string[]) => Promise<unknown>;
  readonly refused: (sentence: RegExp, ...args: readonly string[]) => Promise<void>;
}

async function openDesk(t: TestContext): Promise<Desk> {
  const books = await openBooks(t);
  const run: Desk['run'] = (...args) => runCommand(books.appUrl, args);
  return {
    books,
    run,
    read: async (...args) => {
      const { code, stdout, stderr } = await run(...args, '--json');
      assert.equal(code, 0, stderr);
      return JSON.parse(stdout);
    },
    refused: async (sentence, ...args) => {
      const { code, stdout, stderr } = await run(...args);
      assert.deepEqual([code, stdout], [1, ''], stderr);
      assert.match(stderr, sentence);
    },
  };
}

/** Withdrawals of 1.00 that the bank left unknown past their deadline. */
async function reviews(books: Books, count: number): Promise<PaymentId[]> {
  const journey = openJourney(books.database);
  const person = await books.openAccount(1_000n);
  const commands = Array.from({ length: count }, () => commandFor(person));
  for (const command of commands) {
    await journey.accept(command);
    for (const kind of ['contact_again', 'review']) {
      const [claim] = await journey.claim(command.id);
      assert.ok(claim !== undefined);
      await books.sql('UPDATE payment_state SET deadline_at = now() WHERE payment_id = $1 AND $2', [
        command.id,
        kind === 'review',
      ]);
      assert.equal((await journey.end(claim, unknown)).kind, kind);
      await books.makeDue(kind === 'review' ? [] : [command.id]);
    }
  }
  return commands.map(({ id }) => id);
}

interface Task {
  readonly id: string;
  readonly payment_id: PaymentId;
  readonly state: string;
}

test('an operator at the server lists, requeues, resolves and closes, on record', async (t) => {
  const { books, run, read, refused } = await openDesk(t);
  const [first, second] = await reviews(books, 2);
  assert.ok(first !== undefined && second !== undefined);
  await recordUnnamedFailure(books.database, {
    reason: 'POISON_MESSAGE',
    subject: 'message:1',
    // Nobody's text steers the terminal of who reads it.
    detail: 'not ours \u001b[2J',
  });
  // Proven by the bodies' schema, which the route's test checks.
  const tasks = (await read('failed-tasks', 'list', '--state', 'open')) as readonly Task[];
  assert.equal(tasks.length, 3);
  const taskOf = (payment: PaymentId): string =>
    tasks.find((task) => task.payment_id === payment)?.id ?? '';
  const poison = tasks.find((task) => task.payment_id === null)?.id ?? '';

  const table = await run('failed-tasks', 'list');
  assert.match(table.stdout, /POISON_MESSAGE/);
  assert.equal(table.stdout.includes('\u001b'), false);
  const shown = await run('failed-tasks', 'show', taskOf(first));
  assert.match(shown.stdout, /^payment_status +PENDING_REVIEW$/m);

  const requeued = await run('failed-tasks', 'requeue', taskOf(first), taskOf(second));
  assert.equal(requeued.code, 0, requeued.stderr);
  assert.match(requeued.stdout, /requeued: its payment is due now/);
  const [due] = await books.sql<{ due: number }>(
    'SELECT count(*)::int AS due FROM payment_state WHERE due_at <= now()',
  );
  assert.equal(due?.due, 2);
  const byReason = await run('failed-tasks', 'requeue', '--reason', 'REVIEW', '--limit', '1');
  assert.equal(byReason.code, 0, byReason.stderr);
  const partly = await run('failed-tasks', 'requeue', taskOf(first), poison);
  assert.deepEqual([partly.code, /no_payment/.test(partly.stdout)], [1, true]);

  await refused(/resolve the payment/, 'failed-tasks', 'close', taskOf(first), '--note', 'x');
  const why = ['--reason', 'the bank wrote to us'];
  const success = ['failed-tasks', 'resolve', first, '--as', 'succeeded', ...why];
  await refused(/needs --bank-transaction-id or --evidence/, ...success);
  assert.deepEqual(await read(...success, '--bank-transaction-id', 'bank-77'), {
    payment_id: first,
    status: 'SUCCESS',
  });
  await refused(/is SUCCESS, and that never changes/, ...success, '--evidence', 'e');
  const failed = await run('failed-tasks', 'resolve', second, '--as', 'failed', ...why);
  assert.equal(failed.stdout, 'The payment is FAILED.\n', failed.stderr);
  const closed = await run('failed-tasks', 'close', poison, '--note', 'a neighbour');
  assert.equal(closed.stdout, 'Closed.\n', closed.stderr);
  await refused(/It is closed/, 'failed-tasks', 'close', poison, '--note', 'again');
  assert.deepEqual(await read('failed-tasks', 'list', '--state', 'open'), []);

  await assertDecided(books, second);
});

/** One paid, one not, four requeues and a closing; the bank then says that both were paid. */
async function assertDecided(books: Books, second: PaymentId): Promise<void> {
  const accounts = await books.sql(
    'SELECT balance::int, held::int FROM accounts WHERE user_id IS NOT NULL',
  );
  assert.deepEqual(accounts, [{ balance: 900, held: 0 }]);
  await books.assertAudited();
  // The bank's later word against the decision changes nothing: it is a break.
  const { resolve } = openJourney(books.database);
  const word = { paymentId: second, source: 'statement', outcome: approved } as const;
  await resolve([word]);
  assert.deepEqual(await books.sql('SELECT kind, state FROM breaks'), [
    { kind: 'contradiction', state: 'open' },
  ]);
  const log = await books.sql<{ action: string; actor: string }>(
    'SELECT action, actor FROM audit_log ORDER BY seq',
  );
  assert.deepEqual(
    log.map(({ action }) => action),
    [
      ...Array.from({ length: 4 }, () => 'failed_task.requeue'),
      'payment.resolve',
      'payment.resolve',
      'failed_task.close',
    ],
  );
  for (const { actor } of log) assert.match(actor, /^cli:./);
}

test('what is not understood is exit code 2, and does nothing', async (t) => {
  const { books, run, refused } = await openDesk(t);
  const id = newUserId();
  for (const line of [
    'failed-tasks',
    'failed-tasks burn',
    'failed-tasks list --state other',
    'failed-tasks list --limit 0',
    'failed-tasks list --payment 1',
    'failed-tasks list --what',
    'failed-tasks show',
    'failed-tasks show nonsense',
    'failed-tasks requeue',
    `failed-tasks requeue ${id} --reason REVIEW`,
    'failed-tasks requeue nonsense',
    `failed-tasks close ${id}`,
    `failed-tasks resolve ${id} --as perhaps --reason x`,
    `failed-tasks resolve ${id} --as failed`,
    `failed-tasks resolve ${id} --as failed --reason x --bank-transaction-id b`,
    'audit-log',
    'audit-log list --limit many',
    'audit-log verify --anchor 1',
    'users',
    'users create',
    'users create a@example.test --name A --role king',
    'users role a@example.test',
  ]) {
    const { code, stderr } = await run(...line.split(' '));
    assert.equal(code, 2, line);
    assert.match(stderr, /tollgate help/, line);
  }
  await refused(/no such failed task/, 'failed-tasks', 'show', id);
  await refused(/no such failed task/, 'failed-tasks', 'close', id, '--note', 'x');
  const gone = ['failed-tasks', 'resolve', id, '--as', 'failed', '--reason', 'x'];
  await refused(/no such payment/, ...gone);
  assert.deepEqual(await books.sql('SELECT FROM audit_log'), []);
});

test('the first administrator is made at the server, with a password shown once', async (t) => {
  const { books, read, refused, run } = await openDesk(t);
  const create = ['users', 'create', 'Ada@Example.test', '--name', 'Ada', '--role', 'admin'];
  const made = (await read(...create)) as { readonly password: string; readonly email: string };
  assert.equal(made.email, 'ada@example.test');
  assert.match(made.password, /^[\w-]{43}$/);
  await refused(/already a user/, ...create);
  const given = ['users', 'create', 'olu@example.test', '--name', 'Olu', '--role', 'user'];
  const short = await runCommand(books.appUrl, [...given, '--password-stdin'], 'short\n');
  assert.deepEqual([short.code, /8 characters/.test(short.stderr)], [1, true]);
  const long = await runCommand(books.appUrl, [...given, '--password-stdin'], 'long enough\n');
  assert.equal(long.code, 0, long.stderr);
  assert.equal(long.stdout.includes('long enough'), false);
  const raised = await run('users', 'role', 'olu@example.test', 'operator');
  assert.match(raised.stdout, /is operator now/, raised.stderr);
  await refused(/no user with this e-mail/, 'users', 'role', 'nobody@example.test', 'admin');
  await refused(/Somebody must be left/, 'users', 'role', 'ada@example.test', 'user');
  assert.deepEqual(await books.sql('SELECT email, role FROM users ORDER BY email'), [
    { email: 'ada@example.test', role: 'admin' },
    { email: 'olu@example.test', role: 'operator' },
  ]);
  const log = await books.sql<{ action: string; after: string }>(
    'SELECT action, after FROM audit_log ORDER BY seq',
  );
  assert.deepEqual(
    log.map(({ action }) => action),
    ['user.create', 'user.create', 'user.change_rights'],
  );
  for (const { after } of log) assert.equal(after.includes(made.password), false);
  assert.deepEqual((await verifyAuditLog(books.database)).faults, []);
});

test('the log is read and proven at the server, and a tampered row is named', async (t) => {
  const { books, read, run } = await openDesk(t);
  for (const name of ['one', 'two', 'three'])
    await read('users', 'create', `${name}@example.test`, '--name', name, '--role', 'operator');
  // Proven by the command: it prints what it was asked for.
  const rows = (await read('audit-log', 'list', '--limit', '2')) as readonly { seq: string }[];
  assert.deepEqual(
    rows.map(({ seq }) => seq),
    ['3', '2'],
  );
  const proof = (await read('audit-log', 'verify')) as { readonly anchor: string };
  assert.match(proof.anchor, /^3:[0-9a-f]{64}$/);
  const clean = await run('audit');
  assert.match(clean.stdout, /the audit log is as it was written +3 +0\n/, clean.stderr);
  await books.sql('ALTER TABLE audit_log DISABLE TRIGGER USER');
  await books.sql('DELETE FROM audit_log WHERE seq = 3');
  assert.equal((await run('audit-log', 'verify')).code, 0);
  const cut = await run('audit-log', 'verify', '--anchor', proof.anchor);
  assert.deepEqual([cut.code, cut.stdout.startsWith('row 3 ')], [1, true]);
  await books.sql(`UPDATE audit_log SET actor = 'user:other' WHERE seq = 1`);
  const tampered = await run('audit-log', 'verify');
  assert.deepEqual([tampered.code, tampered.stdout.startsWith('row 1 ')], [1, true]);
  const audited = await run('audit');
  assert.deepEqual(
    [audited.code, /row 1 is not as it was written/.test(audited.stdout)],
    [1, true],
  );
});
