import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type Person, type TestApi } from '../../../test/support/api.ts';
import { assertProblem, testGuards, testStatuses } from '../../../test/support/api-refusals.ts';
import { statement } from '../../db/database.ts';
import { newAccountId, newUserId } from '../../ids.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

// One posting an hour from midnight of the new year; every third takes. Ends at 3.00 for 12.
const insertPostings = statement<never>(
  'test_postings_of_a_day',
  `WITH line AS (
     SELECT n, CASE WHEN n % 3 = 0 THEN -100 ELSE 125 END AS amount,
            (lpad(to_hex(n), 12, '0') || right(replace($1::uuid::text, '-', ''), 20))::uuid AS id,
            timestamptz '2026-01-01Z' + (n - 1) * interval '1 hour' AS at
       FROM generate_series(1, $3::int) n
   ), asked AS (
     INSERT INTO payments (id, user_id, account_id, kind, currency, amount, bank, answer_version,
                           idempotency_key, request_id, description, created_at)
     SELECT id, $2, $1, CASE WHEN amount < 0 THEN 'withdrawal' ELSE 'deposit' END, 'USD', abs(amount),
            'test', 1, n, 'test', '=SUM(' || n || ')', at FROM line
   ), booked AS (
     INSERT INTO postings (account_id, seq, payment_id, amount, currency, balance_after, posted_at)
     SELECT $1, n, id, amount, 'USD', sum(amount) OVER (ORDER BY n), at FROM line
      UNION ALL
     SELECT $4::uuid, nextval('system_posting_seq'), id, -amount, 'USD', NULL, at FROM line)
   UPDATE accounts SET last_seq = $3::int, balance = (SELECT sum(amount) FROM line) WHERE id = $1`,
);

/** Postings of a customer with this many. */
async function personWith(count: number): Promise<Person> {
  const person = await api.person();
  const values = [person.accountId, person.id, count, newAccountId()];
  await api.database.query(insertPostings, values);
  return person;
}

const addresses = {
  'GET /api/v1/users/:id/statement': (person: Person, query = '') =>
    `/api/v1/users/${person.id}/statement${query}`,
  'GET /api/v1/accounts/:id/statement': (person: Person, query = '') =>
    `/api/v1/accounts/${person.accountId}/statement${query}`,
};

for (const [route, address] of Object.entries(addresses)) {
  const get = (asking: Person, query = '', whose = asking) =>
    api.send(asking, { method: 'GET', url: address(whose, query) });

  test(`${route}: what it had, what was booked, what it had then`, async () => {
    const person = await personWith(24);
    const response = await get(person, '?from=2026-01-01T02:00:00Z&to=2026-01-01T04:00:00Z');
    assert.equal(response.statusCode, 200, response.body);
    const { items, ...statementBody } = response.json();
    assert.deepEqual(statementBody, {
      account_id: person.accountId,
      currency: 'USD',
      from: '2026-01-01T02:00:00.000Z',
      to: '2026-01-01T04:00:00.000Z',
      opening_balance: '2.50',
      closing_balance: '2.75',
      next_cursor: null,
      limit: 20,
    });
    const [{ payment_id: _, ...first }, second] = items;
    assert.deepEqual(first, {
      seq: '3',
      posted_at: '2026-01-01T02:00:00.000Z',
      transaction_type: 'withdrawal',
      description: '=SUM(3)',
      amount: '-1.00',
      balance_after: '1.50',
    });
    assert.deepEqual([second.seq, second.amount, second.balance_after], ['4', '1.25', '2.75']);
    const at = await api.send(person, {
      method: 'GET',
      url: '/api/v1/users/me/balance?as_of=2026-01-01T04:00:00Z',
    });
    assert.equal(at.json().balance, '2.75');
  });

  test(`${route}: pages by cursor join to the whole period, though it ended "now"`, async () => {
    const person = await personWith(24);
    const seqs: string[] = [];
    let query = '?limit=10';
    let to: string | null = null;
    for (let page = 0; page < 3; page += 1) {
      const body = (await get(person, query)).json();
      assert.deepEqual([body.from, body.opening_balance], [null, '0.00']);
      assert.equal(body.to, to ?? body.to);
      assert.equal(body.closing_balance, '12.00');
      seqs.push(...body.items.map((item: { seq: string }) => item.seq));
      to = body.to;
      query = `?limit=10&cursor=${body.next_cursor}`;
    }
    assert.equal(query, '?limit=10&cursor=null');
    assert.deepEqual(
      seqs,
      Array.from({ length: 24 }, (_, at) => String(at + 1)),
    );
  });

  test(`${route}: an account without postings, and a period without any`, async () => {
    const fresh = (await get(await api.person())).json();
    assert.deepEqual([fresh.opening_balance, fresh.closing_balance], ['0.00', '0.00']);
    assert.deepEqual([fresh.items, fresh.next_cursor], [[], null]);
    const person = await personWith(3);
    const quiet = (await get(person, '?from=2026-02-01&to=2026-02-01')).json();
    assert.deepEqual([quiet.opening_balance, quiet.closing_balance], ['1.50', '1.50']);
    assert.deepEqual(quiet.items, []);
  });

  test(`${route}: a file begins with the opening and ends with the closing balance`, async () => {
    const person = await personWith(1_200);
    const csv = await get(person, '?format=csv&to=2027-01-01');
    assert.equal(csv.statusCode, 200, csv.body);
    assert.equal(csv.headers['content-type'], 'text/csv; charset=utf-8');
    const rows = csv.body.split('\r\n').slice(0, -1);
    assert.equal(
      rows[0],
      'entry,seq,posted_at,payment_id,transaction_type,description,amount,balance_after,currency',
    );
    assert.equal(rows[1], 'opening,,,,,,,0.00,USD');
    assert.match(rows[4] ?? '', /^posting,3,.*,withdrawal,"'=SUM\(3\)",-1\.00,1\.50,USD$/);
    assert.match(rows.at(-1) ?? '', /^closing,,20\d\d-.*Z,,,,,600\.00,USD$/);
    assert.equal(rows.length, 1_200 + 3);
    const ndjson = await get(person, '?format=ndjson&from=2026-01-01T23:00:00Z&to=2026-01-02');
    const lines = ndjson.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.map((line) => [line.entry, line.balance_after]),
      [
        ['opening', '13.00'],
        ['posting', '12.00'],
        ['closing', '12.00'],
      ],
    );
  });

  test(`${route}: an operator reads anybody's, a customer only his own`, async () => {
    const person = await personWith(3);
    const operator = await api.person('operator');
    assert.equal((await get(operator, '', person)).json().closing_balance, '1.50');
    const stranger = await api.person();
    const code = route.includes('users') ? 'user_not_found' : 'account_not_found';
    assertProblem(await get(stranger, '', person), { status: 404, code });
    const nobody = { ...person, id: newUserId(), accountId: newAccountId() };
    assertProblem(await get(stranger, '', nobody), { status: 404, code });
  });

  for (const [query, parameter] of [
    ['?from=soon', 'from'],
    ['?from=2999-01-01', 'from'],
    ['?from=2026-01-02&to=2026-01-01', 'to'],
    ['?limit=101', 'limit'],
    ['?skip=1', 'skip'],
    ['?cursor=abc', 'cursor'],
    // Nine past the end, a period that ends before it begins, a moment that no calendar has.
    [`?cursor=${cursorOf(-1n, 1_800_000_000_000n, 9n)}`, 'cursor'],
    [`?cursor=${cursorOf(-1n, 1_800_000_000_000n, 0n)}`, 'cursor'],
    [`?cursor=${cursorOf(2n, 1n, 1n)}`, 'cursor'],
    [`?cursor=${cursorOf(-1n, 2n ** 60n, 1n)}`, 'cursor'],
    ['?format=csv&limit=5', 'limit'],
    ['?format=ndjson&cursor=abc', 'cursor'],
  ] as const) {
    test(`${route}${query} is refused by name`, async () => {
      const response = await get(await api.person(), query);
      const problem = assertProblem(response, { status: 400, code: 'validation_failed' });
      assert.equal((problem['errors'] as { parameter: string }[])[0]?.parameter, parameter);
    });
  }

  testGuards(
    () => api,
    (person) => ({ method: 'GET', url: address(person) }),
    'RATE_LIMIT_TRANSACTIONS_PER_MINUTE',
  );
  testStatuses(() => api, route);
}

function cursorOf(...words: readonly bigint[]): string {
  const bytes = Buffer.alloc(24);
  for (const [at, word] of words.entries()) bytes.writeBigInt64BE(word, at * 8);
  return bytes.toString('base64url');
}

test('a currency without account, a foreign id and no id are 404', async () => {
  const person = await api.person();
  for (const currency of ['EUR', 'XXQ', '']) {
    const url = `/api/v1/users/me/statement?currency=${currency}`;
    const response = await api.send(person, { method: 'GET', url });
    assertProblem(response, { status: 404, code: 'account_not_found' });
  }
  const response = await api.send(person, {
    method: 'GET',
    url: '/api/v1/accounts/mine/statement',
  });
  assertProblem(response, { status: 404, code: 'account_not_found' });
});
