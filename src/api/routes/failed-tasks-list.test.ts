import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../../../test/support/api.ts';
import { assertProblem, testGuards, testStatuses } from '../../../test/support/api-refusals.ts';
import { insertTestPoison, insertTestTask } from '../../../test/support/failed-tasks.ts';
import type { FailedTaskBody } from '../failed-task-body.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

interface Page {
  readonly items: readonly FailedTaskBody[];
  readonly next_cursor: string | null;
  readonly limit: number;
}

const list = (query = '') => ({ method: 'GET', url: `/api/v1/failed-tasks${query}` }) as const;

async function read(query: string): Promise<Page> {
  const response = await api.send(await api.person('operator'), list(query));
  assert.equal(response.statusCode, 200, response.body);
  return response.json();
}

test('an operator sees every failed task once, newest first, by filters and pages', async () => {
  const owner = await api.person();
  const review = await insertTestTask(api.database, owner);
  const dead = await insertTestTask(api.database, owner, {
    status: 'FAILED',
    reason: 'BANK_UNAVAILABLE',
  });
  const poison = await insertTestPoison(api.database, 'message:1');
  const first = await read('?limit=2');
  assert.equal(first.limit, 2);
  const second = await read(`?limit=2&cursor=${first.next_cursor}`);
  assert.equal(second.next_cursor, null);
  const items = [...first.items, ...second.items];
  assert.deepEqual(
    items.map((item) => [item.id, item.payment_id, item.subject, item.payment_status]),
    [
      [poison, null, 'message:1', null],
      [dead.task, dead.payment, null, 'FAILED'],
      [review.task, review.payment, null, 'PENDING_REVIEW'],
    ],
  );
  const [item] = items;
  assert.deepEqual([item?.state, item?.times, item?.closed_by], ['open', 1, null]);
  for (const [query, ids] of [
    ['?reason=REVIEW', [review.task]],
    [`?payment_id=${dead.payment}`, [dead.task]],
    ['?state=closed', []],
    ['?state=open&limit=1', [poison]],
  ] as const)
    assert.deepEqual(
      (await read(query)).items.map(({ id }) => id),
      ids,
      query,
    );
});

test('a customer is forbidden', async () => {
  assertProblem(await api.send(await api.person(), list()), { status: 403, code: 'forbidden' });
});

for (const query of [
  '?cursor=nonsense',
  `?cursor=${Buffer.alloc(24, 0xff).toString('base64url')}`,
  `?cursor=${Buffer.alloc(24, 0x7f).toString('base64url')}`,
  '?limit=0',
  '?limit=101',
  '?state=other',
  '?reason=lower',
  '?payment_id=1',
  '?unknown=1',
])
  test(`${query} is refused`, async () => {
    const response = await api.send(await api.person('operator'), list(query));
    assertProblem(response, { status: 400, code: 'validation_failed' });
  });

testGuards(
  () => api,
  () => list(),
  'RATE_LIMIT_GLOBAL_PER_MINUTE',
  'operator',
);
testStatuses(() => api, 'GET /api/v1/failed-tasks');
