import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type Person, type TestApi } from '../../../test/support/api.ts';
import { assertProblem, testBodies, testStatuses } from '../../../test/support/api-refusals.ts';
import { present } from '../../assert.ts';
import { DatabaseAway, statement } from '../../db/database.ts';
import { newUserId } from '../../ids.ts';

let api: TestApi;
let admin: Person;
before(async () => {
  api = await openTestApi();
  admin = await api.person('admin');
});
after(() => api.close());

const me = { method: 'GET', url: '/api/v1/users/me' } as const;
const update = (id: string, body: object) =>
  ({ method: 'PATCH', url: `/api/v1/users/${id}`, body }) as const;

test('a change of role ends what tokens there were, and is on record', async () => {
  const person = await api.person();
  assert.equal((await api.send(person, me)).statusCode, 200);
  const response = await api.send(admin, update(person.id, { role: 'operator' }));
  assert.equal(response.statusCode, 200, response.body);
  assert.equal(response.json().role, 'operator');
  assertProblem(await api.send(person, me), { status: 401, code: 'token_revoked' });
  const audited = statement(
    'test_audited',
    'SELECT actor, action, before, after FROM audit_log WHERE subject = $1',
  );
  assert.deepEqual(await api.database.query(audited, [`user:${person.id}`]), [
    {
      actor: `user:${admin.id}`,
      action: 'user.change_rights',
      before: '{"is_active":true,"role":"user"}',
      after: '{"is_active":true,"role":"operator"}',
    },
  ]);
});

test('whoever is deactivated is out with token and key, at once', async () => {
  const person = await api.person();
  const holder = await api.keyOf(person, ['read']);
  assert.equal((await api.send(holder, me)).statusCode, 200);
  await api.send(admin, update(person.id, { is_active: false }));
  for (const one of [person, holder])
    assertProblem(await api.send(one, me), { status: 401, code: 'token_revoked' });
});

test('what is already so changes nothing', async () => {
  const person = await api.person();
  const response = await api.send(admin, update(person.id, { role: 'user', is_active: true }));
  assert.equal(response.statusCode, 200);
  assert.equal((await api.send(person, me)).statusCode, 200);
});

test('somebody must be left who can decide, also when all give up at once', async () => {
  const own = await openTestApi();
  const admins = [await own.person('admin'), await own.person('admin'), await own.person('admin')];
  const answers = await Promise.all(
    admins.map((one, at) =>
      own.send(one, update(one.id, at === 0 ? { is_active: false } : { role: 'user' })),
    ),
  );
  const statuses = answers.map((answer) => answer.statusCode).toSorted((a, b) => a - b);
  assert.deepEqual(statuses, [200, 200, 409]);
  const refused = answers.find((answer) => answer.statusCode === 409);
  assert(refused !== undefined);
  assertProblem(refused, { status: 409, code: 'last_administrator' });
  await own.close();
});

test('administrators who decide about each other at once all get their answer', async () => {
  const own = await openTestApi();
  const admins = [await own.person('admin'), await own.person('admin'), await own.person('admin')];
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, at) => {
      const [by, about] = [present(admins[at % 3], 'of 3'), present(admins[(at + 1) % 3], 'of 3')];
      return own.send(by, update(about.id, at % 2 === 0 ? { is_active: false } : { role: 'user' }));
    }),
  );
  for (const { statusCode, body } of answers) assert.ok([200, 401, 409].includes(statusCode), body);
  await own.close();
});

test('the last administrator stays', async () => {
  for (const body of [{ role: 'operator' }, { is_active: false }])
    assertProblem(await api.send(admin, update(admin.id, body)), {
      status: 409,
      code: 'last_administrator',
    });
});

test('nobody below an administrator decides, and no key without admin:*', async () => {
  const person = await api.person();
  const change = update(person.id, { role: 'admin' });
  const forbidden = [
    person,
    await api.person('operator'),
    await api.keyOf(admin, ['read', 'withdrawals:write']),
    await api.keyOf(await api.person('operator'), ['admin:*']),
  ];
  for (const who of forbidden)
    assertProblem(await api.send(who, change), { status: 403, code: 'forbidden' });
  const holder = await api.keyOf(admin, ['admin:*']);
  assert.equal((await api.send(holder, update(person.id, { role: 'user' }))).statusCode, 200);
});

test('an unknown user and no user at all are not found', async () => {
  for (const id of [newUserId(), 'nonsense'])
    assertProblem(await api.send(admin, update(id, { role: 'user' })), {
      status: 404,
      code: 'user_not_found',
    });
});

test('a change to nothing is refused', async () => {
  const response = await api.send(admin, update(admin.id, {}));
  assertProblem(response, { status: 400, code: 'validation_failed' });
});

test('without a token, without tokens left and without a database it is refused', async () => {
  const change = update(newUserId(), { role: 'user' });
  assertProblem(await api.send(null, change), { status: 401, code: 'token_missing' });
  const limited = await api.beside({
    RATE_LIMIT_ENABLED: 'true',
    RATE_LIMIT_GLOBAL_PER_MINUTE: '1',
  });
  await limited.send(admin, change);
  assertProblem(await limited.send(admin, change), { status: 429, code: 'rate_limit_exceeded' });
  await limited.close();
  for (const [failure, status, code] of [
    [new DatabaseAway('away'), 503, 'database_away'],
    [new Error('SELECT secret FROM vault'), 500, 'internal_error'],
  ] as const) {
    api.failDatabase(failure);
    const response = await api.send(admin, change);
    api.failDatabase(null);
    assertProblem(response, { status, code });
  }
});

/** As an administrator, whoever the shared cases bring along. */
const asAdmin = (): TestApi => ({ ...api, send: (_person, call) => api.send(admin, call) });
testBodies(asAdmin, () => update(newUserId(), { role: 'user' }));
testStatuses(() => api, 'PATCH /api/v1/users/:id');
