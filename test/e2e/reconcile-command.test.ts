import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { newPaymentId } from '../../src/ids.ts';
import { openBooks } from '../support/books.ts';
import { runCommand } from '../support/command.ts';
import { lineOf } from '../support/reconciled-books.ts';
import { camt053Of, csvOf } from '../support/statements.ts';

async function writeTo(t: TestContext, name: string, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tollgate-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

test('an operator at the server imports a statement; a malformed one names its lines', async (t) => {
  const books = await openBooks(t);
  const lines = [lineOf(newPaymentId()), lineOf(newPaymentId())];
  for (const [name, text] of [
    ['day.csv', csvOf(lines)],
    ['day.xml', camt053Of(lines)],
  ] as const) {
    const path = await writeTo(t, name, text);
    const { code, stdout, stderr } = await runCommand(books.appUrl, ['reconcile', path, '--json']);
    assert.equal(code, 0, stderr);
    const run = JSON.parse(stdout);
    assert.equal(run.state, 'complete');
    assert.equal(run.results.missing_in_books, 2);
    assert.match(run.imported_by, /^cli:./);
  }
  const broken = await writeTo(
    t,
    'broken.csv',
    csvOf(lines).replace('100', 'x').replace('USD', '?'),
  );
  const refused = await runCommand(books.appUrl, ['reconcile', broken]);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /^line 2: .*ISO 4217/m);
  assert.match(refused.stderr, /nothing of it was kept/);
  for (const [args, reason] of [
    [[], /^reconcile FILE/],
    [['a', 'b'], /^reconcile FILE/],
    [[broken, '--format', 'pdf'], /^--format is csv or camt053/],
    [[broken, '--date', '2026-02-30'], /^--date is a day like 2026-01-31/],
  ] as const) {
    const misunderstood = await runCommand(books.appUrl, ['reconcile', ...args]);
    assert.equal(misunderstood.code, 2);
    assert.match(misunderstood.stderr, reason);
  }
  for (const [path, reason] of [
    [join(tmpdir(), 'tollgate-no-such-statement.csv'), /cannot be read: ENOENT/],
    [tmpdir(), /cannot be read: it is a folder/],
  ] as const) {
    const unread = await runCommand(books.appUrl, ['reconcile', path]);
    assert.equal(unread.code, 1);
    assert.match(unread.stderr, reason);
    assert.doesNotMatch(unread.stderr, /errno/);
  }
  const runs = await books.sql('SELECT id FROM bank_statements');
  assert.equal(runs.length, 2);
  await books.assertAudited();
});
