import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { declaredAccess, openTestApi, type TestApi } from '../../test/support/api.ts';
import { assertProblem } from '../../test/support/api-refusals.ts';
import type { Role } from '../users/roles.ts';
import { anybody } from './access.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi({}, [
    (server) => {
      for (const role of ['user', 'operator', 'admin'] as const)
        server.get(`/for/${role}`, { config: { access: { role, scope: null } } }, () => 'welcome');
    },
  ]);
});
after(() => api.close());

test('a route that does not say who may use it refuses the start', async () => {
  await assert.rejects(
    () => api.beside({}, [(server) => server.get('/forgotten', () => 'welcome')]),
    /GET \/forgotten does not say who may use it/,
  );
});

const matrix: readonly (readonly [Role | null, readonly number[]])[] = [
  [null, [401, 401, 401]],
  ['user', [200, 403, 403]],
  ['operator', [200, 200, 403]],
  ['admin', [200, 200, 200]],
];
for (const [role, statuses] of matrix) {
  test(`${role ?? 'nobody'} is let in where the role suffices, and nowhere else`, async () => {
    const person = role === null ? null : await api.person(role);
    const answers = [];
    for (const needed of ['user', 'operator', 'admin'])
      answers.push(await api.send(person, { method: 'GET', url: `/for/${needed}` }));
    assert.deepEqual(
      answers.map((answer) => answer.statusCode),
      statuses,
    );
    for (const answer of answers.filter(({ statusCode }) => statusCode === 403))
      assertProblem(answer, { status: 403, code: 'forbidden' });
  });
}

test('every route of ours says who may use it', () => {
  const access = declaredAccess();
  assert.ok(access.size > 10);
  assert.deepEqual(access.get('GET /health'), anybody.access);
  assert.deepEqual(access.get('GET /api/v1/users/me'), { role: 'user', scope: 'read' });
});
