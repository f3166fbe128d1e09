import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { present } from '../../src/assert.ts';
import { settings } from '../../src/config-table.ts';
import { demoUsers } from '../../src/users/seed.ts';
import { type BankRule, openBankControl } from '../support/bank-control.ts';
import {
  type Answer,
  expectStatus,
  idOf,
  openClient,
  type TestClient,
  type TestUser,
} from '../support/client.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { testMode } from '../support/test-mode.ts';
import { until } from '../support/wait.ts';

/** Every row of CREDENTIALS.md happens as it says. */
const page = readFileSync(new URL('../../CREDENTIALS.md', import.meta.url), 'utf8');

test('the demo accounts are the ones that are created', () => {
  const written = tableWith('role').map((row) => ({
    email: row['e-mail'],
    fullName: row['name'],
    password: row['password'],
    role: row['role'],
  }));
  assert.deepEqual(written, demoUsers);
});

test('every payment ends as the page says', async (t) => {
  const { client } = await open(t, unbroken);
  const rows = tableWith('ends as');
  const amounts = new Set(rows.map((row) => row['amount']));
  assert.equal(amounts.size, 38, 'every amount that forces a result has its row, and two do not');
  const users: TestUser[] = [];
  // One after the other: so many at once would be turned away, as registrations are dear.
  for (const _ of rows) users.push(await client.register());
  const payAll = (some: readonly Row[]): Promise<unknown> =>
    Promise.all(some.map((row) => payRow(present(users.pop(), 'one for each'), row)));
  // Where the bank says one thing and did another, an answer that comes too late changes the end.
  await payAll(rows.filter((row) => lies.has(cell(row, 'amount'))));
  await payAll(rows.filter((row) => !lies.has(cell(row, 'amount'))));
});

const lies = new Set(['7771.34', '7771.36']);

async function payRow(user: TestUser, row: Row): Promise<void> {
  const isWithdrawal = row['kind'] === 'withdrawal';
  if (isWithdrawal) {
    await user.fund('7771.01');
    await user.fund('7771.01');
  }
  const accepted = await user.pay(isWithdrawal ? 'withdrawal' : 'deposit', cell(row, 'amount'));
  const payment = await user.untilFinal(accepted, 30_000);
  const { balance, available, held } = await user.balance();
  const comesTo = after(isWithdrawal, row);
  assert.deepEqual(
    [payment.status, payment.error_code ?? '', balance, available, held],
    [row['ends as'], row['error_code'], comesTo, comesTo, '0.00'],
    row['scenario'],
  );
}

test('whatever the whole bank does, a payment comes to what the page says', async (t) => {
  const { client, gateway } = await open(t, unbroken);
  const control = await openBankControl(gateway.simulatorUrl);
  const url = `${gateway.url}/webhooks/bank-callback`;
  // One that was not started by the gateway does not know where to call.
  if (testMode() !== 'distributed') assert.equal((await control.describe())['callback_url'], url);
  else await control.aimCallbacks({ url, secret: settings.BANK_WEBHOOK_SECRET.fallback });
  const rows = tableWith('told to the bank');
  assert.ok(rows.length >= 6, 'the table was found');
  for (const row of rows) {
    // Proven by the bank, which refuses what is no rule.
    const rules = JSON.parse(cell(row, 'told to the bank')) as BankRule | readonly BankRule[];
    await control.setScenario(...[rules].flat());
    const user = await client.register();
    const accepted = await user.pay('deposit', cell(row, 'amount'));
    const payment = await user.untilFinal(accepted, 30_000);
    const { balance } = await user.balance();
    const expected = [row['comes to'], after(false, row)];
    assert.deepEqual([payment.status, balance], expected, row['scenario']);
  }
});

test('an operator is answered as the page says', async (t) => {
  const short = { PAYMENT_DEADLINE_HOURS: '0.0005', BANK_INQUIRY_DELAYS_SECONDS: '0.2' };
  const { client, gateway } = await open(t, { ...unbroken, ...short });
  const control = await openBankControl(gateway.simulatorUrl);
  await control.setScenario(
    { scenario: 'timeout-moved', calls: 'submits' },
    { scenario: 'server-error', calls: 'inquiries' },
  );
  const user = await client.register();
  const accepted = await user.deposit('10.00');
  const isInReview = async () => (await user.read(accepted)).status === 'PENDING_REVIEW';
  await until(isInReview, { what: 'review', deadlineMs: 30_000 });
  const send = await openActors(client);
  const rows = tableWith("operator's step");
  assert.ok(rows.length >= 13, 'the table was found');
  let task = '';
  for (const row of rows) {
    const [method, path = ''] = cell(row, 'request').split(' ');
    const body: unknown = row['body'] === '' ? undefined : JSON.parse(cell(row, 'body'));
    const call = {
      method: method === 'POST' ? 'POST' : 'GET',
      path: path.replace('{id}', idOf(accepted)).replace('{task}', task),
      ...(body === undefined ? {} : { body }),
    } as const;
    const answer = await until(
      async () => {
        const said = await send(cell(row, 'as'), call);
        return said.body['code'] === 'payment_in_contact' ? null : said;
      },
      { what: 'the end of the contact', deadlineMs: 30_000 },
    );
    assert.equal(describe(answer), row['is answered'], `${row["operator's step"]}: ${answer.text}`);
    // Proven by the route's schema.
    const [item] = (answer.body['items'] ?? []) as readonly { readonly id: string }[];
    if (path.includes('payment_id')) task = present(item, 'it is listed').id;
  }
  assert.equal((await user.balance()).balance, '10.00');
});

test('every request is answered as the page says', async (t) => {
  const { client } = await open(t, { RATE_LIMIT_ENABLED: 'true' });
  const send = await openActors(client);
  const rows = tableWith('answer');
  assert.ok(rows.length >= 30, 'the table was found');
  const keys = new Map<string, string>();
  let id = '';
  for (const row of rows) {
    const [method, path = ''] = cell(row, 'request').split(' ');
    const key = row['key'] === 'new' ? randomUUID() : keyOf(keys, cell(row, 'key'));
    const body: unknown = row['body'] === '' ? undefined : JSON.parse(cell(row, 'body'));
    let answer: Answer | null = null;
    for (let times = 0; times < Number(row['times']); times++) {
      answer = await send(cell(row, 'as'), {
        method: method === 'POST' ? 'POST' : 'GET',
        path: path.replace('{id}', id),
        ...(body === undefined ? {} : { body }),
        ...(key === '' ? {} : { headers: { 'idempotency-key': key } }),
      });
    }
    const last = present(answer, 'a row is sent at least once');
    assert.equal(describe(last), row['answer'], `${row['scenario']}: ${last.text}`);
    if (last.status === 202) id = String(last.body['id']);
    if (last.status === 429) assert.match(String(last.headers['retry-after']), /^\d+$/);
  }
});

async function open(
  t: TestContext,
  env: Readonly<Record<string, string>>,
): Promise<{ client: TestClient; gateway: TestGateway }> {
  const gateway = await startTestGateway(t, { env });
  const client = openClient(gateway.url);
  t.after(client.close);
  return { client, gateway };
}

/** All of these payments at once would open the circuit breaker, and each is to be seen alone. */
const unbroken = {
  RATE_LIMIT_ENABLED: 'false',
  BANK_BREAKER_FAILURES: '0',
  // A busy machine is no slow bank.
  BANK_CALL_TIMEOUT_SECONDS: '4',
  PAYMENT_LEASE_SECONDS: '5',
};

type Send = (name: string, call: Parameters<TestClient['send']>[0]) => Promise<Answer>;

/** The people of the page: two who log in, one who registers, and nobody. */
async function openActors(client: TestClient): Promise<Send> {
  const tokens = new Map<string, string>();
  for (const { email, password } of demoUsers) {
    const body = { email, password };
    const answer = await client.send({ method: 'POST', path: '/api/v1/auth/login', body });
    expectStatus(answer, 200);
    tokens.set(email.split('@')[0] ?? '', String(answer.body['access_token']));
  }
  const stranger = await client.register();
  return (name, call) => {
    if (name === 'stranger') return stranger.send(call);
    if (name === 'nobody') return client.send(call);
    const token = present(tokens.get(name), `${name} is one of the demo accounts`);
    return client.send({
      ...call,
      headers: { authorization: `Bearer ${token}`, ...call.headers },
    });
  };
}

/** `202 replayed`, `404 payment_not_found`: the words of the column. */
function describe({ status, body, headers }: Answer): string {
  const code = typeof body['code'] === 'string' ? ` ${body['code']}` : '';
  return `${status}${code}${headers['idempotent-replayed'] === 'true' ? ' replayed' : ''}`;
}

/** A letter of the page is one key for the whole run. */
function keyOf(keys: Map<string, string>, letter: string): string {
  if (letter === '') return '';
  const key = keys.get(letter) ?? randomUUID();
  keys.set(letter, key);
  return key;
}

/** The balance that the row leads to: a withdrawal starts with two deposits of 7771.01. */
function after(isWithdrawal: boolean, row: Row): string {
  const cents = (isWithdrawal ? 1_554_202 : 0) + Math.round(Number(row['balance']) * 100);
  return (cents / 100).toFixed(2);
}

type Row = Readonly<Record<string, string>>;

function cell(row: Row, column: string): string {
  return present(row[column], `the table has a column "${column}"`);
}

/** The table that has this column, its cells without the marks of code. */
function tableWith(column: string): readonly Row[] {
  const tables = page.split('\n\n').filter((block) => block.startsWith('| '));
  for (const table of tables) {
    const [header = [], , ...rows] = table.trim().split('\n').map(cellsOf);
    if (!header.includes(column)) continue;
    return rows.map((cells) =>
      Object.fromEntries(header.map((name, at) => [name, cells[at] ?? ''])),
    );
  }
  throw new Error(`CREDENTIALS.md has no table with a column "${column}"`);
}

function cellsOf(line: string): string[] {
  return line
    .slice(1, -1)
    .split('|')
    .map((text) => text.trim().replaceAll('`', ''));
}
