import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../../../test/support/api.ts';
import {
  assertProblem,
  testBodies,
  testGuards,
  testStatuses,
} from '../../../test/support/api-refusals.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const update = (body: object) => ({ method: 'PATCH', url: '/api/v1/users/me', body }) as const;

test('what is named is changed, and what is not stays', async () => {
  const person = await api.person();
  const steps = [
    [{ full_name: ' Ann Other ' }, 'Ann Other', null],
    [{ webhook_url: 'https://example.com/hook' }, 'Ann Other', 'https://example.com/hook'],
    [{ full_name: 'Ann' }, 'Ann', 'https://example.com/hook'],
    [{ webhook_url: null }, 'Ann', null],
  ] as const;
  for (const [body, name, url] of steps) {
    const response = await api.send(person, update(body));
    assert.equal(response.statusCode, 200, response.body);
    const { full_name, webhook_url } = response.json();
    assert.deepEqual([full_name, webhook_url], [name, url]);
  }
});

const bad: readonly (readonly [string, object])[] = [
  ['nothing', {}],
  ['a role', { role: 'admin' }],
  ['an e-mail', { email: 'other@example.com' }],
  ['a blank name', { full_name: ' ' }],
  ['a name of 201 characters', { full_name: 'x'.repeat(201) }],
  ['an address that is no web address', { webhook_url: 'ftp://example.com' }],
  ['an address with a password', { webhook_url: 'https://a:b@example.com' }],
];
for (const [what, body] of bad) {
  test(`a change to ${what} is refused`, async () => {
    const response = await api.send(await api.person(), update(body));
    assertProblem(response, { status: 400, code: 'validation_failed' });
  });
}

test('a card number is not taken for a name', async () => {
  const call = update({ full_name: 'Ann 4111 1111 1111 1111' });
  const response = await api.send(await api.person(), call);
  assertProblem(response, { status: 400, code: 'card_number_refused' });
});

testGuards(
  () => api,
  () => update({ full_name: 'Ann' }),
  'RATE_LIMIT_GLOBAL_PER_MINUTE',
);
testBodies(
  () => api,
  () => update({ full_name: 'Ann' }),
);
testStatuses(() => api, 'PATCH /api/v1/users/me');
