import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../../test/support/api.ts';
import { demoUsers, SeedRefused, seedDemo } from './seed.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

test('demo users are made once, and can sign in with their published passwords', async () => {
  assert.deepEqual(await seedDemo(api.database, api.config), { created: demoUsers.length });
  assert.deepEqual(await seedDemo(api.database, api.config), { created: 0 });
  for (const { email, password, role } of demoUsers) {
    const body = { email, password };
    const response = await api.send(null, { method: 'POST', url: '/api/v1/auth/login', body });
    assert.equal(response.statusCode, 200, response.body);
    assert.equal(response.json().user.role, role);
  }
});

test('production takes no published passwords', async () => {
  const production = { ENVIRONMENT: 'production', PASSWORD_BCRYPT_COST: 12 } as const;
  await assert.rejects(seedDemo(api.database, production), SeedRefused);
});
