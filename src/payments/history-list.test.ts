import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type Person, type TestApi } from '../../test/support/api.ts';
import { statement } from '../db/database.ts';
import { newPaymentId, type PaymentId, parseId } from '../ids.ts';
import { selectAccounts } from '../ledger/accounts-store.ts';
import { readPayment, readTrail } from './history.ts';
import {
  type Filter,
  type ListPage,
  type ListQuery,
  listAll,
  listPayments,
} from './history-list.ts';
import { listStatements, valuesOf } from './history-list-store.ts';

let api: TestApi;
let person: Person;
let receiver: Person;
before(async () => {
  api = await openTestApi();
  person = await api.person();
  receiver = await api.person();
  await api.database.query(insertMany, [person.id, person.accountId]);
});
after(() => api.close());

/** 10,100 deposits, one a minute, of which only the three oldest succeeded. */
const insertMany = statement<never>(
  'test_many',
  `WITH p AS (
     INSERT INTO payments (id, user_id, account_id, kind, currency, amount, bank, answer_version,
                           idempotency_key, request_id, description, created_at)
     SELECT (lpad(to_hex(1767225600000 + n * 60000::bigint), 12, '0') || lpad(to_hex(n), 20, '0'))::uuid,
            $1, $2, 'deposit', 'USD', n, 'test', 1, n, 'test', 'Order ' || n || ' 50% off_',
            timestamptz '2026-01-01Z' + n * interval '1 minute'
       FROM generate_series(1, 10100) n
     RETURNING id, amount AS n)
   INSERT INTO payment_state (payment_id, status, error_code, bank_transaction_id, updated_at)
   SELECT id, CASE WHEN n <= 3 THEN 'SUCCESS' ELSE 'FAILED' END,
          CASE WHEN n <= 3 THEN NULL ELSE 'TIMEOUT' END, CASE WHEN n <= 3 THEN 'bank-' || n END, now()
     FROM p`,
);

const everything: Filter = {
  kind: null,
  status: null,
  currency: null,
  amount: null,
  from: null,
  to: null,
  idempotencyKey: null,
  bankTransactionId: null,
  description: null,
};

type Change = Partial<Omit<ListQuery, 'filter'>> & { readonly filter?: Partial<Filter> };

async function queryOf(change: Change, whom = person): Promise<ListQuery> {
  const accounts = await selectAccounts(api.database, whom.id);
  return {
    whose: { kind: 'user', userId: whom.id, accounts },
    before: null,
    skip: 0,
    limit: 20,
    includeTotal: false,
    ...change,
    filter: { ...everything, ...change.filter },
  };
}

const list = async (change: Change = {}, whom = person): Promise<ListPage> =>
  listPayments(api.database, await queryOf(change, whom));

/** Every page to the end. */
async function listWhole(
  change: Change,
  whom = person,
): Promise<{ amounts: bigint[]; pages: number }> {
  const amounts: bigint[] = [];
  let pages = 0;
  for await (const rows of listAll(api.database, await queryOf(change, whom))) {
    amounts.push(...rows.map((row) => row.amount));
    pages += 1;
  }
  return { amounts, pages };
}

test('a rare status far back costs its reader another page, and is found', async () => {
  const { amounts, pages } = await listWhole({ filter: { status: 'SUCCESS' } });
  assert.deepEqual(amounts, [3n, 2n, 1n]);
  assert.equal(pages, 2);
});

test('a filter that most pass is answered from the newest few', async () => {
  const page = await list({ filter: { status: 'FAILED' }, limit: 50 });
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
  const page = await list({ whose: { kind: 'user', userId: person.id, accounts: [] } });
  assert.deepEqual(page, { items: [], next: null });
});

const minute = (n: number): Date => new Date(Date.parse('2026-01-01T00:00:00Z') + n * 60_000);
const upTo = (max: bigint) => ({
  min: [0n, 0n, 0n, 0n, 0n],
  max: [0n, 0n, max, 0n, 0n],
  exponents: new Map(),
});

const narrowed: readonly (readonly [string, Partial<Filter>, readonly bigint[]])[] = [
  [
    'a period, with its first moment and without its last',
    { from: minute(7), to: minute(9) },
    [8n, 7n],
  ],
  ['a period before everything', { to: minute(1) }, []],
  ['a period after everything', { from: minute(10_101) }, []],
  ['an amount', { amount: upTo(2n) }, [2n, 1n]],
  ['a part of the description, in any case', { description: 'ORDER 777 ' }, [777n]],
  [
    'signs that mean something to LIKE',
    { description: '99 50% OFF_', to: minute(200) },
    [199n, 99n],
  ],
  [
    'several filters at once',
    { status: 'SUCCESS', description: 'order', from: minute(2) },
    [3n, 2n],
  ],
  ['a bank transaction', { bankTransactionId: 'bank-2' }, [2n]],
  ['a bank transaction of another status', { bankTransactionId: 'bank-2', status: 'FAILED' }, []],
  ['a key', { idempotencyKey: '42' }, [42n]],
];
for (const [what, filter, expected] of narrowed) {
  test(`found by ${what}: by the user, and among everybody`, async () => {
    assert.deepEqual((await listWhole({ filter })).amounts, expected);
    const whose = { kind: 'everybody' } as const;
    assert.deepEqual((await listWhole({ filter, whose })).amounts, expected);
    assert.equal((await list({ filter, includeTotal: true })).total, expected.length);
  });
}

test('what others have is found by no filter', async () => {
  for (const filter of [{ bankTransactionId: 'bank-2' }, { idempotencyKey: '42' }, {}])
    assert.deepEqual(await list({ filter }, receiver), { items: [], next: null });
});

const insertTransfer = statement<never>(
  'test_transfer',
  `WITH p AS (
     INSERT INTO payments (id, user_id, account_id, counter_account_id, kind, currency, amount,
                           answer_version, idempotency_key, request_id, metadata, refusal, created_at)
     VALUES ($1::uuid, $2, $3, $4, 'transfer', 'USD', $5, 1, $1::uuid::text, 'test', '{"mine":true}', $6, now())
     RETURNING id)
   INSERT INTO payment_state (payment_id, status, error_code, updated_at)
   SELECT id, CASE WHEN $6::text IS NULL THEN 'SUCCESS' ELSE 'FAILED' END, $6, now() FROM p`,
);

test('what came in is in the history of whoever got it, without what was only the sender’s', async () => {
  const [from, to] = [await api.person(), await api.person()];
  const send = async (amount: bigint, refusal: string | null): Promise<PaymentId> => {
    const id = newPaymentId();
    const values = [id, from.id, from.accountId, to.accountId, amount, refusal];
    await api.database.query(insertTransfer, values);
    return id;
  };
  const first = await send(1n, null);
  await send(2n, 'INSUFFICIENT_FUNDS');
  await send(3n, null);
  assert.deepEqual((await listWhole({ limit: 1 }, from)).amounts, [3n, 2n, 1n]);
  assert.deepEqual((await listWhole({ limit: 1 }, to)).amounts, [3n, 1n]);
  const [received] = (await list({ filter: { amount: upTo(1n) } }, to)).items;
  const [sent] = (await list({ filter: { idempotencyKey: first } }, from)).items;
  assert.deepEqual([received?.id, received?.metadata], [first, null]);
  assert.deepEqual([sent?.id, sent?.metadata], [first, '{"mine":true}']);
  assert.deepEqual((await list({ filter: { idempotencyKey: first } }, to)).items, []);
});

test('either side of a transfer reads it and its own posting, nobody else reads anything', async () => {
  const [from, to, other] = [await api.person(), await api.person(), await api.person()];
  const ids = [newPaymentId(), newPaymentId()];
  const [done, refused] = ids;
  assert.ok(done !== undefined && refused !== undefined);
  const accounts = [from.accountId, to.accountId];
  await api.database.query(insertTransfer, [done, from.id, ...accounts, 5n, null]);
  await api.database.query(insertTransfer, [
    refused,
    from.id,
    ...accounts,
    5n,
    'INSUFFICIENT_FUNDS',
  ]);
  await api.database.query(insertTransferPostings, [done, ...accounts]);
  for (const [userId, seen, metadata, postings] of [
    [from.id, [done, refused], '{"mine":true}', [-5n]],
    [to.id, [done], null, [5n]],
    [other.id, [], null, []],
    [null, [done, refused], '{"mine":true}', [-5n, 5n]],
  ] as const) {
    const found = await Promise.all(ids.map((id) => readPayment(api.database, { id, userId })));
    assert.deepEqual(
      found.flatMap((payment) => (payment === null ? [] : [payment.id])),
      seen,
    );
    assert.equal(found[0]?.metadata ?? null, metadata);
    const trail = await readTrail(api.database, { id: done, userId });
    const amounts = trail.postings.map((posting) => posting.amount);
    assert.deepEqual(
      amounts.toSorted((a, b) => Number(a - b)),
      postings,
    );
  }
});

const insertTransferPostings = statement<never>(
  'test_transfer_postings',
  `INSERT INTO postings (account_id, seq, payment_id, amount, currency, balance_after, posted_at)
   VALUES ($2, 1, $1, -5, 'USD', 95, now()), ($3, 1, $1, 5, 'USD', 5, now())`,
);

test('payments that arrive between two pages move nobody to another page', async () => {
  const someone = await api.person();
  await api.database.query(insertMore, [someone.id, someone.accountId, 0, 40]);
  const seen: bigint[] = [];
  let arrived = 40;
  const pages = listAll(
    api.database,
    await queryOf({ limit: 3, filter: { status: 'FAILED' } }, someone),
  );
  for await (const rows of pages) {
    seen.push(...rows.map((row) => row.amount));
    await api.database.query(insertMore, [someone.id, someone.accountId, arrived, arrived + 5]);
    arrived += 5;
  }
  assert.deepEqual(
    seen,
    Array.from({ length: 40 }, (_, at) => BigInt(40 - at)),
  );
});

const insertMore = statement<never>(
  'test_more',
  `WITH p AS (
     INSERT INTO payments (id, user_id, account_id, kind, currency, amount, bank, answer_version,
                           idempotency_key, request_id, created_at)
     SELECT (lpad(to_hex(1800000000000 + n), 12, '0') || right($1::uuid::text, 12) || '00000000')::uuid,
            $1, $2, 'deposit', 'USD', n, 'test', 1, 'more-' || n, 'test', now()
       FROM generate_series($3::int + 1, $4::int) n
     RETURNING id)
   INSERT INTO payment_state (payment_id, status, error_code, updated_at)
   SELECT id, 'FAILED', 'TIMEOUT', now() FROM p`,
);

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly PlanNode[];
}

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];
const zeros = parseId<'payment'>('00000000-0000-0000-0000-000000000000');
const ones = parseId<'payment'>('ffffffff-ffff-ffff-ffff-ffffffffffff');

for (const name of ['accounts', 'everybody'] as const) {
  test(`a page of ${name} reads its window by index, sorts no more than that, and scans no table`, async () => {
    assert.ok(zeros !== null && ones !== null);
    const lookedMax = 100;
    const accountIds = name === 'accounts' ? [person.accountId, receiver.accountId] : null;
    const window = { accountIds, below: ones, floor: zeros, lookedMax };
    const { page } = listStatements[name];
    const values = [...valuesOf({ ...everything, ...window, status: 'SUCCESS' }), 21, 0];
    const text = `EXPLAIN (ANALYZE, FORMAT JSON) ${page.text}`;
    for (const isAnalyzed of [false, true]) {
      if (isAnalyzed)
        await api.database.query(statement<never>('test_analyze', 'ANALYZE payments'), []);
      const explain = statement<{ 'QUERY PLAN': readonly { Plan: PlanNode }[] }>(
        `test_explain_${name}_${isAnalyzed}`,
        text,
      );
      const [row] = await api.database.query(explain, values);
      const nodes = nodesOf(row?.['QUERY PLAN'][0]?.Plan ?? assert.fail('a plan'));
      assert.deepEqual(
        nodes.filter((node) => node['Node Type'] === 'Seq Scan'),
        [],
      );
      for (const node of nodes) {
        const rows = node['Actual Rows'] * node['Actual Loops'];
        assert.ok(rows <= lookedMax * 2, `${node['Node Type']} saw ${rows} rows`);
      }
      assert.ok(nodes.some((node) => node['Relation Name'] === 'payment_state'));
    }
  });
}

test('looking up a key reads an index, on a table of any size', async () => {
  for (const [at, text, value] of [
    [1, listStatements.keys.byBank.text, 'bank-2'],
    [2, listStatements.keys.byKey.text, '42'],
  ] as const) {
    const explain = statement<{ 'QUERY PLAN': readonly { Plan: PlanNode }[] }>(
      `test_explain_key_${at}`,
      `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
    );
    const [row] = await api.database.query(explain, at === 1 ? [value, 100] : [person.id, value]);
    const nodes = nodesOf(row?.['QUERY PLAN'][0]?.Plan ?? assert.fail('a plan'));
    assert.deepEqual(
      nodes.filter((node) => node['Node Type'] === 'Seq Scan'),
      [],
    );
    assert.ok(nodes.every((node) => node['Actual Rows'] <= 1));
  }
});
