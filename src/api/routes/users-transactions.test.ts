import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { openTestApi, type Person, type TestApi } from '../../../test/support/api.ts';
import { insertTestPayment } from '../../../test/support/api-payments.ts';
import { assertProblem, testGuards, testStatuses } from '../../../test/support/api-refusals.ts';
import { newPaymentId, newUserId } from '../../ids.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

interface Page {
  readonly items: readonly { readonly id: string; readonly status: string }[];
  readonly next_cursor: string | null;
  readonly limit: number;
  readonly skip?: number;
  readonly total?: number;
}

const list = (query = '', id = 'me') =>
  ({ method: 'GET', url: `/api/v1/users/${id}/transactions${query}` }) as const;

async function read(person: Person, query = '', id = 'me'): Promise<Page> {
  const response = await api.send(person, list(query, id));
  assert.equal(response.statusCode, 200, response.body);
  return response.json();
}

const idsOf = (page: Page): string[] => page.items.map((item) => item.id);

/** Newest first, as lists have them. */
async function personWith(count: number): Promise<{ person: Person; ids: string[] }> {
  const person = await api.person();
  const ids: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const kind = at % 2 === 0 ? 'deposit' : 'withdrawal';
    const status = at % 3 === 0 ? 'FAILED' : 'PENDING';
    const key = `key-${at}`;
    ids.unshift(await insertTestPayment(api.database, person, { kind, status, key }));
  }
  return { person, ids };
}

test('pages by cursor join to the whole list, even while it grows', async () => {
  const { person, ids } = await personWith(7);
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const onward: string = cursor === null ? '' : `&cursor=${cursor}`;
    const page = await read(person, `?limit=3${onward}`);
    assert.ok(page.items.length <= 3);
    seen.push(...idsOf(page));
    cursor = page.next_cursor;
    await insertTestPayment(api.database, person, {});
  } while (cursor !== null);
  assert.deepEqual(seen, ids);
});

test('pages by skip say what they skipped', async () => {
  const { person, ids } = await personWith(5);
  const page = await read(person, '?skip=3&limit=1&include_total=true');
  assert.deepEqual(idsOf(page), ids.slice(3, 4));
  assert.equal(page.skip, 3);
  assert.equal(page.total, 5);
  const last = await read(person, `?cursor=${page.next_cursor}`);
  assert.deepEqual(idsOf(last), ids.slice(4));
  assert.equal(last.total, undefined);
});

test('filters are and-ed, and the total counts what they let through', async () => {
  const { person, ids } = await personWith(7);
  const failed = await read(person, '?status=FAILED&include_total=true');
  assert.deepEqual(idsOf(failed), [ids[0], ids[3], ids[6]]);
  assert.equal(failed.total, 3);
  assert.deepEqual(idsOf(await read(person, '?status=FAILED&type=withdrawal')), [ids[3]]);
  assert.equal((await read(person, '?currency=USD')).items.length, 7);
  assert.deepEqual((await read(person, '?currency=EUR')).items, []);
});

test('payments are found by their amount, their time and their words', async () => {
  const { person, ids } = await personWith(2);
  const all = idsOf(await read(person, '?min_amount=10&max_amount=10.00'));
  assert.deepEqual(all, ids);
  assert.deepEqual(idsOf(await read(person, '?min_amount=10.001')), []);
  assert.deepEqual(idsOf(await read(person, '?max_amount=9.99')), []);
  // When a test's payments were made, by their column; their ids are of today.
  assert.deepEqual(idsOf(await read(person, '?to=2026-01-02T03:04:06Z')), []);
  assert.deepEqual(idsOf(await read(person, '?description=nowhere')), []);
  assert.deepEqual(idsOf(await read(person, '?bank_transaction_id=BT0&include_total=true')), []);
});

test('a payment is found by its key', async () => {
  const { person, ids } = await personWith(3);
  const found = await read(person, '?idempotency_key=key-1&include_total=true');
  assert.deepEqual(idsOf(found), [ids[1]]);
  assert.equal(found.total, 1);
  assert.deepEqual(idsOf(await read(person, '?idempotency_key=key-1&type=deposit')), []);
  const stranger = await api.person();
  assert.deepEqual(idsOf(await read(stranger, '?idempotency_key=key-1')), []);
});

test('an operator sees anybody, a customer only themselves', async () => {
  const { person, ids } = await personWith(1);
  assert.deepEqual(idsOf(await read(person, '', person.id)), ids);
  assert.deepEqual(idsOf(await read(await api.person('operator'), '', person.id)), ids);
  const stranger = await api.person();
  for (const id of [person.id, newUserId(), 'nobody', '..%2Fme']) {
    const response = await api.send(stranger, list('', id));
    assertProblem(response, { status: 404, code: 'user_not_found' });
  }
});

const badQueries: readonly (readonly [string, string])[] = [
  ['?limit=0', 'limit'],
  ['?limit=101', 'limit'],
  ['?limit=1000000000', 'limit'],
  ['?limit=1.5', 'limit'],
  ['?limit=', 'limit'],
  ['?limit=1&limit=2', 'limit'],
  ['?skip=-1', 'skip'],
  ['?skip=10001', 'skip'],
  ['?cursor=nonsense', 'cursor'],
  [`?cursor=${newPaymentId()}`, 'cursor'],
  ['?cursor=AZm.9Z9Z9Z9Z9Z9Z9Z9Z9Q', 'cursor'],
  ['?currency=XXQ', 'currency'],
  ['?from=yesterday', 'from'],
  ['?to=2026-02-30', 'to'],
  ['?from=2026-01-02&to=2026-01-01', 'to'],
  ['?min_amount=-1', 'min_amount'],
  ['?min_amount=1e3', 'min_amount'],
  ['?max_amount=1.00001', 'max_amount'],
  ['?min_amount=2&max_amount=1.99', 'max_amount'],
  ['?bank_transaction_id=a%00', 'bank_transaction_id'],
  ['?description=', 'description'],
  ['?description=%00', 'description'],
  [`?description=${'x'.repeat(101)}`, 'description'],
  ['?format=xml', 'format'],
  ['?format=csv&limit=5', 'limit'],
  ['?format=ndjson&skip=5', 'skip'],
  ['?format=csv&include_total=true', 'include_total'],
  ['?user_id=me', 'user_id'],
  ['?status=DONE', 'status'],
  ["?status=FAILED'--", 'status'],
  ['?type=payment', 'type'],
  ['?include_total=yes', 'include_total'],
  ['?idempotency_key=', 'idempotency_key'],
  ['?idempotency_key=a%00', 'idempotency_key'],
  ['?order=amount', 'order'],
  ['?__proto__=1', '__proto__'],
];
for (const [query, parameter] of badQueries) {
  test(`${query} is refused by name`, async () => {
    const response = await api.send(await api.person(), list(query));
    const problem = assertProblem(response, { status: 400, code: 'validation_failed' });
    assert.equal((problem['errors'] as { parameter: string }[])[0]?.parameter, parameter);
  });
}

const parameters = [
  ...['limit', 'skip', 'cursor', 'include_total', 'status', 'type', 'currency', 'from', 'to'],
  ...['min_amount', 'max_amount', 'idempotency_key', 'bank_transaction_id', 'description'],
];
const words = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    "' OR 1=1 --",
    "'; DROP TABLE payments; --",
    '$1',
    '%_\\',
    '{1,2}',
    'NULL',
    '\u0000',
  ),
  fc.constantFrom(
    'FAILED',
    'USD',
    '10.00',
    '2026-01-01',
    '9'.repeat(15),
    '0',
    'true',
    '9999-12-31',
  ),
  fc.stringMatching(/^[A-Za-z0-9_-]{22}$/),
);

test('whatever stands in the query is answered or refused, and does not reach the database as SQL', async () => {
  const { person, ids } = await personWith(3);
  const query = fc.dictionary(fc.constantFrom(...parameters), words, { maxKeys: 4 });
  await fc.assert(
    fc.asyncProperty(query, async (asked) => {
      const text = new URLSearchParams(asked).toString();
      const response = await api.send(person, list(`?${text}`));
      assert.ok([200, 400].includes(response.statusCode), `${text}: ${response.body}`);
    }),
    { numRuns: 300 },
  );
  assert.deepEqual(idsOf(await read(person)), ids);
});

test('cursor and skip do not go together', async () => {
  const { person } = await personWith(2);
  const { next_cursor } = await read(person, '?limit=1');
  const response = await api.send(person, list(`?cursor=${next_cursor}&skip=1`));
  assertProblem(response, { status: 400, code: 'validation_failed' });
});

testGuards(
  () => api,
  () => list(),
  'RATE_LIMIT_TRANSACTIONS_PER_MINUTE',
);
testStatuses(() => api, 'GET /api/v1/users/:id/transactions');
