import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { present } from '../../src/assert.ts';
import { statement } from '../../src/db/database.ts';
import { newPaymentId } from '../../src/ids.ts';
import type { PaymentKind } from '../../src/payments/states.ts';
import type { Role } from '../../src/users/roles.ts';
import { type Scope, scopes } from '../../src/users/scopes.ts';
import { openTestApi, type Person, type TestApi } from '../support/api.ts';
import { insertTestPayment } from '../support/api-payments.ts';
import { nameOf, operationsOf, type PlacedOperation, servedDocument } from '../support/openapi.ts';
import { codeOf, exampleCall, type Heard, send } from '../support/operation-call.ts';

const operations = operationsOf(servedDocument());
const roles = ['user', 'operator', 'admin'] as const satisfies readonly Role[];

let api: TestApi;
let baseUrl: string;
before(async () => {
  api = await openTestApi();
  baseUrl = await api.listen();
});
after(() => api.close());

interface CallerKind {
  readonly name: string;
  readonly role: Role | null;
  /** Of an API key; null: a token. */
  readonly scope: Scope | null;
}

const callers: readonly CallerKind[] = [
  { name: 'nobody', role: null, scope: null },
  ...roles.map((role) => ({ name: role, role, scope: null })),
  ...roles.flatMap((role) =>
    scopes.map((scope) => ({ name: `a key of a ${role} for ${scope}`, role, scope })),
  ),
];

for (const caller of callers) {
  test(`${caller.name} is let in where the document says so, and nowhere else`, async () => {
    const token = await tokenOf(caller);
    const wrong: string[] = [];
    for (const operation of operations) {
      const ids = { id: randomUUID(), delivery_id: randomUUID() };
      const heard = await send(baseUrl, exampleCall(operation, ids), token);
      const expected = guardAnswer(operation, caller);
      const said = ['token_missing', 'forbidden'].includes(codeOf(heard)) ? codeOf(heard) : 'in';
      if (said !== expected) wrong.push(`${nameOf(operation)}: ${said}, not ${expected}`);
      assert.notEqual(heard.status, 500, nameOf(operation));
    }
    assert.deepEqual(wrong, []);
  });
}

async function tokenOf({ role, scope }: CallerKind): Promise<string | null> {
  if (role === null) return null;
  const person = await api.person(role);
  return scope === null ? person.token : (await api.keyOf(person, [scope])).token;
}

/** As README says it, and not by the code that decides it. */
function guardAnswer({ operation }: PlacedOperation, caller: CallerKind): string {
  const { role, scope } = operation['x-access'];
  if (role === 'public') return 'in';
  if (caller.role === null) return 'token_missing';
  const isHighEnough =
    roles.findIndex((one) => one === caller.role) >= roles.findIndex((one) => one === role);
  if (!isHighEnough) return 'forbidden';
  if (caller.scope === null) return 'in';
  if (scope === null) return 'forbidden';
  // A customer's key never gets what `admin:*` guards; an operator's gets all with it.
  const isAlmighty = caller.scope === 'admin:*' && caller.role !== 'user';
  return isAlmighty || (scope !== 'admin:*' && scope === caller.scope) ? 'in' : 'forbidden';
}

/** How somebody comes to have one, by the word before its id in an address. */
const possessions: Readonly<Record<string, (owner: Person) => Promise<string>>> = {
  users: async (owner) => owner.id,
  accounts: async (owner) => owner.accountId,
  deposits: (owner) => payment(owner, 'deposit'),
  withdrawals: (owner) => payment(owner, 'withdrawal'),
  transfers: (owner) => related(owner, 'transfer'),
  refunds: (owner) => related(owner, 'refund'),
  transactions: (owner) => payment(owner, 'deposit'),
  'api-keys': async (owner) => {
    await api.keyOf(owner, ['read']);
    return firstId((await asked(owner, 'GET', '/api/v1/api-keys')).text);
  },
  endpoints: (owner) => endpoint(owner),
  deliveries: async (owner) => {
    const id = await endpoint(owner);
    await asked(owner, 'POST', `/api/v1/webhooks/endpoints/${id}/test`);
    return firstId((await asked(owner, 'GET', '/api/v1/webhooks/deliveries')).text);
  },
};

async function endpoint(owner: Person): Promise<string> {
  const wish = { url: 'https://example.com/hook' };
  const { text } = await asked(owner, 'POST', '/api/v1/webhooks/endpoints', wish);
  const made: { id: string } = JSON.parse(text);
  return made.id;
}

const insertRelated = statement<never>(
  'test_related_payment',
  `INSERT INTO payments (id, user_id, account_id, kind, currency, amount, bank, answer_version,
                         idempotency_key, request_id, created_at, counter_account_id,
                         related_payment_id)
   SELECT $1, user_id, account_id, $3, currency, amount, CASE $3 WHEN 'refund' THEN bank END, 1,
          $5, 'test', now(), $4, CASE $3 WHEN 'refund' THEN id END
     FROM payments WHERE id = $2`,
);

const insertSuccess = statement<never>(
  'test_success',
  `INSERT INTO payment_state (payment_id, status, updated_at) VALUES ($1, 'SUCCESS', now())`,
);

/** A transfer to somebody, or the refund of a deposit; without their books. */
async function related(owner: Person, kind: 'transfer' | 'refund'): Promise<string> {
  const id = newPaymentId();
  const receiver = kind === 'transfer' ? (await api.person()).accountId : null;
  const deposit = await payment(owner, 'deposit');
  await api.database.query(insertRelated, [id, deposit, kind, receiver, id]);
  await api.database.query(insertSuccess, [id]);
  return id;
}

const payment = (owner: Person, kind: PaymentKind): Promise<string> =>
  insertTestPayment(api.database, owner, { kind });

async function asked(owner: Person, method: string, url: string, body?: object): Promise<Heard> {
  const call = {
    method,
    url,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  };
  const heard = await send(baseUrl, call, owner.token);
  assert.ok(heard.status < 300, heard.text);
  return heard;
}

function firstId(list: string): string {
  const { items }: { items: { id: string }[] } = JSON.parse(list);
  return present(items[0], 'there is one').id;
}

/** An operator may see what is anybody's. */
const ofCustomers = operations.filter(
  ({ path, operation }) => operation['x-access'].role === 'user' && path.includes('{'),
);

for (const operation of ofCustomers) {
  test(`${nameOf(operation)}: somebody else's looks like none at all`, async () => {
    const [owner, other] = [await api.person(), await api.person()];
    const ids = await possess(operation.path, owner);
    const none = Object.fromEntries(Object.keys(ids).map((name) => [name, newPaymentId()]));
    const theirs = await send(baseUrl, exampleCall(operation, ids), other.token);
    const nobodys = await send(baseUrl, exampleCall(operation, none), other.token);
    assert.equal(theirs.status, 404, theirs.text);
    assert.deepEqual(withoutRequest(theirs), withoutRequest(nobodys));
    const own = await send(baseUrl, exampleCall(operation, ids), owner.token);
    assert.notEqual(own.status, 404, 'its owner must find it, or the test proves nothing');
  });
}

async function possess(path: string, owner: Person): Promise<Record<string, string>> {
  const ids: Record<string, string> = {};
  const parts = path.split('/');
  for (const [at, part] of parts.entries()) {
    if (!part.startsWith('{')) continue;
    const word = parts[at - 1] ?? '';
    const make = possessions[word];
    assert.ok(
      make,
      `${path}: say in role-matrix.test.ts (possessions) how one gets one of ${word}`,
    );
    ids[part.slice(1, -1)] = await make(owner);
  }
  return ids;
}

/** What both answers say but for whose request it was. */
function withoutRequest({ status, text, headers }: Heard): unknown {
  const { instance, request_id, ...problem } = JSON.parse(text);
  assert.ok(instance.endsWith(request_id));
  return { status, problem, names: [...headers.keys()].toSorted() };
}

/** Parameters that look like ids, and how somebody comes to have one; null: it is no id of ours. */
const idParameters: Readonly<Record<string, ((owner: Person) => Promise<string>) | null>> = {
  user_id: async (owner) => owner.id,
  transaction_id: (owner) => payment(owner, 'deposit'),
  endpoint_id: (owner) => endpoint(owner),
  bank_transaction_id: null,
};

for (const operation of operations.filter(
  ({ operation: one }) => one['x-access'].role === 'user',
)) {
  const names = operation.operation.parameters.flatMap(({ in: place, name }) =>
    place === 'query' && typeof name === 'string' && name.endsWith('_id') ? [name] : [],
  );
  for (const name of names) {
    test(`${nameOf(operation)}: ${name} opens nothing of somebody else's`, async () => {
      const own = idParameters[name];
      assert.ok(own !== undefined, `say in role-matrix.test.ts (idParameters) what ${name} is`);
      const [owner, other] = [await api.person(), await api.person()];
      await payment(owner, 'deposit');
      const value = own === null ? 'BNK-1' : await own(owner);
      const call = exampleCall(operation, { id: 'me' });
      const url = `${call.url}?${name}=${value}`;
      const heard = await send(baseUrl, { ...call, url }, other.token);
      if (name === 'user_id') assert.equal(codeOf(heard), 'user_not_found');
      // As if there were none, or an empty list.
      else if (heard.status !== 404) assert.equal(heard.status, 200, heard.text);
      assert.doesNotMatch(heard.text, new RegExp(`${owner.accountId}|"id":`));
    });
  }
}
