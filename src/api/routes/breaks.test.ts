import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../../../test/support/api.ts';
import { insertTestPayment } from '../../../test/support/api-payments.ts';
import {
  assertProblem,
  testBodies,
  testGuards,
  testStatuses,
} from '../../../test/support/api-refusals.ts';
import { usd } from '../../../test/support/books.ts';
import { insertTestTask } from '../../../test/support/failed-tasks.ts';
import { actors } from '../../audit-log/append.ts';
import { readNow } from '../../db/database.ts';
import { type BreakId, newBreakId, newUserId, newUuid, type PaymentId } from '../../ids.ts';
import { recordBreaks } from '../../ledger/breaks-store.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

/** The bank moved 1.00 less than was booked of this payment, or 1.00 for nobody. */
async function found(paymentId: PaymentId | null = null, bankMinor = 900n): Promise<BreakId> {
  const id = newBreakId();
  await api.database.transaction(async (tx) =>
    recordBreaks(
      tx,
      [
        {
          id,
          kind: 'amount_differs',
          source: 'statement',
          fingerprint: newUuid(),
          bank: 'test',
          paymentId,
          bankReference: 'reference',
          bankTransactionId: 'bank-1',
          currency: usd,
          bankAmountMinor: paymentId === null ? 100n : bankMinor,
          bookedAmountMinor: paymentId === null ? 0n : 1_000n,
          detail: 'seeded',
          runId: null,
        },
      ],
      await readNow(tx),
    ),
  );
  return id;
}

const path = '/api/v1/breaks';
const decide = (id: string, body: unknown = { resolution: 'correct', reason: 'a receipt' }) =>
  ({ method: 'POST', url: `${path}/${id}/resolve`, body }) as const;

test('an operator corrects a break with a reason, once', async () => {
  const operator = await api.person('operator');
  const id = await found();
  const response = await api.send(operator, decide(id));
  assert.equal(response.statusCode, 200, response.body);
  const body = response.json();
  assert.deepEqual(
    [body.state, body.resolution, body.resolution_reason, body.resolved_by, body.bank_amount],
    ['resolved', 'corrected', 'a receipt', actors.user(operator.id), '1.00'],
  );
  assert.match(body.correction_id, /^[0-9a-f-]{36}$/);
  const again = await api.send(operator, decide(id, { resolution: 'accept', reason: 'mine' }));
  const problem = assertProblem(again, { status: 409, code: 'break_resolved' });
  assert.equal(problem['resolution'], 'corrected');
});

test('a break on an unfinished payment waits for its end', async () => {
  const { payment } = await insertTestTask(api.database, await api.person());
  const response = await api.send(await api.person('operator'), decide(await found(payment)));
  const problem = assertProblem(response, { status: 409, code: 'payment_not_final' });
  assert.equal(problem['payment_id'], payment);
});

test('an older word of the bank is not corrected while a newer one is open', async () => {
  const payment = await insertTestPayment(api.database, await api.person(), { status: 'SUCCESS' });
  const older = await found(payment, 900n);
  await found(payment, 1_100n);
  const response = await api.send(await api.person('operator'), decide(older));
  assertProblem(response, { status: 409, code: 'break_superseded' });
});

for (const id of [newUserId(), 'nonsense'])
  test(`a break that is not there (${id === 'nonsense' ? id : 'an id'}) is not found`, async () => {
    const response = await api.send(await api.person('operator'), decide(id));
    assertProblem(response, { status: 404, code: 'break_not_found' });
  });

for (const body of [
  {},
  { resolution: 'correct' },
  { resolution: 'delete', reason: 'x' },
  { resolution: 'accept', reason: ' ' },
])
  test(`${JSON.stringify(body)} is refused`, async () => {
    const response = await api.send(await api.person('operator'), decide(newUserId(), body));
    assertProblem(response, { status: 400, code: 'validation_failed' });
  });

test('breaks are listed newest first, by state, kind, payment and page', async () => {
  const operator = await api.person('operator');
  const payment = await insertTestPayment(api.database, await api.person(), { status: 'SUCCESS' });
  const id = await found(payment);
  const list = async (query: string): Promise<{ items: { id: string }[]; next_cursor: string }> => {
    const response = await api.send(operator, { method: 'GET', url: `${path}?${query}` });
    assert.equal(response.statusCode, 200, response.body);
    return response.json();
  };
  const ids = async (query: string) => (await list(query)).items.map((item) => item.id);
  assert.deepEqual(await ids(`payment=${payment}`), [id]);
  assert.deepEqual(await ids(`payment=${payment}&state=resolved`), []);
  assert.deepEqual(await ids(`payment=${payment}&kind=duplicate`), []);
  assert.deepEqual(await ids(`payment=${payment}&run=${newUserId()}`), []);
  const first = await list('limit=1&state=open');
  assert.equal(first.items[0]?.id, id);
  assert.ok(!(await ids(`limit=100&cursor=${first.next_cursor}`)).includes(id));
});

for (const query of ['state=maybe', 'kind=odd', 'payment=1', 'cursor=x', 'limit=0', 'other=1'])
  test(`a list with ${query} is refused`, async () => {
    const response = await api.send(await api.person('operator'), {
      method: 'GET',
      url: `${path}?${query}`,
    });
    assertProblem(response, { status: 400, code: 'validation_failed' });
  });

test('a customer is forbidden', async () => {
  const person = await api.person();
  for (const call of [decide(await found()), { method: 'GET', url: path } as const])
    assertProblem(await api.send(person, call), { status: 403, code: 'forbidden' });
});

const limit = 'RATE_LIMIT_GLOBAL_PER_MINUTE';
const nothing = () => decide(newUserId());
testGuards(() => api, nothing, limit, 'operator');
testGuards(
  () => api,
  () => ({ method: 'GET', url: path }),
  limit,
  'operator',
);
testBodies(() => api, nothing, 'operator');
testStatuses(() => api, 'POST /api/v1/breaks/:id/resolve');
testStatuses(() => api, 'GET /api/v1/breaks');
