import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type Person, type TestApi } from '../../../test/support/api.ts';
import { assertProblem, testGuards, testStatuses } from '../../../test/support/api-refusals.ts';
import { writeEvents } from '../../../test/support/feed-events.ts';
import { until } from '../../../test/support/wait.ts';
import type { EventBody } from '../../feed/event.ts';
import { newUserId } from '../../ids.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

interface Page {
  readonly items: readonly EventBody[];
  readonly next_cursor: string;
  readonly has_more: boolean;
  readonly limit: number;
}

const list = (query = '') => ({ method: 'GET', url: `/api/v1/events${query}` }) as const;

async function read(person: Person, query = ''): Promise<Page> {
  const response = await api.send(person, list(query));
  assert.equal(response.statusCode, 200, response.body);
  return response.json();
}

/** Another test's transaction may hold up the feed for a moment. */
const readSome = (person: Person, query: string, count: number): Promise<Page> =>
  until(
    async () => {
      const page = await read(person, query);
      return page.items.length >= count ? page : null;
    },
    { what: `${count} events` },
  );

test('a reader sees what is his, with what changed, and reads on behind it', async () => {
  const person = await api.person();
  const data = { status: 'SUCCESS', bank_transaction_id: 'BT1' };
  const [id] = await writeEvents(api.database, person.id, { type: 'deposit.succeeded', data });
  await writeEvents(api.database, (await api.person()).id);
  const page = await readSome(person, '', 1);
  assert.equal(page.items.length, 1);
  const [event] = page.items;
  assert.deepEqual(
    { ...event, id: '', timestamp: '' },
    {
      id: '',
      type: 'deposit.succeeded',
      timestamp: '',
      transaction_id: id,
      version: 1,
      user_id: person.id,
      data,
    },
  );
  assert.deepEqual([page.has_more, page.limit], [false, 20]);
  assert.deepEqual((await read(person, `?cursor=${page.next_cursor}`)).items, []);
  assert.deepEqual((await read(person, `?cursor=${event?.id}`)).items, []);
  await writeEvents(api.database, person.id, { type: 'withdrawal.created' });
  const onward = await readSome(person, `?cursor=${page.next_cursor}`, 1);
  assert.equal(onward.items[0]?.type, 'withdrawal.created');
});

test('filters by type, family and transaction, and pages through what passes', async () => {
  const person = await api.person();
  const [id] = await writeEvents(api.database, person.id);
  await writeEvents(api.database, person.id, { type: 'withdrawal.failed' });
  await writeEvents(api.database, person.id, { type: 'deposit.review' });
  const types = async (query: string, count: number): Promise<string[]> =>
    (await readSome(person, query, count)).items.map((item) => item.type);
  assert.deepEqual(await types('?type=deposit.*', 2), ['deposit.created', 'deposit.review']);
  assert.deepEqual(await types('?type=deposit.review,withdrawal.*', 2), [
    'withdrawal.failed',
    'deposit.review',
  ]);
  assert.deepEqual(await types(`?transaction_id=${id}`, 1), ['deposit.created']);
  const first = await readSome(person, '?limit=1', 1);
  assert.equal(first.has_more, true);
  assert.deepEqual(await types(`?limit=2&cursor=${first.next_cursor}`, 2), [
    'withdrawal.failed',
    'deposit.review',
  ]);
});

test('`latest` begins now', async () => {
  const person = await api.person();
  await writeEvents(api.database, person.id);
  await readSome(person, '', 1);
  const now = await read(person, '?cursor=latest');
  assert.deepEqual(now.items, []);
  await writeEvents(api.database, person.id, { type: 'deposit.review' });
  const onward = await readSome(person, `?cursor=${now.next_cursor}`, 1);
  assert.deepEqual(
    onward.items.map((item) => item.type),
    ['deposit.review'],
  );
});

test('an operator sees everybody, or one; a customer nobody else', async () => {
  const [one, other] = [await api.person(), await api.person()];
  const operator = await api.person('operator');
  const { next_cursor: start } = await read(operator, '?cursor=latest');
  await writeEvents(api.database, one.id);
  await writeEvents(api.database, other.id);
  const all = await readSome(operator, `?cursor=${start}`, 2);
  assert.deepEqual(new Set(all.items.map((item) => item.user_id)), new Set([one.id, other.id]));
  const theirs = await readSome(operator, `?cursor=${start}&user_id=${one.id}`, 1);
  assert(theirs.items.every((item) => item.user_id === one.id));
  const [id] = await writeEvents(api.database, other.id);
  await readSome(other, `?transaction_id=${id}`, 1);
  assert.deepEqual((await read(one, `?transaction_id=${id}`)).items, []);
  for (const userId of [other.id, newUserId(), 'nobody'])
    assertProblem(await api.send(one, list(`?user_id=${userId}`)), {
      status: 404,
      code: 'user_not_found',
    });
});

test('a cursor past what is on offer is gone, and so is one of other books', async (t) => {
  const own = await openTestApi();
  t.after(own.close);
  const person = await own.person();
  await writeEvents(own.database, person.id, { ageMs: 31 * 86_400_000 });
  assertProblem(await own.send(person, list('?cursor=1-1-1')), {
    status: 410,
    code: 'cursor_gone',
  });
  const onOffer = await own.send(person, list());
  assert.deepEqual([onOffer.statusCode, onOffer.json().items], [200, []]);
  const other = await api.send(await api.person(), list('?cursor=77-1-1'));
  assertProblem(other, { status: 410, code: 'cursor_gone' });
});

for (const query of [
  '?cursor=nonsense',
  '?cursor=1-2',
  '?limit=0',
  '?limit=101',
  '?type=nothing',
  '?type=',
  '?transaction_id=1',
  '?unknown=1',
])
  test(`${query} is refused`, async () => {
    assertProblem(await api.send(await api.person(), list(query)), {
      status: 400,
      code: 'validation_failed',
    });
  });

testGuards(
  () => api,
  () => list(),
  'RATE_LIMIT_GLOBAL_PER_MINUTE',
);
testStatuses(() => api, 'GET /api/v1/events');
