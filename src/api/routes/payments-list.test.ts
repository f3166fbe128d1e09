import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type Person, type TestApi } from '../../../test/support/api.ts';
import { insertTestPayment } from '../../../test/support/api-payments.ts';
import { assertProblem, testGuards, testStatuses } from '../../../test/support/api-refusals.ts';
import { newUserId } from '../../ids.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const lists = [
  { name: 'deposits', shows: ['deposit'] },
  { name: 'withdrawals', shows: ['withdrawal'] },
  { name: 'transactions', shows: ['deposit', 'withdrawal'] },
] as const;

for (const { name, shows } of lists) {
  const list = (query = '') => ({ method: 'GET', url: `/api/v1/${name}${query}` }) as const;

  const idsOf = async (person: Person, query = ''): Promise<string[]> => {
    const response = await api.send(person, list(query));
    assert.equal(response.statusCode, 200, response.body);
    return response.json().items.map((item: { id: string }) => item.id);
  };

  /** Two of each kind; the ids of those that the list shows, newest first. */
  async function personWithFour(): Promise<{ person: Person; ids: string[] }> {
    const person = await api.person();
    const ids: string[] = [];
    for (const kind of ['deposit', 'withdrawal', 'withdrawal', 'deposit'] as const) {
      const id = await insertTestPayment(api.database, person, { kind });
      if (shows.some((shown) => shown === kind)) ids.unshift(id);
    }
    return { person, ids };
  }

  test(`${name}: the caller's, newest first, and nothing else`, async () => {
    await personWithFour();
    const { person, ids } = await personWithFour();
    const response = await api.send(person, list());
    assert.equal(response.statusCode, 200, response.body);
    const { items, ...page } = response.json();
    assert.deepEqual(
      items.map((item: { id: string }) => item.id),
      ids,
    );
    assert.deepEqual(page, { next_cursor: null, limit: 20 });
  });

  test(`${name}: an operator sees everybody's, page by page, or one user's`, async () => {
    const [first, second] = [await personWithFour(), await personWithFour()];
    const operator = await api.person('operator');
    const newest = [...second.ids, ...first.ids];
    const page = await api.send(operator, list('?limit=2'));
    const onward = page.json().next_cursor;
    const ids = [
      ...(await idsOf(operator, '?limit=2')),
      ...(await idsOf(operator, `?cursor=${onward}`)),
    ];
    assert.deepEqual(ids.slice(0, newest.length), newest);
    assert.deepEqual(await idsOf(operator, `?user_id=${first.person.id}`), first.ids);
    assert.deepEqual(await idsOf(operator, '?user_id=me'), []);
    assert.deepEqual(await idsOf(operator, `?user_id=${newUserId()}`), []);
  });

  test(`${name}: a customer may name only himself`, async () => {
    const { person, ids } = await personWithFour();
    assert.deepEqual(await idsOf(person, `?user_id=${person.id}`), ids);
    const other = await api.person();
    for (const id of [person.id, newUserId(), 'everybody']) {
      const response = await api.send(other, list(`?user_id=${id}`));
      assertProblem(response, { status: 404, code: 'user_not_found' });
    }
  });

  test(`${name}: the type is ${shows.length > 1 ? 'a filter' : 'the address, no filter'}`, async () => {
    const { person, ids } = await personWithFour();
    if (shows.length > 1) {
      assert.equal((await idsOf(person, '?type=deposit')).length, 2);
      assert.deepEqual(await idsOf(person), ids);
      const refused = await api.send(person, list('?type=payment'));
      assertProblem(refused, { status: 400, code: 'validation_failed' });
      return;
    }
    const response = await api.send(person, list('?type=deposit'));
    const problem = assertProblem(response, { status: 400, code: 'validation_failed' });
    const detail = 'is not a field of this request';
    assert.deepEqual(problem['errors'], [{ parameter: 'type', detail }]);
  });

  testGuards(
    () => api,
    () => list(),
    'RATE_LIMIT_TRANSACTIONS_PER_MINUTE',
  );
  testStatuses(() => api, `GET /api/v1/${name}`);
}
