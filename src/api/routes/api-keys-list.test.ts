import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type Person, type TestApi } from '../../../test/support/api.ts';
import { assertProblem, testGuards, testStatuses } from '../../../test/support/api-refusals.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const list = (query = '') => ({ method: 'GET', url: `/api/v1/api-keys${query}` }) as const;

async function namesOf(person: Person, query: string): Promise<[string[], string | null]> {
  const response = await api.send(person, list(query));
  assert.equal(response.statusCode, 200, response.body);
  const { items, next_cursor } = response.json();
  return [items.map((item: { id: string }) => item.id), next_cursor];
}

test('a list has the keys of the caller, newest first, page by page, and nobody else’s', async () => {
  const [person, other] = [await api.person(), await api.person()];
  for (let at = 0; at < 3; at += 1) await api.keyOf(person, ['read']);
  await api.keyOf(other, ['read']);
  const [all, end] = await namesOf(person, '');
  assert.equal(end, null);
  assert.deepEqual(all, all.toSorted().toReversed());
  const [first, cursor] = await namesOf(person, '?limit=2');
  const [second, last] = await namesOf(person, `?limit=2&cursor=${cursor}`);
  assert.deepEqual([...first, ...second], all);
  assert.deepEqual([all.length, last], [3, null]);
});

for (const query of ['?limit=0', '?limit=101', '?cursor=x', '?owner=me']) {
  test(`${query} is refused`, async () => {
    const response = await api.send(await api.person(), list(query));
    assertProblem(response, { status: 400, code: 'validation_failed' });
  });
}

testGuards(
  () => api,
  () => list(),
  'RATE_LIMIT_GLOBAL_PER_MINUTE',
);
testStatuses(() => api, 'GET /api/v1/api-keys');
