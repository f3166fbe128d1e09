import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { openTestApi, type Person, type TestApi } from '../../../test/support/api.ts';
import { assertProblem } from '../../../test/support/api-refusals.ts';
import { openJourney } from '../../../test/support/journey.ts';
import { DatabaseAway, OutcomeUnknown, statement } from '../../db/database.ts';
import type { Accept } from '../../payments/command.ts';
import { Overloaded } from '../../runtime/overloaded.ts';

let api: TestApi;
let accept: Accept;
before(async () => {
  api = await openTestApi();
  ({ accept } = openJourney(api.database));
  api.use({ accept });
});
after(() => api.close());

interface Result {
  readonly status: number;
  readonly idempotency_key: string | null;
  readonly replayed: boolean;
  readonly body: Readonly<Record<string, unknown>>;
}

const bulk = (items: readonly unknown[], name = 'deposits') =>
  ({ method: 'POST', url: `/api/v1/${name}/bulk`, body: { items } }) as const;

const item = (amount: string, key: string = randomUUID()) => ({ idempotency_key: key, amount });

async function resultsOf(person: Person, call: ReturnType<typeof bulk>): Promise<Result[]> {
  const response = await api.send(person, call);
  assert.equal(response.statusCode, 200, response.body);
  return response.json().results;
}

const countPayments = statement<{ readonly payments: number }>(
  'test_count',
  'SELECT count(*)::int AS payments FROM payments WHERE user_id = $1',
);
const setBalance = statement<never>(
  'test_balance',
  'UPDATE accounts SET balance = $2 WHERE id = $1',
);

async function paymentsOf(person: Person): Promise<number> {
  const [row] = await api.database.query(countPayments, [person.id]);
  return row?.payments ?? -1;
}

test('a thousand deposits in one request are a thousand payments, answered in their order', async () => {
  const person = await api.person();
  const items = Array.from({ length: 1_000 }, (_, index) => item(`${index + 1}.00`));
  const results = await resultsOf(person, bulk(items));
  assert.deepEqual(
    results.map(({ status, idempotency_key, body }) => [status, idempotency_key, body['amount']]),
    items.map(({ idempotency_key, amount }) => [202, idempotency_key, amount]),
  );
  assert.equal(await paymentsOf(person), 1_000);
});

test('one that is wrong stops no other, and each says what is wrong with it', async () => {
  const person = await api.person();
  const results = await resultsOf(
    person,
    bulk([
      item('1.00'),
      item('1.001'),
      { amount: '1.00' },
      { ...item('1.00'), status: 'SUCCESS' },
      { ...item('1.00'), currency: 'EUR' },
      'an item',
      item('1.00', 'with space'),
      { ...item('1.00'), description: '4111 1111 1111 1111' },
      item('2.00'),
    ]),
  );
  assert.deepEqual(
    results.map(({ status, body }) => body['code'] ?? status),
    [
      202,
      'invalid_amount',
      'validation_failed',
      'validation_failed',
      'no_account_in_currency',
      'validation_failed',
      'validation_failed',
      'card_number_refused',
      202,
    ],
  );
  assert.deepEqual(results[2]?.body['errors'], [
    { pointer: '#/idempotency_key', detail: 'is required' },
  ]);
  assert.equal(await paymentsOf(person), 2);
});

test('a key sent again, in the same request, in another or alone, gets its one answer', async () => {
  const person = await api.person();
  const call = bulk([item('1.00', 'twice'), item('1.00', 'twice'), item('2.00', 'twice')]);
  const [first, second, third] = await resultsOf(person, call);
  assert.ok(first !== undefined && second !== undefined && third !== undefined);
  assert.deepEqual([first.replayed, second.replayed], [false, true]);
  assert.deepEqual(second.body, first.body);
  assert.deepEqual(
    [third.status, third.body['code'], third.body['differing']],
    [422, 'idempotency_key_reused', ['amount']],
  );
  const alone = await api.send(person, {
    method: 'POST',
    url: '/api/v1/deposits',
    body: { amount: '1.00' },
    headers: { 'idempotency-key': 'twice' },
  });
  assert.equal(alone.headers['idempotent-replayed'], 'true');
  const again = await api.send(person, call);
  assert.ok(again.body.includes(alone.body), 'to the byte');
  assert.equal(await paymentsOf(person), 1);
});

test('withdrawals of one bulk never take more than there is', async () => {
  const person = await api.person();
  await api.database.query(setBalance, [person.accountId, 550n]);
  const items = Array.from({ length: 20 }, () => item('1.00'));
  const results = await resultsOf(person, bulk(items, 'withdrawals'));
  const accepted = results.filter(({ status }) => status === 202);
  assert.equal(accepted.length, 5);
  for (const { status, body } of results)
    if (status !== 202) assert.equal(body['code'], 'insufficient_funds');
});

test('a key in the header is refused: it would be nobody knows whose', async () => {
  const call = { ...bulk([item('1.00')]), headers: { 'idempotency-key': 'one-for-all' } };
  const response = await api.send(await api.person(), call);
  assertProblem(response, { status: 400, code: 'idempotency_key_invalid' });
});

for (const [what, items] of [
  ['no items', []],
  ['a thousand and one', Array.from({ length: 1_001 }, () => item('1.00'))],
] as const) {
  test(`${what} are refused, and nothing is stored`, async () => {
    const person = await api.person();
    const response = await api.send(person, bulk(items));
    assertProblem(response, { status: 400, code: 'validation_failed' });
    assert.equal(await paymentsOf(person), 0);
  });
}

test('what is larger than a bulk may be is refused, with the size that is allowed', async () => {
  const body = JSON.stringify({ items: [{ description: 'x'.repeat(1_100_000) }] });
  const response = await api.send(await api.person(), { ...bulk([]), body });
  const problem = assertProblem(response, { status: 413, code: 'body_too_large' });
  assert.equal(problem['detail'], 'A body may have 1048576 bytes here.');
});

test('each item counts as one request, and all of them are taken or none', async () => {
  const limited = await api.beside({
    RATE_LIMIT_ENABLED: 'true',
    RATE_LIMIT_GLOBAL_PER_MINUTE: '5',
  });
  limited.use({ accept });
  const person = await api.person();
  const items = (count: number) => Array.from({ length: count }, () => item('1.00'));
  const first = await limited.send(person, bulk(items(3)));
  assert.equal(first.statusCode, 200, first.body);
  assert.equal(first.headers['x-ratelimit-remaining'], '2');
  const second = await limited.send(person, bulk(items(3)));
  assertProblem(second, { status: 429, code: 'rate_limit_exceeded' });
  assert.equal(await paymentsOf(person), 3);
  await limited.close();
});

test('what happens to one item is in its own answer', async () => {
  const person = await api.person();
  const failures = [
    new Overloaded('accept', 1),
    new DatabaseAway('gone'),
    new OutcomeUnknown('?'),
    new Error('SELECT secret FROM vault'),
  ];
  let asked = 0;
  api.use({ accept: async (command) => Promise.reject(failures[asked++] ?? command) });
  const response = await api.send(person, bulk(failures.map(() => item('1.00'))));
  api.use({ accept });
  const results: Result[] = response.json().results;
  assert.deepEqual(
    results.map(({ status, body }) => [status, body['code']]),
    [
      [503, 'overloaded'],
      [503, 'database_away'],
      [503, 'outcome_unknown'],
      [500, 'internal_error'],
    ],
  );
  assert.doesNotMatch(response.body, /secret/);
});

test('without a token, and with a key that may only read, it is refused', async () => {
  assertProblem(await api.send(null, bulk([item('1.00')])), { status: 401, code: 'token_missing' });
  const reader = await api.keyOf(await api.person(), ['read']);
  const forbidden = await api.send(reader, bulk([item('1.00')]));
  assertProblem(forbidden, { status: 403, code: 'forbidden' });
});
