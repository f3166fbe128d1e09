import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../../../test/support/api.ts';
import { assertProblem, testGuards, testStatuses } from '../../../test/support/api-refusals.ts';
import { actors, appendAuditLog } from '../../audit-log/append.ts';
import { newUserId } from '../../ids.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const list = (query = '') => ({ method: 'GET', url: `/api/v1/audit-log${query}` }) as const;

test('an operator reads who did what, newest first, by filters and pages', async () => {
  const actor = actors.user(newUserId());
  const entry = (nth: number) => ({
    actor,
    action: nth === 2 ? 'test.two' : 'test.other',
    subject: `test:${nth}`,
    before: null,
    after: { nth },
    reason: 'because',
    requestId: null,
  });
  await api.database.transaction((tx) => appendAuditLog(tx, [entry(1), entry(2), entry(3)]));
  const operator = await api.person('operator');
  const read = async (query: string) => {
    const response = await api.send(operator, list(query));
    assert.equal(response.statusCode, 200, response.body);
    return response.json();
  };
  const first = await read(`?actor=${actor}&limit=2`);
  assert.deepEqual(
    first.items.map((item: { after: object }) => item.after),
    [{ nth: 3 }, { nth: 2 }],
  );
  assert.match(first.items[0].hash, /^[0-9a-f]{64}$/);
  assert.equal(first.items[0].before, null);
  const second = await read(`?actor=${actor}&limit=2&cursor=${first.next_cursor}`);
  assert.deepEqual([second.items.length, second.next_cursor], [1, null]);
  for (const query of ['?action=test.two', '?subject=test:2', `?actor=${actor}&subject=test:2`])
    assert.deepEqual(
      (await read(query)).items.map((item: { subject: string }) => item.subject),
      ['test:2'],
    );
});

test('a customer is forbidden', async () => {
  assertProblem(await api.send(await api.person(), list()), { status: 403, code: 'forbidden' });
});

for (const query of ['?cursor=nonsense', '?limit=0', '?actor=%00', '?actor=', '?unknown=1'])
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
testStatuses(() => api, 'GET /api/v1/audit-log');
