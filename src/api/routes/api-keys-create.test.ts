import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type Person, type TestApi } from '../../../test/support/api.ts';
import {
  assertProblem,
  testBodies,
  testGuards,
  testStatuses,
} from '../../../test/support/api-refusals.ts';
import { silentLog } from '../../../test/support/books.ts';
import { until } from '../../../test/support/wait.ts';
import { systemClock } from '../../clock.ts';
import { statement } from '../../db/database.ts';
import { openKeyStandings } from '../../users/key-standing.ts';
import type { Scope } from '../../users/scopes.ts';
import { newSecret } from '../../users/secrets.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const create = (change: object = {}) =>
  ({
    method: 'POST',
    url: '/api/v1/api-keys',
    body: { name: 'ledger export', scopes: ['read'], ...change },
  }) as const;
const me = { method: 'GET', url: '/api/v1/users/me' } as const;

async function keyFor(person: Person, change: object = {}) {
  const response = await api.send(person, create(change));
  assert.equal(response.statusCode, 201, response.body);
  const { id, key } = response.json();
  return { id, holder: { ...person, token: key } };
}

test('a key is shown once, and signs its owner in', async () => {
  const person = await api.person();
  const response = await api.send(person, create({ expires_at: '2099-01-01T00:00:00Z' }));
  assert.equal(response.statusCode, 201, response.body);
  const { id, key, created_at, ...rest } = response.json();
  assert.match(key, /^tg_test_[\w-]{43}$/);
  assert.match(created_at, /Z$/);
  assert.deepEqual(rest, {
    name: 'ledger export',
    prefix: key.slice(0, 16),
    scopes: ['read'],
    status: 'active',
    expires_at: '2099-01-01T00:00:00.000Z',
    revoked_at: null,
    last_used_at: null,
    rotated_to: null,
  });
  assert.equal((await api.send({ ...person, token: key }, me)).json().id, person.id);
  const list = await api.send(person, { method: 'GET', url: '/api/v1/api-keys' });
  assert.equal(list.json().items[0].id, id);
  assert.ok(!list.body.includes(key.slice(16)));
});

const scopeCases: readonly (readonly [Scope, string, string, number])[] = [
  ['read', 'GET', '/api/v1/users/me', 200],
  ['deposits:write', 'GET', '/api/v1/users/me', 403],
  ['read', 'POST', '/api/v1/deposits', 403],
  ['withdrawals:write', 'POST', '/api/v1/deposits', 403],
  ['deposits:write', 'POST', '/api/v1/withdrawals', 403],
  // Let in, and refused for what is missing.
  ['deposits:write', 'POST', '/api/v1/deposits', 400],
  ['withdrawals:write', 'POST', '/api/v1/withdrawals', 400],
  ['read', 'POST', '/api/v1/api-keys', 403],
  ['read', 'GET', '/api/v1/users', 403],
];
for (const [scope, method, url, status] of scopeCases) {
  test(`a key for ${scope} at ${method} ${url}: ${status}`, async () => {
    const holder = await api.keyOf(await api.person(), [scope]);
    const body = { amount: '1.00', name: 'x', scopes: ['read'] };
    const call = method === 'GET' ? { method, url } : { method: 'POST', url, body };
    // Proven by the table: GET and POST.
    const response = await api.send(holder, call as typeof me);
    assert.equal(response.statusCode, status, response.body);
    if (status === 403) assertProblem(response, { status: 403, code: 'forbidden' });
  });
}

test('no key changes a password or a profile, whatever its scopes', async () => {
  const holder = await api.keyOf(await api.person('admin'), ['admin:*']);
  for (const [method, url, body] of [
    ['PATCH', '/api/v1/users/me', { full_name: 'Mallory' }],
    [
      'POST',
      '/api/v1/auth/change-password',
      { current_password: 'long enough', new_password: 'long enough' },
    ],
  ] as const)
    assertProblem(await api.send(holder, { method, url, body }), {
      status: 403,
      code: 'forbidden',
    });
});

test('admin:* is for those who have the role, and no longer for who had it', async () => {
  const wanted = create({ scopes: ['admin:*'] });
  const refused = await api.send(await api.person(), wanted);
  const problem = assertProblem(refused, { status: 400, code: 'validation_failed' });
  assert.deepEqual(problem['errors'], [
    { pointer: '#/scopes', detail: 'may hold admin:* for operators and admins only' },
  ]);
  const operator = await api.person('operator');
  const { holder } = await keyFor(operator, { scopes: ['admin:*'] });
  assert.equal((await api.send(holder, create())).statusCode, 201);
  // What its owner may not, it may not either.
  const users = { method: 'GET', url: '/api/v1/users' } as const;
  assertProblem(await api.send(holder, users), { status: 403, code: 'forbidden' });
  const demote = "UPDATE users SET role = 'user' WHERE id = $1";
  await api.database.query(statement('test_demote', demote), [operator.id]);
  api.advance(4_000);
  assertProblem(await api.send(holder, create()), { status: 403, code: 'forbidden' });
  assertProblem(await api.send(holder, me), { status: 403, code: 'forbidden' });
});

const deaths: readonly (readonly [string, string, string])[] = [
  ['was revoked', 'UPDATE api_keys SET revoked_at = now() WHERE id = $1', 'token_revoked'],
  ['has expired', 'UPDATE api_keys SET expires_at = now() WHERE id = $1', 'token_expired'],
  [
    'belongs to a user who was deactivated',
    `UPDATE users SET is_active = false
      WHERE id = (SELECT user_id FROM api_keys WHERE id = $1)`,
    'token_revoked',
  ],
];
for (const [index, [what, change, code]] of deaths.entries()) {
  test(`a key that ${what} elsewhere is dead here within five seconds`, async () => {
    const person = await api.person();
    const { id, holder } = await keyFor(person);
    assert.equal((await api.send(holder, me)).statusCode, 200);
    await api.database.query(statement(`test_death_${index}`, change), [id]);
    // An answer is used for 4 s after it was asked for; the fifth is for the request itself.
    api.advance(4_000);
    assertProblem(await api.send(holder, me), { status: 401, code });
  });
}

test('keys that are none are refused, and cost the same work whatever is wrong with them', async () => {
  const person = await api.person();
  const { id, holder } = await keyFor(person);
  const revoked = statement('test_revoked', 'UPDATE api_keys SET revoked_at = now() WHERE id = $1');
  await api.database.query(revoked, [id]);
  const right = holder.token;
  for (const [token, code] of [
    [newSecret('tg_test_'), 'token_invalid'],
    [newSecret('tg_live_'), 'token_invalid'],
    [right.slice(0, 16) + newSecret('').slice(8), 'token_invalid'],
    [right, 'token_revoked'],
    ['tg_test_short', 'token_invalid'],
    ['tg_', 'token_invalid'],
    [`${right}x`, 'token_invalid'],
  ] as const)
    assertProblem(await api.send({ ...person, token }, me), { status: 401, code });
  const statements = await countLookups(api, person, [
    newSecret('tg_test_'),
    right.slice(0, 16) + newSecret('').slice(8),
  ]);
  assert.deepEqual(statements, [1, 1]);
});

test('a key that was used says when, and is looked up once in seconds', async () => {
  const person = await api.person();
  const { id, holder } = await keyFor(person);
  for (let at = 0; at < 20; at += 1) await api.send(holder, me);
  const used = statement<{ last_used_at: Date | null }>(
    'test_used',
    'SELECT last_used_at FROM api_keys WHERE id = $1',
  );
  const read = async () => (await api.database.query(used, [id]))[0]?.last_used_at ?? null;
  const first = await until(read, { what: 'the moment of its use' });
  // Within the minute nothing is written again, however often it is asked for anew.
  api.advance(4_000);
  await api.send(holder, me);
  assert.deepEqual(await read(), first);
});

test('a payment made with a key has its owner, and the key survives a new password', async () => {
  const accepted: string[] = [];
  api.use({
    accept: async (command) => {
      accepted.push(`${command.userId} ${command.authenticatedAt}`);
      return { kind: 'account_busy' };
    },
  });
  const person = await api.person();
  const { holder } = await keyFor(person, { scopes: ['deposits:write', 'read'] });
  const cutOff = statement(
    'test_cut_off',
    "UPDATE users SET valid_after = now() + interval '1 hour' WHERE id = $1",
  );
  await api.database.query(cutOff, [person.id]);
  api.advance(4_000);
  const headers = { 'idempotency-key': 'with-a-key' };
  const body = { amount: '1.00' };
  const call = { method: 'POST', url: '/api/v1/deposits', body, headers } as const;
  assertProblem(await api.send(holder, call), { status: 503, code: 'account_busy' });
  assert.deepEqual(accepted, [`${person.id} Infinity`]);
  assert.equal((await api.send(holder, me)).statusCode, 200);
});

test('no key stands in the database or the log in clear, and its making is on record', async () => {
  const person = await api.person();
  const { id, holder } = await keyFor(person);
  await api.send(holder, me);
  const stored = statement<{ row: string }>(
    'test_stored',
    'SELECT api_keys::text AS row FROM api_keys UNION ALL SELECT audit_log::text FROM audit_log',
  );
  const rows = JSON.stringify(await api.database.query(stored, []));
  assert.ok(rows.includes(id));
  for (const text of [rows, JSON.stringify(api.logLines)])
    assert.ok(!text.includes(holder.token.slice(16)));
  const audited = statement(
    'test_audited',
    'SELECT actor, action FROM audit_log WHERE subject = $1',
  );
  assert.deepEqual(await api.database.query(audited, [`api_key:${id}`]), [
    { actor: `user:${person.id}`, action: 'api_key.create' },
  ]);
});

const bad: readonly (readonly [string, object, string])[] = [
  ['no scopes', { scopes: [] }, '#/scopes'],
  ['a scope that is none', { scopes: ['root'] }, '#/scopes/0'],
  ['a scope twice', { scopes: ['read', 'read'] }, '#/scopes'],
  ['a blank name', { name: ' ' }, '#/name'],
  ['an expiry that is no time', { expires_at: 'tomorrow' }, '#/expires_at'],
  ['an expiry that has passed', { expires_at: '2020-01-01T00:00:00Z' }, '#/expires_at'],
];
for (const [what, change, pointer] of bad) {
  test(`a key with ${what} is refused`, async () => {
    const response = await api.send(await api.person(), create(change));
    const problem = assertProblem(response, { status: 400, code: 'validation_failed' });
    assert.match(JSON.stringify(problem['errors']), new RegExp(`"${pointer}"`));
  });
}

test('fifty keys that count are enough, however many are asked for at once', async () => {
  const person = await api.person();
  const fill = statement(
    'test_fill',
    `INSERT INTO api_keys (id, user_id, name, prefix, hash, scopes, created_at)
     SELECT gen_random_uuid(), $1::uuid, 'filler', 'tg_test_',
            sha256(gen_random_uuid()::text::bytea), '{read}', now()
       FROM generate_series(1, 48) n`,
  );
  await api.database.query(fill, [person.id]);
  const answers = await Promise.all(Array.from({ length: 4 }, () => api.send(person, create())));
  const statuses = answers.map((answer) => answer.statusCode).toSorted((a, b) => a - b);
  assert.deepEqual(statuses, [201, 201, 409, 409]);
  const refused = answers.find((answer) => answer.statusCode === 409);
  assert(refused !== undefined);
  assertProblem(refused, { status: 409, code: 'too_many_api_keys' });
});

/** How many statements each key's check takes. */
async function countLookups(
  where: TestApi,
  person: Person,
  tokens: readonly string[],
): Promise<number[]> {
  const names: string[] = [];
  const { database } = where;
  const counted = openKeyStandings(
    {
      query: (asked, values) => {
        names.push(asked.name);
        return database.query(asked, values);
      },
    },
    systemClock,
    silentLog,
  );
  const counts: number[] = [];
  for (const token of tokens) {
    const already = names.length;
    assert.deepEqual(await counted.verify(token), { kind: 'unknown' }, person.email);
    counts.push(names.length - already);
  }
  return counts;
}

testGuards(
  () => api,
  () => create(),
  'RATE_LIMIT_GLOBAL_PER_MINUTE',
);
testBodies(
  () => api,
  () => create(),
);
testStatuses(() => api, 'POST /api/v1/api-keys');
