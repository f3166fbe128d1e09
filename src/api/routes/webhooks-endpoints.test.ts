import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Call, openTestApi, type Person, type TestApi } from '../../../test/support/api.ts';
import {
  assertProblem,
  testBodies,
  testGuards,
  testStatuses,
} from '../../../test/support/api-refusals.ts';
import { statement } from '../../db/database.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const base = '/api/v1/webhooks/endpoints';
const url = 'https://example.com/hook';
const nobodys = '01890a5d-ac96-774b-bcce-b302099a8057';
const create = (change: object = {}): Call => ({
  method: 'POST',
  url: base,
  body: { url, ...change },
});
const get = (id: string): Call => ({ method: 'GET', url: `${base}/${id}` });
const change = (id: string, body: object): Call => ({
  method: 'PATCH',
  url: `${base}/${id}`,
  body,
});
const remove = (id: string): Call => ({ method: 'DELETE', url: `${base}/${id}` });
const rotate = (id: string, body: object = {}): Call => ({
  method: 'POST',
  url: `${base}/${id}/rotate`,
  body,
});
const ping = (id: string): Call => ({ method: 'POST', url: `${base}/${id}/test` });
const replay = (id: string, body: object = { since: '2026-01-01T00:00:00Z' }): Call => ({
  method: 'POST',
  url: `${base}/${id}/replay`,
  body,
});

async function endpointOf(person: Person, wish: object = {}): Promise<Record<string, string>> {
  const response = await api.send(person, create(wish));
  assert.equal(response.statusCode, 201, response.body);
  return response.json();
}

async function idOf(person: Person): Promise<string> {
  return String((await endpointOf(person))['id']);
}

/** Every route that names an endpoint answers the same for one that is not the caller's. */
async function assertOthersNotFound(call: (id: string) => Call): Promise<void> {
  const [owner, other] = [await api.person(), await api.person('admin')];
  const id = await idOf(owner);
  for (const asked of [id, nobodys, 'none'])
    assertProblem(await api.send(other, call(asked)), {
      status: 404,
      code: 'webhook_endpoint_not_found',
    });
}

describe('creating', () => {
  test('an endpoint is shown with its secret once, and the secret stands nowhere in clear', async () => {
    const person = await api.person();
    const wish = { description: 'ledger', event_types: ['deposit.*', 'withdrawal.failed'] };
    const { id, secret, ...made } = await endpointOf(person, wish);
    assert.match(String(secret), /^whsec_[A-Za-z0-9+/]{43}=$/);
    assert.deepEqual(made['event_types'], [
      'deposit.created',
      'deposit.succeeded',
      'deposit.failed',
      'deposit.review',
      'withdrawal.failed',
    ]);
    assert.deepEqual(
      [made['url'], made['status'], made['description']],
      [url, 'enabled', 'ledger'],
    );
    const read = await api.send(person, get(String(id)));
    assert.deepEqual(read.json(), { id, ...made });
    const stored = statement<{ row: string }>(
      'test_stored_endpoints',
      `SELECT w::text AS row FROM webhook_endpoints w UNION ALL SELECT a::text FROM audit_log a`,
    );
    const rows = JSON.stringify(await api.database.query(stored, []));
    const bytes = Buffer.from(String(secret).slice(6), 'base64');
    for (const text of [rows, JSON.stringify(api.logLines)])
      for (const form of [String(secret), bytes.toString('hex')]) assert(!text.includes(form));
    assert(rows.includes('webhook_endpoint.create'));
  });

  for (const [what, body, pointer] of [
    ['an internal address', { url: 'https://10.0.0.1/' }, '#/url'],
    ['this machine', { url: 'https://localhost/' }, '#/url'],
    ['no TLS', { url: 'http://example.com/' }, '#/url'],
    ['no URL', { url: 'example' }, '#/url'],
    ['a type that is none', { event_types: ['deposit.lost'] }, '#/event_types/0'],
    ['no types', { event_types: [] }, '#/event_types'],
  ] as const) {
    test(`H3 S12 an endpoint with ${what} is refused`, async () => {
      const response = await api.send(await api.person(), create(body));
      const problem = assertProblem(response, { status: 400, code: 'validation_failed' });
      assert.match(JSON.stringify(problem['errors']), new RegExp(`"${pointer}"`));
    });
  }

  test('twenty are enough, however many are asked for at once', async () => {
    const person = await api.person();
    const statuses: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const asked = Array.from({ length: 8 }, () => api.send(person, create()));
      statuses.push(...(await Promise.all(asked)).map((answer) => answer.statusCode));
    }
    assert.equal(statuses.filter((status) => status === 201).length, 20);
    assertProblem(await api.send(person, create()), {
      status: 409,
      code: 'too_many_webhook_endpoints',
    });
  });

  testGuards(
    () => api,
    () => create(),
    'RATE_LIMIT_GLOBAL_PER_MINUTE',
  );
  testBodies(
    () => api,
    () => create(),
  );
  testStatuses(() => api, `POST ${base}`);
});

describe('listing', () => {
  const list = { method: 'GET', url: base } as const;
  test('a list has the endpoints of the caller, newest first, and no secrets', async () => {
    const [person, other] = [await api.person(), await api.person()];
    const ids = [await idOf(person), await idOf(person)];
    await idOf(other);
    const response = await api.send(person, list);
    assert.equal(response.statusCode, 200);
    const listed = response.json().items.map(({ id }: { id: string }) => id);
    assert.deepEqual(listed, ids.toReversed());
    assert(!response.body.includes('secret"'));
  });
  testGuards(
    () => api,
    () => list,
    'RATE_LIMIT_GLOBAL_PER_MINUTE',
  );
  testStatuses(() => api, `GET ${base}`);
});

describe('reading', () => {
  test("S2 somebody else's endpoint is not there", () => assertOthersNotFound(get));
  testGuards(
    () => api,
    () => get(nobodys),
    'RATE_LIMIT_GLOBAL_PER_MINUTE',
  );
  testStatuses(() => api, `GET ${base}/:id`);
});

describe('changing', () => {
  test('what is left out stays; disabled and enabled again it begins anew', async () => {
    const person = await api.person();
    const id = await idOf(person);
    const changed = await api.send(person, change(id, { description: 'new', enabled: false }));
    assert.equal(changed.statusCode, 200, changed.body);
    const { status, disabled_reason, disabled_at, ...rest } = changed.json();
    assert.deepEqual([status, disabled_reason], ['disabled', 'owner']);
    assert.match(disabled_at, /Z$/);
    assert.deepEqual([rest.url, rest.description], [url, 'new']);
    const again = await api.send(person, change(id, { enabled: true, event_types: ['refund.*'] }));
    const renewed = again.json();
    assert.deepEqual(
      [renewed.status, renewed.disabled_reason, renewed.disabled_at],
      ['enabled', null, null],
    );
    assert.equal(renewed.event_types.length, 4);
  });
  test('H3 it cannot be turned to an internal address', async () => {
    const person = await api.person();
    const response = await api.send(
      person,
      change(await idOf(person), { url: 'https://[::ffff:10.0.0.1]/' }),
    );
    assertProblem(response, { status: 400, code: 'validation_failed' });
  });
  test("S2 somebody else's endpoint is not there", () =>
    assertOthersNotFound((id) => change(id, { enabled: false })));
  testGuards(
    () => api,
    () => change(nobodys, {}),
    'RATE_LIMIT_GLOBAL_PER_MINUTE',
  );
  testBodies(
    () => api,
    () => change(nobodys, {}),
  );
  testStatuses(() => api, `PATCH ${base}/:id`);
});

describe('deleting', () => {
  test('a deleted endpoint is gone, and its secret with it', async () => {
    const person = await api.person();
    const id = await idOf(person);
    assert.equal((await api.send(person, remove(id))).statusCode, 204);
    assertProblem(await api.send(person, get(id)), {
      status: 404,
      code: 'webhook_endpoint_not_found',
    });
    const kept = statement<{ secret: string | null }>(
      'test_deleted_secret',
      "SELECT encode(secret, 'hex') AS secret FROM webhook_endpoints WHERE id = $1",
    );
    assert.deepEqual(await api.database.query(kept, [id]), [{ secret: null }]);
  });
  test("S2 somebody else's endpoint is not there", () => assertOthersNotFound(remove));
  testGuards(
    () => api,
    () => remove(nobodys),
    'RATE_LIMIT_GLOBAL_PER_MINUTE',
  );
  testStatuses(() => api, `DELETE ${base}/:id`);
});

describe('rotating', () => {
  test('S14 a rotation gives another secret, and says until when the old one signs too', async () => {
    const person = await api.person();
    const { id, secret } = await endpointOf(person);
    const response = await api.send(person, rotate(String(id), { overlap_seconds: 3600 }));
    assert.equal(response.statusCode, 200, response.body);
    const rotated = response.json();
    assert.notEqual(rotated.secret, secret);
    const untilMs = Date.parse(rotated.previous_secret_expires_at) - Date.parse(rotated.updated_at);
    assert(Math.abs(untilMs - 3_600_000) < 1_000);
  });
  test("S2 somebody else's endpoint is not there", () => assertOthersNotFound(rotate));
  testGuards(
    () => api,
    () => rotate(nobodys),
    'RATE_LIMIT_GLOBAL_PER_MINUTE',
  );
  testBodies(
    () => api,
    () => rotate(nobodys),
  );
  testStatuses(() => api, `POST ${base}/:id/rotate`);
});

describe('testing', () => {
  test('a test event is due at once, and a disabled endpoint gets none', async () => {
    const person = await api.person();
    const id = await idOf(person);
    const response = await api.send(person, ping(id));
    assert.equal(response.statusCode, 202, response.body);
    const deliveryId: string = response.json().delivery_id;
    const log = await api.send(person, {
      method: 'GET',
      url: `/api/v1/webhooks/deliveries/${deliveryId}`,
    });
    const { event_type, status, transaction_id } = log.json();
    assert.deepEqual([event_type, status, transaction_id], ['test.ping', 'pending', null]);
    await api.send(person, change(id, { enabled: false }));
    assertProblem(await api.send(person, ping(id)), {
      status: 409,
      code: 'webhook_endpoint_disabled',
    });
  });
  test("S2 somebody else's endpoint is not there", () => assertOthersNotFound(ping));
  testGuards(
    () => api,
    () => ping(nobodys),
    'RATE_LIMIT_GLOBAL_PER_MINUTE',
  );
  testStatuses(() => api, `POST ${base}/:id/test`);
});

describe('replaying', () => {
  test('a range that is none is refused, and a disabled endpoint takes none', async () => {
    const person = await api.person();
    const id = await idOf(person);
    for (const body of [
      { since: 'yesterday' },
      { since: '2026-01-01T00:00:00Z', until: 'x' },
      { since: '2026-01-01T00:00:00Z', cursor: 'x' },
    ])
      assertProblem(await api.send(person, replay(id, body)), {
        status: 400,
        code: 'validation_failed',
      });
    const none = await api.send(person, replay(id));
    assert.deepEqual([none.statusCode, none.json()], [202, { replayed: 0, next_cursor: null }]);
    await api.send(person, change(id, { enabled: false }));
    assertProblem(await api.send(person, replay(id)), {
      status: 409,
      code: 'webhook_endpoint_disabled',
    });
  });
  test("S2 somebody else's endpoint is not there", () => assertOthersNotFound(replay));
  testGuards(
    () => api,
    () => replay(nobodys),
    'RATE_LIMIT_GLOBAL_PER_MINUTE',
  );
  testBodies(
    () => api,
    () => replay(nobodys),
  );
  testStatuses(() => api, `POST ${base}/:id/replay`);
});
