import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { openBankControl } from '../test/support/bank-control.ts';
import { getFrom, newOrder, submitOrder } from '../test/support/bank-orders.ts';
import { startTestSimulator } from '../test/support/simulator.ts';
import { until } from '../test/support/wait.ts';
import type { Clock } from './clock.ts';
import type { StatementSource } from './statement.ts';
import { openStatements } from './statements.ts';

test('the statement of a real day has every movement once, as CSV and as camt.053', async (t) => {
  const bank = await startTestSimulator();
  t.after(bank.stop);
  const paid = newOrder({ kind: 'refund', amount: '1234', original_reference: 'pay-1' });
  const declined = newOrder({ amount: '777102' });
  await submitOrder(bank.url, paid);
  await submitOrder(bank.url, declined);
  const executedAt = String((await submitOrder(bank.url, paid)).body['executed_at']);
  const date = executedAt.slice(0, 10);
  const csv = await getFrom(bank.url, `/statements/${date}?format=csv`);
  const [, line = '', rest] = csv.text.split('\r\n');
  const cells = `${paid.reference},BT000000000001,refund,debit,12.34,USD,${executedAt},pay-1`;
  assert.deepEqual([csv.status, line, rest], [200, cells, '']);
  const camt = await getFrom(bank.url, `/statements/${date}?format=camt053`);
  assert.match(camt.text, new RegExp(`<EndToEndId>${paid.reference}</EndToEndId>`));
  assert.doesNotMatch(camt.text, new RegExp(declined.reference));

  const control = await openBankControl(bank.url);
  const { files } = await control.writeStatements(date);
  const folder = join(dirname(bank.dataFile), 'statements');
  assert.deepEqual(files, [join(folder, `${date}.csv`), join(folder, `${date}.camt053.xml`)]);
  assert.equal(readFileSync(files[0] ?? '', 'utf8'), csv.text);
});

test('a statement of no day, or in no format, is refused', async (t) => {
  const bank = await startTestSimulator();
  t.after(bank.stop);
  const paths = ['/statements/2026-02-30', '/statements/2026-01-31?format=mt940', '/statements/'];
  for (const path of paths) {
    const refused = await getFrom(bank.url, path);
    assert.deepEqual([refused.status, refused.body['code']], [400, 'MALFORMED_REQUEST'], path);
  }
  const control = await openBankControl(bank.url);
  await assert.rejects(control.writeStatements('yesterday'), /400 date must be a day/);
});

test('at the end of a day its statement is written, and one that was missed at the start', async (t) => {
  const folder = place(t);
  const clock = movedClock('2026-01-31T23:00:00.000Z');
  const open = () =>
    openStatements({ source: empty, folder, clock, log: pino({ level: 'silent' }) });
  const fileOf = (date: string): string => join(folder, `${date}.camt053.xml`);
  const isThere = (date: string): Promise<unknown> =>
    until(() => readFileSync(fileOf(date), 'utf8').endsWith('</Document>\n'), { what: date });
  const statements = open();
  statements.followDays();
  await isThere('2026-01-30');
  assert.throws(() => readFileSync(fileOf('2026-01-31')), /ENOENT/);
  clock.advance(3_600_000 + 10_000);
  await isThere('2026-01-31');
  clock.advance(86_400_000);
  await isThere('2026-02-01');
  statements.stop();
  clock.advance(86_400_000);
  assert.throws(() => readFileSync(fileOf('2026-02-02')), /ENOENT/);
});

const empty: StatementSource = { range: () => [], sequenceLast: () => 0 };

function place(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-statements-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function movedClock(start: string): Clock & { readonly advance: (ms: number) => void } {
  let nowMs = Date.parse(start);
  let waiting: { readonly atMs: number; readonly run: () => void }[] = [];
  return {
    nowMs: () => nowMs,
    timestamp: () => new Date(nowMs).toISOString(),
    after: (delayMs, run) => {
      const timer = { atMs: nowMs + delayMs, run };
      waiting.push(timer);
      return {
        cancel: () => {
          waiting = waiting.filter((other) => other !== timer);
        },
      };
    },
    advance: (ms) => {
      nowMs += ms;
      const due = waiting.filter(({ atMs }) => atMs <= nowMs);
      waiting = waiting.filter(({ atMs }) => atMs > nowMs);
      for (const { run } of due) run();
    },
  };
}
