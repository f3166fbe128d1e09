import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type Person, type TestApi } from '../../test/support/api.ts';
import { statement } from '../db/database.ts';
import { selectAccounts } from '../ledger/accounts-store.ts';
import { type HistoryPage, type HistoryQuery, listPayments } from './history.ts';

let api: TestApi;
let person: Person;
before(async () => {
  api = await openTestApi();
  person = await api.person();
  await api.database.query(insertMany, [person.id, person.accountId]);
});
after(() => api.close());

/** 10,100 deposits, of which only the three oldest succeeded. */
const insertMany = statement<never>(
  'test_many',
  `WITH p AS (
     INSERT INTO payments (id, user_id, account_id, kind, currency, amount, bank, answer_version,
                           idempotency_key, request_id, created_at)
     SELECT lpad(to_hex(n), 32, '0')::uuid, $1, $2, 'deposit', 'USD', 100, 'test', 1, n, 'test',
            now() FROM generate_series(1, 10100) n
     RETURNING id)
   INSERT INTO payment_state (payment_id, status, error_code, updated_at)
   SELECT id, CASE WHEN rank() OVER (ORDER BY id) <= 3 THEN 'SUCCESS' ELSE 'FAILED' END,
          CASE WHEN rank() OVER (ORDER BY id) <= 3 THEN NULL ELSE 'TIMEOUT' END, now() FROM p`,
);

async function list(change: Partial<HistoryQuery>): Promise<HistoryPage> {
  return listPayments(api.database, {
    userId: person.id,
    accounts: await selectAccounts(api.database, person.id),
    kind: null,
    status: null,
    idempotencyKey: null,
    before: null,
    skip: 0,
    limit: 20,
    includeTotal: false,
    ...change,
  });
}

test('a rare status far back costs its reader another page, and is found', async () => {
  let page = await list({ status: 'SUCCESS' });
  let pages = 1;
  while (page.items.length === 0 && page.next !== null) {
    page = await list({ status: 'SUCCESS', before: page.next });
    pages += 1;
  }
  assert.equal(page.items.length, 3);
  assert.equal(page.next, null);
  assert.equal(pages, 2);
});

test('a filter that most pass is answered from the newest few', async () => {
  const page = await list({ status: 'FAILED', limit: 50 });
  assert.equal(page.items.length, 50);
  assert.equal(page.next, page.items[49]?.id);
});

test('a history without end in sight is read no further than the page', async () => {
  const page = await list({ limit: 5, includeTotal: true });
  assert.equal(page.items.length, 5);
  assert.equal(page.next, page.items[4]?.id);
  assert.equal(page.total, 10_100);
});

test('skipping ten thousand still answers', async () => {
  const page = await list({ skip: 10_000, limit: 100 });
  assert.equal(page.items.length, 100);
  assert.equal(page.next, null);
});

test('a user without accounts has no history', async () => {
  assert.deepEqual(await list({ accounts: [] }), { items: [], next: null });
});
