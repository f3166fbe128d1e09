import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LightMyRequestResponse } from 'fastify';
import { DatabaseAway } from '../../src/db/database.ts';
import type { Role } from '../../src/users/roles.ts';
import {
  type Call,
  declaredAccess,
  declaredStatuses,
  type Person,
  routeOf,
  type TestApi,
} from './api.ts';

/** A problem, and nothing but a problem: RFC 9457 with our members, its headers, and no insides. */
export function assertProblem(
  response: LightMyRequestResponse,
  expected: { readonly status: number; readonly code: string },
): Record<string, unknown> {
  assert.equal(response.statusCode, expected.status, response.body);
  assert.match(String(response.headers['content-type']), /^application\/problem\+json/);
  assert.equal(response.headers['x-content-type-options'], 'nosniff');
  assert.equal(response.headers['cache-control'], 'no-store');
  const problem: Record<string, unknown> = response.json();
  assert.equal(problem['code'], expected.code);
  assert.equal(problem['error'], expected.code);
  assert.equal(problem['status'], expected.status);
  assert.equal(problem['message'], problem['detail']);
  assert.match(String(problem['type']), /^https:\/\//);
  assert.match(String(problem['instance']), /^urn:tollgate:request:/);
  assert.equal(problem['request_id'], response.headers['x-request-id']);
  assert.doesNotMatch(response.body, /\bat .*\.[jt]s:\d+|SELECT|INSERT|node_modules/);
  return problem;
}

/** What every route behind a token refuses: 401, 403, 429, 500 and 503. */
export function testGuards(
  api: () => TestApi,
  request: (person: Person) => Call,
  limit: string,
  role: Role = 'user',
): void {
  test('without a token it is refused', async () => {
    const person = await api().person(role);
    const response = await api().send(null, request(person));
    assertProblem(response, { status: 401, code: 'token_missing' });
    assert.equal(response.headers['www-authenticate'], 'Bearer realm="tollgate"');
  });

  test('with a token that is not ours it is refused', async () => {
    const person = await api().person(role);
    const response = await api().send({ ...person, token: 'a.b.c' }, request(person));
    assertProblem(response, { status: 401, code: 'token_invalid' });
    assert.match(String(response.headers['www-authenticate']), /error="invalid_token"/);
  });

  test('with a key that has not the scope for it, it is forbidden', async () => {
    const person = await api().person(role);
    const call = request(person);
    const access = declaredAccess().get(routeOf(call));
    const holder = await api().keyOf(person, [
      access?.scope === 'webhooks:write' ? 'read' : 'webhooks:write',
    ]);
    const response = await api().send(holder, call);
    assertProblem(response, { status: 403, code: 'forbidden' });
    assert.match(String(response.headers['www-authenticate']), /error="insufficient_scope"/);
  });

  test('past its limit it says when to come back', async () => {
    const limited = await api().beside({ RATE_LIMIT_ENABLED: 'true', [limit]: '1' });
    const person = await api().person(role);
    await limited.send(person, request(person));
    const response = await limited.send(person, request(person));
    const problem = assertProblem(response, { status: 429, code: 'rate_limit_exceeded' });
    assert.equal(response.headers['retry-after'], String(problem['retry_after']));
    await limited.close();
  });

  testDatabaseFailures(api, async () => {
    const person = await api().person(role);
    return { person, call: request(person) };
  });
}

export function testDatabaseFailures(
  api: () => TestApi,
  prepare: () => Promise<{ readonly person: Person | null; readonly call: Call }>,
): void {
  test('without the database it asks for patience', async () => {
    const { person, call } = await prepare();
    api().failDatabase(new DatabaseAway('connect ECONNREFUSED'));
    const response = await api().send(person, call);
    api().failDatabase(null);
    assertProblem(response, { status: 503, code: 'database_away' });
    assert.equal(response.headers['retry-after'], '1');
  });

  test('a failure that nobody expected says nothing, and is in the log', async () => {
    const { person, call } = await prepare();
    api().failDatabase(new Error('SELECT secret FROM vault'));
    const response = await api().send(person, call);
    api().failDatabase(null);
    const problem = assertProblem(response, { status: 500, code: 'internal_error' });
    const line = api().logLines.find(
      (each) => each['request_id'] === problem['request_id'] && each['msg'] === 'request failed',
    );
    assert.match(JSON.stringify(line), /secret FROM vault/);
  });
}

/** What every route with a body refuses: 400, 413 and 415. */
export function testBodies(
  api: () => TestApi,
  request: (person: Person) => Call,
  role: Role = 'user',
): void {
  const sendText = async (body: string, type = 'application/json') => {
    const person = await api().person(role);
    const call = request(person);
    const headers = { ...call.headers, 'content-type': type };
    return api().send(person, { ...call, body, headers });
  };

  const malformed: readonly (readonly [string, string])[] = [
    ['text that is no JSON', '{"amount":'],
    ['an empty body', ''],
    ['a byte order mark', '\uFEFF{}'],
    ['a key that reaches the prototype', '{"__proto__":{"polluted":1}}'],
    ['a key that reaches the constructor', '{"constructor":{"prototype":{"polluted":1}}}'],
    ['a key that is named twice', '{"amount":"1.00","amount":"9.00"}'],
    ['U+0000', '{"description":"a\\u0000b"}'],
    ['half of a surrogate pair', '{"description":"\\ud800"}'],
    ['half of a surrogate pair in a key', '{"\\udc00":1}'],
  ];
  for (const [what, body] of malformed) {
    test(`a body with ${what} is refused`, async () => {
      assertProblem(await sendText(body), { status: 400, code: 'malformed_json' });
      assert.equal(({} as { polluted?: number }).polluted, undefined);
    });
  }

  test('a field that is not known is named and refused', async () => {
    const person = await api().person(role);
    const call = request(person);
    const body = { ...(call.body as object), status: 'SUCCESS' };
    const response = await api().send(person, { ...call, body });
    const problem = assertProblem(response, { status: 400, code: 'validation_failed' });
    assert.deepEqual(problem['errors'], [
      { pointer: '#/status', detail: 'is not a field of this request' },
    ]);
  });

  test('a body that is too large is refused', async () => {
    const body = JSON.stringify({ description: 'x'.repeat(70_000) });
    assertProblem(await sendText(body), { status: 413, code: 'body_too_large' });
  });

  test('a body of another type is refused', async () => {
    const response = await sendText('amount=1', 'application/x-www-form-urlencoded');
    assertProblem(response, { status: 415, code: 'unsupported_media_type' });
  });
}

/** Last in its file: every status that the route declares was answered above, and no other. */
export function testStatuses(api: () => TestApi, route: string): void {
  test(`${route} answered each status that it declares`, () => {
    const answered = [...(api().answered.get(route) ?? [])].toSorted((a, b) => a - b);
    assert.deepEqual(answered, declaredStatuses().get(route));
  });
}
