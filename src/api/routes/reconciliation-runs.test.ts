import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type Person, type TestApi } from '../../../test/support/api.ts';
import { assertProblem, testGuards, testStatuses } from '../../../test/support/api-refusals.ts';
import { lineOf } from '../../../test/support/reconciled-books.ts';
import { camt053Of, csvOf } from '../../../test/support/statements.ts';
import { actors } from '../../audit-log/append.ts';
import { statement } from '../../db/database.ts';
import { newPaymentId, newUserId } from '../../ids.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi({ RECONCILIATION_STATEMENT_MAX_MB: '1' });
});
after(() => api.close());

const path = '/api/v1/reconciliation/runs';
const some = (count = 1) => csvOf(Array.from({ length: count }, () => lineOf(newPaymentId())));
const send = (person: Person, body: string, type = 'text/csv', query = '') =>
  api.send(person, {
    method: 'POST',
    url: path + query,
    body,
    headers: { 'content-type': type },
  });

for (const [type, text] of [
  ['text/csv; charset=utf-8', some(2)],
  ['application/xml', camt053Of([lineOf(newPaymentId()), lineOf(newPaymentId())])],
] as const)
  test(`an operator's statement (${type}) is a run; the same file is the same run`, async () => {
    const operator = await api.person('operator');
    const response = await send(operator, text, type);
    assert.equal(response.statusCode, 201, response.body);
    const run = response.json();
    assert.equal(run.state, 'complete');
    assert.equal(run.lines, 2);
    assert.equal(run.imported_by, actors.user(operator.id));
    assert.deepEqual(run.results, {
      matched: 0,
      missing_in_bank: 0,
      missing_in_books: 2,
      amount_differs: 0,
      duplicate: 0,
    });
    assert.equal(response.headers['location'], `${path}/${run.id}`);
    const again = await send(operator, text, type);
    assert.equal(again.statusCode, 200);
    assert.deepEqual(again.json(), run);
    const read = await api.send(operator, { method: 'GET', url: `${path}/${run.id}` });
    assert.deepEqual(read.json(), { ...run, breaks: { found: 2, open: 2 } });
    const list = await api.send(operator, { method: 'GET', url: `/api/v1/breaks?run=${run.id}` });
    assert.equal(list.json().items.length, 2);
  });

test('a statement that names no day is of the day that was said', async () => {
  const text = csvOf([]);
  const operator = await api.person('operator');
  const refused = await send(operator, text);
  const problem = assertProblem(refused, { status: 400, code: 'statement_malformed' });
  assert.match(JSON.stringify(problem['errors']), /say which day it is of/);
  const response = await send(operator, text, 'text/csv', '?date=2026-01-31');
  assert.equal(response.statusCode, 201, response.body);
  assert.equal(response.json().period_from, '2026-01-31T00:00:00.000Z');
  assert.equal(response.json().period_to, '2026-02-01T00:00:00.000Z');
  for (const date of ['2026-02-30', 'today'])
    assertProblem(await send(operator, text, 'text/csv', `?date=${date}`), {
      status: 400,
      code: 'validation_failed',
    });
});

test('a malformed statement is refused, with its lines, and nothing of it is kept', async () => {
  const operator = await api.person('operator');
  const text = some(3).replace('USD', 'ABC');
  const response = await send(operator, text);
  const problem = assertProblem(response, { status: 400, code: 'statement_malformed' });
  assert.deepEqual(problem['errors'], [{ line: 2, detail: 'currency "ABC" is not ISO 4217' }]);
  assertProblem(await send(operator, ''), { status: 400, code: 'statement_malformed' });
});

test('a statement that is too large is refused while it comes', async () => {
  const response = await send(await api.person('operator'), some(10_000));
  const problem = assertProblem(response, { status: 413, code: 'statement_too_large' });
  assert.match(String(problem['detail']), /1 MB/);
});

test('a body of another type is refused, and other routes refuse statements', async () => {
  const operator = await api.person('operator');
  for (const type of ['application/json', 'application/octet-stream']) {
    const refused = await send(operator, '{}', type);
    const problem = assertProblem(refused, { status: 415, code: 'unsupported_media_type' });
    assert.match(String(problem['detail']), /text\/csv or application\/xml/);
  }
  const elsewhere = await api.send(operator, {
    method: 'POST',
    url: '/api/v1/auth/login',
    body: some(),
    headers: { 'content-type': 'text/csv' },
  });
  assertProblem(elsewhere, { status: 415, code: 'unsupported_media_type' });
});

const running = statement<never>(
  'test_run_running',
  `INSERT INTO bank_statements (id, bank, format, digest, period_from, period_to, line_count,
                                imported_by, started_at, state, worker, lease_until)
   VALUES ('00000000-0000-7000-8000-000000000001', 'simulator', 'csv', sha256('x'), now() - interval '1 h', now(), 1,
           'cli:test', now(), 'running', gen_random_uuid(), now() + interval '1 min')`,
);
const ended = statement<never>(
  'test_run_ended',
  `UPDATE bank_statements SET lease_until = now() - interval '1 s' WHERE state = 'running'`,
);

test('while another statement is at work it is refused, and may come again', async () => {
  const operator = await api.person('operator');
  await api.database.query(running, []);
  const text = some();
  const response = await send(operator, text);
  assertProblem(response, { status: 409, code: 'reconciliation_running' });
  assert.equal(response.headers['retry-after'], '60');
  await api.database.query(ended, []);
  assert.equal((await send(operator, text)).statusCode, 201);
});

test('runs are listed newest first, in pages', async () => {
  const operator = await api.person('operator');
  const newest = (await send(operator, some())).json().id;
  const first = await api.send(operator, { method: 'GET', url: `${path}?limit=1` });
  assert.equal(first.statusCode, 200, first.body);
  const { items, next_cursor } = first.json();
  assert.deepEqual([items.length, items[0].id], [1, newest]);
  const second = await api.send(operator, {
    method: 'GET',
    url: `${path}?limit=1&cursor=${next_cursor}`,
  });
  assert.notEqual(second.json().items[0].id, newest);
  const wrong = await api.send(operator, { method: 'GET', url: `${path}?cursor=x` });
  assertProblem(wrong, { status: 400, code: 'validation_failed' });
});

for (const id of [newUserId(), 'nonsense'])
  test(`a run that is not there (${id === 'nonsense' ? id : 'an id'}) is not found`, async () => {
    const response = await api.send(await api.person('operator'), {
      method: 'GET',
      url: `${path}/${id}`,
    });
    assertProblem(response, { status: 404, code: 'reconciliation_run_not_found' });
  });

test('a customer is forbidden', async () => {
  const person = await api.person();
  assertProblem(await send(person, some()), { status: 403, code: 'forbidden' });
  for (const url of [path, `${path}/${newUserId()}`])
    assertProblem(await api.send(person, { method: 'GET', url }), {
      status: 403,
      code: 'forbidden',
    });
});

const limit = 'RATE_LIMIT_GLOBAL_PER_MINUTE';
const post = () =>
  ({ method: 'POST', url: path, body: some(), headers: { 'content-type': 'text/csv' } }) as const;
testGuards(() => api, post, limit, 'operator');
testGuards(
  () => api,
  () => ({ method: 'GET', url: path }),
  limit,
  'operator',
);
testGuards(
  () => api,
  () => ({ method: 'GET', url: `${path}/${newUserId()}` }),
  limit,
  'operator',
);
testStatuses(() => api, 'POST /api/v1/reconciliation/runs');
testStatuses(() => api, 'GET /api/v1/reconciliation/runs');
testStatuses(() => api, 'GET /api/v1/reconciliation/runs/:id');
