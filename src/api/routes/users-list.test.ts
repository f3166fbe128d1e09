import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type Person, type TestApi } from '../../../test/support/api.ts';
import { assertProblem, testStatuses } from '../../../test/support/api-refusals.ts';
import { DatabaseAway } from '../../db/database.ts';
import { insertUserWithAccount } from '../../users/register.ts';

let api: TestApi;
let admin: Person;
before(async () => {
  api = await openTestApi();
  admin = await api.person('admin');
  for (const email of [
    'anna@x.io',
    'ann@x.io',
    'Ännchen@x.io'.toLowerCase(),
    'a%b@x.io',
    'bob@x.io',
  ])
    await api.database.transaction((tx) =>
      insertUserWithAccount(tx, {
        email,
        fullName: 'Some Body',
        passwordHash: '-',
        role: 'user',
        webhookUrl: null,
      }),
    );
});
after(() => api.close());

const list = (query: Record<string, string>) =>
  ({ method: 'GET', url: `/api/v1/users?${new URLSearchParams(query).toString()}` }) as const;

async function emails(query: Record<string, string>): Promise<[string[], string | null]> {
  const response = await api.send(admin, list(query));
  assert.equal(response.statusCode, 200, response.body);
  const { items, next_cursor } = response.json();
  return [items.map((item: { email: string }) => item.email), next_cursor];
}

const searches: readonly (readonly [string, readonly string[]])[] = [
  ['ann', ['ann@x.io', 'anna@x.io']],
  [' ANNA', ['anna@x.io']],
  ['a%', ['a%b@x.io']],
  ['än', ['ännchen@x.io']],
  ['_', []],
  ['bob@x.io', ['bob@x.io']],
  ['zz', []],
];
for (const [email, found] of searches) {
  test(`"${email}" finds ${found.length}, by the letters that an e-mail begins with`, async () => {
    assert.deepEqual(await emails({ email }), [found, null]);
  });
}

test('pages follow each other and end', async () => {
  const [all] = await emails({ limit: '100' });
  assert.equal(all.length, 6);
  const paged: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const [page, next] = await emails({ limit: '2', ...(cursor === '' ? {} : { cursor }) });
    paged.push(...page);
    cursor = next;
  }
  assert.deepEqual(paged, all);
});

test('nobody below an administrator sees the list', async () => {
  const keyed = await api.keyOf(admin, ['read']);
  for (const who of [await api.person(), await api.person('operator'), keyed])
    assertProblem(await api.send(who, list({})), { status: 403, code: 'forbidden' });
  assertProblem(await api.send(null, list({})), { status: 401, code: 'token_missing' });
});

for (const query of [{ limit: '0' }, { cursor: '' }, { cursor: '_w' }, { email: 'a\0' }]) {
  test(`${JSON.stringify(query)} is refused`, async () => {
    const response = await api.send(admin, list(query));
    assertProblem(response, { status: 400, code: 'validation_failed' });
  });
}

test('past its limit and without a database it is refused', async () => {
  const limited = await api.beside({
    RATE_LIMIT_ENABLED: 'true',
    RATE_LIMIT_GLOBAL_PER_MINUTE: '1',
  });
  await limited.send(admin, list({}));
  assertProblem(await limited.send(admin, list({})), { status: 429, code: 'rate_limit_exceeded' });
  await limited.close();
  for (const [failure, status, code] of [
    [new DatabaseAway('away'), 503, 'database_away'],
    [new Error('SELECT secret FROM vault'), 500, 'internal_error'],
  ] as const) {
    api.failDatabase(failure);
    const response = await api.send(admin, list({}));
    api.failDatabase(null);
    assertProblem(response, { status, code });
  }
});

testStatuses(() => api, 'GET /api/v1/users');
