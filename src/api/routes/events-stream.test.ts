import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createSigner } from 'fast-jwt';
import { openTestApi, type Person, type TestApi } from '../../../test/support/api.ts';
import { assertProblem, testGuards, testStatuses } from '../../../test/support/api-refusals.ts';
import { type OpenedStream, openEventStream } from '../../../test/support/event-stream.ts';
import { writeEvents } from '../../../test/support/feed-events.ts';
import { until } from '../../../test/support/wait.ts';
import { statement } from '../../db/database.ts';

let api: TestApi;
let url: string;
const opened: OpenedStream[] = [];
before(async () => {
  api = await openTestApi({ EVENT_STREAMS_PER_USER_MAX: '3' });
  url = await api.listen();
});
after(async () => {
  for (const stream of opened) stream.close();
  await api.close();
});

const stream = (query = '', headers: Record<string, string> = {}) =>
  ({ method: 'GET', url: `/api/v1/events/stream${query}`, headers }) as const;

async function follow(
  person: Person,
  { query = '', lastEventId }: { readonly query?: string; readonly lastEventId?: string } = {},
): Promise<OpenedStream> {
  const resumed = lastEventId === undefined ? {} : { lastEventId };
  const one = await openEventStream({ url, token: person.token, query, ...resumed });
  opened.push(one);
  return one;
}

const typesOf = (one: OpenedStream): string[] => one.events.map((event) => event.type);

test('what happens arrives as it happens: own events only, with what the list says', async () => {
  const person = await api.person();
  const one = await follow(person);
  assert.equal(one.status, 200);
  assert.equal(one.headers['content-type'], 'text/event-stream; charset=utf-8');
  assert.equal(one.headers['cache-control'], 'no-store');
  await writeEvents(api.database, (await api.person()).id);
  const data = { status: 'SUCCESS', bank_transaction_id: 'BT\n1' };
  await writeEvents(api.database, person.id, { type: 'deposit.succeeded', data });
  const [event] = await one.untilEvents(1);
  const listed = await api.send(person, { method: 'GET', url: '/api/v1/events' });
  assert.deepEqual(listed.json().items, [event]);
  assert.equal(one.lastEventId(), event?.id);
  assert.equal(one.events.length, 1);
  one.close();
});

test('with the last id it goes on where it was, nothing lost and nothing twice', async () => {
  const person = await api.person();
  const first = await follow(person);
  await writeEvents(api.database, person.id, { type: 'deposit.created' });
  await first.untilEvents(1);
  first.close();
  const missed = ['deposit.succeeded', 'withdrawal.created', 'withdrawal.failed'];
  for (const type of missed) await writeEvents(api.database, person.id, { type });
  const again = await follow(person, { lastEventId: first.lastEventId() });
  await again.untilEvents(3);
  await writeEvents(api.database, person.id, { type: 'deposit.review' });
  await again.untilEvents(4);
  assert.deepEqual(typesOf(again), [...missed, 'deposit.review']);
  const byQuery = await follow(person, { query: `?cursor=${first.lastEventId()}` });
  await byQuery.untilEvents(4);
  assert.deepEqual(byQuery.events, again.events);
  for (const one of [again, byQuery]) one.close();
});

test('an id that came with no event is as good as any to go on from', async () => {
  const person = await api.person();
  const first = await follow(person);
  assert.match(first.lastEventId(), /^1-\d+-0$/);
  first.close();
  await writeEvents(api.database, person.id);
  const again = await follow(person, { lastEventId: first.lastEventId() });
  await again.untilEvents(1);
  again.close();
});

test('filters count for what is missed and for what comes', async () => {
  const person = await api.person();
  const place = (await follow(person)).lastEventId();
  const [paymentId] = await writeEvents(api.database, person.id);
  assert(paymentId !== undefined);
  const types = await follow(person, {
    query: '?type=deposit.succeeded,deposit.created',
    lastEventId: place,
  });
  const payment = await follow(person, {
    query: `?transaction_id=${paymentId}`,
    lastEventId: place,
  });
  await writeEvents(api.database, person.id, { type: 'deposit.review', version: 2, paymentId });
  await writeEvents(api.database, person.id, { type: 'deposit.succeeded' });
  await types.untilEvents(2);
  await payment.untilEvents(2);
  assert.deepEqual(typesOf(types), ['deposit.created', 'deposit.succeeded']);
  assert.deepEqual(typesOf(payment), ['deposit.created', 'deposit.review']);
  for (const one of [types, payment]) one.close();
});

test('an operator follows everybody, or one', async () => {
  const [one, other] = [await api.person(), await api.person()];
  const operator = await api.person('operator');
  const all = await follow(operator);
  const theirs = await follow(operator, { query: `?user_id=${one.id}` });
  await writeEvents(api.database, other.id);
  await writeEvents(api.database, one.id);
  const mine = (events: OpenedStream): string[] =>
    events.events.map((event) => event.user_id).filter((id) => id === one.id || id === other.id);
  await until(() => mine(all).length === 2, { what: 'both events' });
  assert.deepEqual(mine(all), [other.id, one.id]);
  await theirs.untilEvents(1);
  assert.deepEqual(mine(theirs), [one.id]);
  for (const each of [all, theirs]) each.close();
});

test('a silent stream says where it is, by the clock, and is no older for it', async () => {
  const person = await api.person();
  const one = await follow(person);
  const place = one.lastEventId();
  await writeEvents(api.database, (await api.person()).id);
  const bytes = one.text().length;
  await until(
    () => {
      api.advance(15_000);
      return one.lastEventId() !== place;
    },
    { what: 'a heartbeat', everyMs: 200 },
  );
  assert.equal(one.events.length, 0);
  assert.match(one.text().slice(bytes), /^(id: 1-\d+-0\n\n)+$/);
  one.close();
});

test('who has as many streams as he may is told so, until one is closed', async () => {
  const person = await api.person();
  const three = [await follow(person), await follow(person), await follow(person)];
  const response = await api.send(person, stream());
  assertProblem(response, { status: 429, code: 'too_many_streams' });
  assert.equal(response.headers['retry-after'], '5');
  const other = await follow(await api.person());
  assert.equal(other.status, 200);
  three[0]?.close();
  const again = await until(
    async () => {
      const one = await follow(person);
      return one.status === 200 ? one : null;
    },
    { what: 'the place of the closed one' },
  );
  for (const one of [...three, other, again]) one.close();
});

test('a process takes so many streams and no more', async (t) => {
  const small = await api.beside({ EVENT_STREAMS_MAX: '0' });
  t.after(small.close);
  const response = await small.send(await small.person(), stream());
  assertProblem(response, { status: 503, code: 'overloaded' });
});

test('a stream ends with its token', async () => {
  const person = await api.person();
  const now = Math.floor(Date.now() / 1000);
  const token = createSigner({
    key: api.config.JWT_SECRET_KEY,
    algorithm: 'HS256',
    header: { alg: 'HS256', typ: 'at+jwt' },
  })({
    iss: 'tollgate',
    aud: 'tollgate-api',
    sub: person.id,
    role: 'user',
    iat: now,
    iat_ms: now * 1000,
    exp: now + 2,
  });
  const one = await follow({ ...person, token });
  assert.equal(one.status, 200);
  await one.untilOver();
  const response = await api.send(
    { ...person, token },
    stream('', { 'last-event-id': one.lastEventId() }),
  );
  assertProblem(response, { status: 401, code: 'token_expired' });
});

const deactivate = statement<never>(
  'test_deactivate',
  'UPDATE users SET is_active = $2 WHERE id = $1',
);
const revokeKeys = statement<never>(
  'test_revoke_keys',
  'UPDATE api_keys SET revoked_at = clock_timestamp() WHERE user_id = $1',
);
const demote = statement<never>('test_role', 'UPDATE users SET role = $2 WHERE id = $1');

test('a stream ends within seconds where its user, role or key does not count any more', async () => {
  const [person, owner] = [await api.person(), await api.person()];
  const operator = await api.person('operator');
  const holder = await api.keyOf(owner, ['read']);
  const streams = [await follow(person), await follow(operator), await follow(holder)];
  const untouched = await follow(await api.person());
  await api.database.query(deactivate, [person.id, false]);
  await api.database.query(demote, [operator.id, 'user']);
  await api.database.query(revokeKeys, [owner.id]);
  // What is known of them grows old by the clock of the API.
  api.advance(5_000);
  for (const one of streams) await one.untilOver();
  assert.equal(untouched.isOver(), false);
  untouched.close();
});

for (const [what, call] of [
  ['a cursor', stream('?cursor=nonsense')],
  ['a Last-Event-ID', stream('', { 'last-event-id': '1-2' })],
  ['a type', stream('?type=nothing')],
  ['a parameter', stream('?limit=5')],
] as const)
  test(`${what} that is none of ours is refused`, async () => {
    assertProblem(await api.send(await api.person(), call), {
      status: 400,
      code: 'validation_failed',
    });
  });

test('an id of other books is gone; somebody else is nobody', async () => {
  const person = await api.person();
  const gone = await api.send(person, stream('', { 'last-event-id': '77-1-1' }));
  assertProblem(gone, { status: 410, code: 'cursor_gone' });
  const other = await api.send(person, stream(`?user_id=${(await api.person()).id}`));
  assertProblem(other, { status: 404, code: 'user_not_found' });
});

test('a HEAD learns what a GET would be, and holds no place', async () => {
  const person = await api.person();
  for (let nth = 0; nth < 4; nth += 1) {
    const authorization = `Bearer ${person.token}`;
    const head = { method: 'HEAD', url: stream().url, headers: { authorization } } as const;
    const response = await api.inject(head);
    assert.equal(response.statusCode, 200);
    assert.equal(response.headers['content-type'], 'text/event-stream; charset=utf-8');
  }
  const { token } = person;
  const response = await api.inject({
    method: 'GET',
    url: stream().url,
    headers: { authorization: `Bearer ${token}` },
    payloadAsStream: true,
  });
  assert.equal(response.statusCode, 200);
  response.stream().destroy();
});

testGuards(
  () => api,
  // One that is refused behind its guards: a stream that is let in has no end.
  () => stream('?user_id=nobody'),
  'RATE_LIMIT_GLOBAL_PER_MINUTE',
);
testStatuses(() => api, 'GET /api/v1/events/stream');
