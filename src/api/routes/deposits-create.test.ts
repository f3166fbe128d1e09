import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type Person, type TestApi } from '../../../test/support/api.ts';
import {
  assertProblem,
  testBodies,
  testGuards,
  testStatuses,
} from '../../../test/support/api-refusals.ts';
import { DatabaseAway, OutcomeUnknown } from '../../db/database.ts';
import { newPaymentId } from '../../ids.ts';
import type { AcceptCommand, AcceptResult } from '../../payments/command.ts';
import { Overloaded } from '../../runtime/overloaded.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const deposit = (body: object = {}, headers: Record<string, string> = {}) =>
  ({
    method: 'POST',
    url: '/api/v1/deposits',
    body: { amount: '100.00', ...body },
    headers: { 'idempotency-key': 'key-1', ...headers },
  }) as const;

/** Accepts whatever comes, and keeps the commands. */
function acceptAll(change: Partial<{ replayed: boolean }> = {}): AcceptCommand[] {
  const commands: AcceptCommand[] = [];
  api.use({
    accept: async (command) => {
      commands.push(command);
      return { kind: 'accepted', payment: acceptedOf(command), replayed: false, ...change };
    },
  });
  return commands;
}

function acceptedOf(command: AcceptCommand) {
  return {
    ...command,
    answerVersion: 1,
    refusal: null,
    refusalAvailable: null,
    createdAt: new Date('2026-01-02T03:04:05.678Z'),
  };
}

const answerWith = (result: AcceptResult) => api.use({ accept: async () => result });

test('a deposit is accepted: 202, its address, its body', async () => {
  const commands = acceptAll();
  const person = await api.person();
  const response = await api.send(
    person,
    deposit({ amount: 12.5, description: 'Rent', metadata: { b: [1, 'ü'], a: null } }),
  );
  assert.equal(response.statusCode, 202, response.body);
  const [command] = commands;
  assert.deepEqual(response.json(), {
    id: command?.id,
    account_id: person.accountId,
    transaction_type: 'deposit',
    amount: '12.50',
    currency: 'USD',
    status: 'PENDING',
    bank_transaction_id: null,
    error_code: null,
    error_message: null,
    created_at: '2026-01-02T03:04:05.678Z',
    updated_at: '2026-01-02T03:04:05.678Z',
    description: 'Rent',
    metadata: { a: null, b: [1, 'ü'] },
    message: 'Deposit accepted; the bank is being asked.',
  });
  assert.equal(response.headers.location, `/api/v1/deposits/${command?.id}`);
  assert.equal(response.headers['content-type'], 'application/json; charset=utf-8');
  assert.equal(response.headers['idempotent-replayed'], undefined);
});

test('what is accepted is what was asked for', async () => {
  const commands = acceptAll();
  const person = await api.person();
  await api.send(
    person,
    deposit(
      { metadata: { b: 1, a: 2 } },
      { 'x-request-id': 'req-7', 'idempotency-key': '"k\\"1"' },
    ),
  );
  const [command] = commands;
  assert.equal(command?.userId, person.id);
  assert.equal(command.accountId, person.accountId);
  assert.equal(command.kind, 'deposit');
  assert.equal(command.amountMinor, 10_000n);
  assert.equal(command.currency, 'USD');
  assert.equal(command.idempotencyKey, 'k"1');
  assert.equal(command.requestId, 'req-7');
  assert.equal(command.description, null);
  assert.equal(command.metadata, '{"a":2,"b":1}');
  assert.ok(
    Math.abs(command.authenticatedAt - performance.timeOrigin - performance.now()) < 60_000,
  );
});

test('a replay is the first answer to the byte, and says that it is one', async () => {
  const person = await api.person();
  acceptAll();
  const first = await api.send(person, deposit());
  const { id } = first.json<{ id: string }>();
  api.use({
    accept: async (command) => {
      const payment = { ...acceptedOf(command), id: first.json().id, requestId: 'the first one' };
      return { kind: 'accepted', payment, replayed: true };
    },
  });
  const second = await api.send(person, deposit());
  assert.equal(second.body, first.body);
  assert.equal(second.statusCode, 202);
  assert.equal(second.headers['idempotent-replayed'], 'true');
  assert.equal(second.headers.location, `/api/v1/deposits/${id}`);
});

const badRequests: readonly (readonly [string, object, string, unknown])[] = [
  ['no amount', { amount: undefined }, 'validation_failed', '#/amount'],
  ['an amount that is a list', { amount: [1] }, 'validation_failed', '#/amount'],
  ['an exponent', { amount: '1e3' }, 'invalid_amount', '#/amount'],
  ['a number beyond exactness', { amount: 1e20 }, 'invalid_amount', '#/amount'],
  ['a negative amount', { amount: '-1.00' }, 'invalid_amount', '#/amount'],
  ['zero', { amount: '0.00' }, 'invalid_amount', '#/amount'],
  ['half a cent', { amount: '0.005' }, 'invalid_amount', '#/amount'],
  ['a currency nobody knows', { currency: 'XXQ' }, 'unknown_currency', '#/currency'],
  ['a currency without account', { currency: 'EUR' }, 'no_account_in_currency', '#/currency'],
  ['a long description', { description: 'x'.repeat(501) }, 'validation_failed', '#/description'],
  [
    'a card number',
    { description: 'card 4111 1111 1111 1111' },
    'card_number_refused',
    '#/description',
  ],
  [
    'a card number in metadata',
    { metadata: { n: 4111111111111111 } },
    'card_number_refused',
    '#/metadata',
  ],
  ['metadata that is a list', { metadata: [] }, 'validation_failed', '#/metadata'],
  [
    'deep metadata',
    { metadata: { a: { b: { c: { d: { e: {} } } } } } },
    'validation_failed',
    '#/metadata',
  ],
  ['large metadata', { metadata: { a: 'x'.repeat(4096) } }, 'validation_failed', '#/metadata'],
];
for (const [what, body, code, pointer] of badRequests) {
  test(`${what} is refused, and nothing is accepted`, async () => {
    const commands = acceptAll();
    const response = await api.send(await api.person(), deposit(body));
    const problem = assertProblem(response, { status: 400, code });
    assert.equal((problem['errors'] as { pointer: unknown }[])[0]?.pointer, pointer);
    assert.deepEqual(commands, []);
  });
}

test('absent, null and the default are the same', async () => {
  const commands = acceptAll();
  const person = await api.person();
  await api.send(person, deposit());
  await api.send(person, deposit({ currency: null, description: null, metadata: null }));
  await api.send(person, deposit({ currency: 'USD' }));
  const compared = commands.map((command) => ({ ...command, id: null, requestId: null }));
  assert.deepEqual(compared[1], compared[0]);
  assert.deepEqual(compared[2], compared[0]);
});

test('without a key it is refused', async () => {
  const { headers, ...call } = deposit();
  const response = await api.send(await api.person(), call);
  assertProblem(response, { status: 400, code: 'idempotency_key_missing' });
  assert.ok(headers);
});

test('with a key that cannot be one it is refused', async () => {
  const response = await api.send(await api.person(), deposit({}, { 'idempotency-key': 'a b' }));
  assertProblem(response, { status: 400, code: 'idempotency_key_invalid' });
});

test('a key that stands for another request names it and what differs', async () => {
  const original = newPaymentId();
  answerWith({ kind: 'key_reused', original, differing: ['amount', 'type'] });
  const response = await api.send(await api.person(), deposit());
  const problem = assertProblem(response, { status: 422, code: 'idempotency_key_reused' });
  assert.equal(problem['payment_id'], original);
  assert.equal(problem['original'], `/api/v1/transactions/${original}`);
  assert.deepEqual(problem['differing'], ['amount', 'type']);
});

test('a user who was deactivated is refused by the accept itself', async () => {
  answerWith({ kind: 'user_refused' });
  const response = await api.send(await api.person(), deposit());
  assertProblem(response, { status: 401, code: 'token_revoked' });
  assert.match(String(response.headers['www-authenticate']), /invalid_token/);
});

test('a busy account asks for patience', async () => {
  answerWith({ kind: 'account_busy' });
  const response = await api.send(await api.person(), deposit());
  assertProblem(response, { status: 503, code: 'account_busy' });
  assert.equal(response.headers['retry-after'], '1');
});

const failures = [
  [new Overloaded('the waiting room', 3), 'overloaded', '3'],
  [new DatabaseAway('gone'), 'database_away', '1'],
  [new OutcomeUnknown('perhaps'), 'outcome_unknown', '1'],
] as const;
for (const [error, code, retryAfter] of failures) {
  test(`an accept that ends in ${error.name} is a 503 that says what is safe`, async () => {
    api.use({ accept: () => Promise.reject(error) });
    const response = await api.send(await api.person(), deposit());
    assertProblem(response, { status: 503, code });
    assert.equal(response.headers['retry-after'], retryAfter);
  });
}

testGuards(
  () => api,
  (_person: Person) => deposit(),
  'RATE_LIMIT_GLOBAL_PER_MINUTE',
);
testBodies(
  () => api,
  () => deposit(),
);
testStatuses(() => api, 'POST /api/v1/deposits');
