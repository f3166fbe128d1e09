import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Call, openTestApi, type Person, type TestApi } from '../../../test/support/api.ts';
import { assertProblem, testGuards, testStatuses } from '../../../test/support/api-refusals.ts';
import { type Statement, statement, type Value } from '../../db/database.ts';
import { newPaymentId } from '../../ids.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const base = '/api/v1/webhooks/deliveries';
const nobodys = 'msg_01890a5dac96774bbcceb302099a8057';
const list = (query = ''): Call => ({ method: 'GET', url: `${base}${query}` });
const get = (id: string): Call => ({ method: 'GET', url: `${base}/${id}` });
const replay = (id: string): Call => ({ method: 'POST', url: `${base}/${id}/replay` });

const eventInsert = statement(
  'test_event',
  `INSERT INTO events (payment_id, version, user_id, type, data, created_at, epoch)
   VALUES ($1, $2, $3, $4, '{}', $5, 1)`,
);
const end = statement(
  'test_delivery_end',
  `UPDATE webhook_deliveries SET state = $2, due_at = NULL, ended_at = now(), failures = 10
    WHERE endpoint_id = $1`,
);
const standsOf: Statement<{ id: string; state: string; failures: number; due: boolean }> =
  statement(
    'test_delivery_stands',
    `SELECT id, state, failures, due_at <= clock_timestamp() AS due FROM webhook_deliveries
      WHERE endpoint_id = $1 ORDER BY id`,
  );
const attemptInsert = statement(
  'test_attempt',
  `INSERT INTO webhook_attempts (delivery_id, fence, worker, started_at, latency_ms, status, error,
                                 answer)
   SELECT id, $2, id, now(), 12, 500, 'status', 'oh no' FROM webhook_deliveries
    WHERE endpoint_id = $1`,
);
const run = (asked: Statement<unknown>, values: readonly Value[]) =>
  api.database.query(asked, values);

async function endpointOf(person: Person): Promise<string> {
  const body = { url: 'https://example.com/hook' };
  const response = await api.send(person, {
    method: 'POST',
    url: '/api/v1/webhooks/endpoints',
    body,
  });
  return response.json().id;
}

/** A payment's events, a second apart, as accept and settle write them. */
async function happen(person: Person, at: string, types: readonly string[]): Promise<string> {
  const paymentId = newPaymentId();
  for (const [index, type] of types.entries()) {
    const moment = new Date(Date.parse(at) + index * 1000);
    await run(eventInsert, [paymentId, index + 1, person.id, type, moment]);
  }
  return paymentId;
}

async function idsOf(person: Person, query = ''): Promise<string[]> {
  const response = await api.send(person, list(query));
  assert.equal(response.statusCode, 200, response.body);
  return response.json().items.map(({ id }: { id: string }) => id);
}

const whole = ['deposit.created', 'deposit.processing', 'deposit.succeeded'];

describe('listing', () => {
  test('the log has what happened to the caller, newest first, by every filter, page by page', async () => {
    const [person, other] = [await api.person(), await api.person()];
    const [first, second] = [await endpointOf(person), await endpointOf(person)];
    await endpointOf(other);
    const paymentId = await happen(person, '2026-01-01T00:00:00Z', whole);
    await happen(person, '2026-01-02T00:00:00Z', ['withdrawal.created']);
    await happen(other, '2026-01-01T00:00:00Z', whole);
    await run(end, [second, 'failed']);
    const response = await api.send(person, list());
    const items: Record<string, unknown>[] = response.json().items;
    assert.deepEqual(
      items.map(({ event_type, version }) => `${String(event_type)} ${String(version)}`),
      [
        'withdrawal.created 1',
        'withdrawal.created 1',
        'deposit.succeeded 3',
        'deposit.succeeded 3',
        'deposit.created 1',
        'deposit.created 1',
      ],
    );
    const { id, endpoint_id, transaction_id, ...rest } = items.at(-1) ?? {};
    assert.match(String(id), /^msg_[0-9a-f]{32}$/);
    assert([first, second].includes(String(endpoint_id)));
    assert.equal(transaction_id, paymentId);
    assert.equal(rest['occurred_at'], '2026-01-01T00:00:00.000Z');
    assert.equal(rest['attempts'], 0);
    const all = await idsOf(person);
    assert.equal((await idsOf(person, `?endpoint_id=${first}`)).length, 3);
    assert.equal((await idsOf(person, `?transaction_id=${paymentId}`)).length, 4);
    const both = `?transaction_id=${paymentId}&endpoint_id=${second}&status=failed`;
    assert.equal((await idsOf(person, both)).length, 2);
    assert.equal((await idsOf(person, '?status=delivered')).length, 0);
    assert.equal((await idsOf(other, `?transaction_id=${paymentId}`)).length, 0);
    const page = (await api.send(person, list('?limit=4'))).json();
    const rest4 = (await api.send(person, list(`?limit=4&cursor=${page.next_cursor}`))).json();
    const paged = [...page.items, ...rest4.items].map((item: { id: string }) => item.id);
    assert.deepEqual(paged, all);
    assert.equal(rest4.next_cursor, null);
  });

  for (const query of ['?limit=0', '?cursor=x', '?endpoint_id=x', '?transaction_id=x', '?status=x'])
    test(`${query} is refused`, async () => {
      const response = await api.send(await api.person(), list(query));
      assertProblem(response, { status: 400, code: 'validation_failed' });
    });

  testGuards(
    () => api,
    () => list(),
    'RATE_LIMIT_GLOBAL_PER_MINUTE',
  );
  testStatuses(() => api, `GET ${base}`);
});

describe('reading', () => {
  test('a delivery has its attempts, newest first, with what was answered', async () => {
    const person = await api.person();
    const endpoint = await endpointOf(person);
    await happen(person, '2026-01-01T00:00:00Z', ['deposit.created']);
    for (const fence of [1, 2]) await run(attemptInsert, [endpoint, fence]);
    const [id] = await idsOf(person);
    const response = await api.send(person, get(String(id)));
    assert.equal(response.statusCode, 200, response.body);
    const { attempts, log } = response.json();
    assert.equal(attempts, 2);
    const { started_at, ...attempt } = log[0];
    assert.match(started_at, /Z$/);
    assert.deepEqual(attempt, {
      latency_ms: 12,
      http_status: 500,
      error: 'status',
      answer: 'oh no',
    });
    const stranger = await api.person('admin');
    for (const asked of [String(id), nobodys, 'none'])
      assertProblem(await api.send(stranger, get(asked)), {
        status: 404,
        code: 'webhook_delivery_not_found',
      });
  });
  testGuards(
    () => api,
    () => get(nobodys),
    'RATE_LIMIT_GLOBAL_PER_MINUTE',
  );
  testStatuses(() => api, `GET ${base}/:id`);
});

describe('replaying one', () => {
  test('H6 a replay is the same delivery, due at once; twice is once', async () => {
    const person = await api.person();
    const endpoint = await endpointOf(person);
    await happen(person, '2026-01-01T00:00:00Z', ['deposit.created']);
    await run(end, [endpoint, 'failed']);
    const [id] = await idsOf(person);
    for (let time = 0; time < 2; time += 1) {
      const response = await api.send(person, replay(String(id)));
      assert.deepEqual([response.statusCode, response.json()], [202, { delivery_id: id }]);
    }
    const stands = await api.database.query(standsOf, [endpoint]);
    assert.deepEqual(
      stands.map(({ state, failures, due }) => [state, failures, due]),
      [['pending', 0, true]],
    );
    const stranger = await api.person('admin');
    assertProblem(await api.send(stranger, replay(String(id))), {
      status: 404,
      code: 'webhook_delivery_not_found',
    });
    const disabled = { method: 'PATCH', body: { enabled: false } } as const;
    await api.send(person, { ...disabled, url: `/api/v1/webhooks/endpoints/${endpoint}` });
    assertProblem(await api.send(person, replay(String(id))), {
      status: 409,
      code: 'webhook_endpoint_disabled',
    });
  });
  testGuards(
    () => api,
    () => replay(nobodys),
    'RATE_LIMIT_GLOBAL_PER_MINUTE',
  );
  testStatuses(() => api, `POST ${base}/:id/replay`);
});

test('H6 a range brings back what did not arrive, or all of it, by the time of the events', async () => {
  const person = await api.person();
  const endpoint = await endpointOf(person);
  for (const day of ['01', '02', '03'])
    await happen(person, `2026-01-${day}T00:00:00Z`, ['deposit.created']);
  const ask = async (body: object): Promise<unknown> => {
    const url = `/api/v1/webhooks/endpoints/${endpoint}/replay`;
    const response = await api.send(person, { method: 'POST', url, body });
    assert.equal(response.statusCode, 202, response.body);
    return response.json();
  };
  const due = async () =>
    (await api.database.query(standsOf, [endpoint])).map(({ state }) => state === 'pending');
  await run(end, [endpoint, 'failed']);
  const day2 = { since: '2026-01-02T00:00:00Z', until: '2026-01-03T00:00:00Z' };
  assert.deepEqual(await ask(day2), { replayed: 1, next_cursor: null });
  assert.deepEqual(await due(), [false, true, false]);
  assert.deepEqual(await ask(day2), { replayed: 0, next_cursor: null });
  await run(end, [endpoint, 'delivered']);
  const since = { since: '2026-01-01T00:00:00Z' };
  assert.deepEqual(await ask(since), { replayed: 0, next_cursor: null });
  assert.deepEqual(await ask({ ...since, include_delivered: true }), {
    replayed: 3,
    next_cursor: null,
  });
  assert.deepEqual(await due(), [true, true, true]);
});
