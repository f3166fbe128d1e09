import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../../test/support/api.ts';
import { insertTestPayment } from '../../test/support/api-payments.ts';
import { assertProblem, testGuards, testStatuses } from '../../test/support/api-refusals.ts';
import { statement } from '../db/database.ts';
import { newPaymentId, newWorkerId, type PaymentId } from '../ids.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const kinds = [
  { kind: 'deposit', other: 'withdrawal' },
  { kind: 'withdrawal', other: 'deposit' },
] as const;

for (const { kind, other } of kinds) {
  const get = (id: string) => ({ method: 'GET', url: `/api/v1/${kind}s/${id}` }) as const;

  test(`a ${kind} is shown as it stands`, async () => {
    const person = await api.person();
    const payment = { kind, status: 'FAILED', errorCode: 'TIMEOUT' } as const;
    const id = await insertTestPayment(api.database, person, payment);
    const response = await api.send(person, get(id));
    assert.equal(response.statusCode, 200, response.body);
    const { created_at, updated_at, ...body } = response.json();
    assert.match(created_at, /^2026-.*Z$/);
    assert.match(updated_at, /Z$/);
    assert.deepEqual(body, {
      id,
      account_id: person.accountId,
      transaction_type: kind,
      amount: '10.00',
      currency: 'USD',
      status: 'FAILED',
      bank_transaction_id: null,
      error_code: 'TIMEOUT',
      error_message: 'The bank did not answer in time.',
      description: null,
      metadata: null,
      message: 'Failed; the balance has not changed.',
      outcome: 'failed',
      next_inquiry_at: null,
      evidence: [],
    });
  });

  test(`somebody else's, a ${other}, none at all and no id are one 404 to a ${kind}`, async () => {
    const [person, stranger] = [await api.person(), await api.person('admin')];
    const theirs = await insertTestPayment(api.database, stranger, { kind });
    const otherKind = await insertTestPayment(api.database, person, { kind: other });
    for (const id of [theirs, otherKind, newPaymentId(), 'not-an-id', "1' OR '1'='1"]) {
      const response = await api.send(person, get(encodeURIComponent(id)));
      const problem = assertProblem(response, { status: 404, code: 'payment_not_found' });
      assert.equal(problem['detail'], 'There is no such payment, or it is not yours.');
    }
  });

  testGuards(
    () => api,
    () => get(newPaymentId()),
    'RATE_LIMIT_GLOBAL_PER_MINUTE',
  );
  testStatuses(() => api, `GET /api/v1/${kind}s/:id`);
}

const waits = statement<never>(
  'test_waits',
  `UPDATE payment_state
      SET unsure = $2, claims_open = $3, next_contact = $4,
          contact_at = clock_timestamp() + $5 * interval '1 s',
          due_at = clock_timestamp() + $5 * interval '1 s'
    WHERE payment_id = $1`,
);

/** How a payment waits, and what its owner is told of it. */
const waiting = [
  ['PENDING', { unsure: false, open: 0, next: 'submit', inSeconds: 0 }, 'pending', false],
  ['PROCESSING', { unsure: false, open: 1, next: 'inquire', inSeconds: 25 }, 'pending', false],
  ['PROCESSING', { unsure: false, open: 0, next: 'submit', inSeconds: 4 }, 'pending', false],
  ['PROCESSING', { unsure: false, open: 1, next: 'inquire', inSeconds: -1 }, 'unknown', true],
  ['PROCESSING', { unsure: false, open: 2, next: 'inquire', inSeconds: 25 }, 'unknown', true],
  ['PROCESSING', { unsure: true, open: 0, next: 'inquire', inSeconds: 30 }, 'unknown', true],
  ['PROCESSING', { unsure: true, open: 0, next: 'submit', inSeconds: 4 }, 'unknown', false],
  ['PENDING_REVIEW', { unsure: true, open: 0, next: 'inquire', inSeconds: 9 }, 'unknown', true],
] as const;

for (const [status, { unsure, open, next, inSeconds }, outcome, isAsked] of waiting)
  test(`${status}, ${open} open, ${next} in ${inSeconds} s: the outcome is ${outcome}`, async () => {
    const person = await api.person();
    const id = await insertTestPayment(api.database, person, { status });
    await api.database.query(waits, [id, unsure, open, next, inSeconds]);
    const response = await api.send(person, { method: 'GET', url: `/api/v1/deposits/${id}` });
    const body = response.json();
    assert.equal(body.outcome, outcome);
    assert.equal(body.next_inquiry_at !== null, isAsked);
  });

const contactInsert = statement<never>(
  'test_contact',
  `INSERT INTO attempts (payment_id, fence, contact, worker, started_at, ended_at, outcome, evidence)
   VALUES ($1, $2, $3, $4, now(), '2026-01-02T03:04:05Z', $5, $6)`,
);

const leaky = 'connect ECONNREFUSED http://10.0.0.7:8001/v1 at fetch (/srv/client.ts:41)';

async function contact(id: PaymentId, fence: number, who: string, outcome: string): Promise<void> {
  const values = [id, fence, who, newWorkerId(), outcome, leaky];
  await api.database.query(contactInsert, values);
}

test('the evidence says in our words what the bank said, and nothing of our insides', async () => {
  const [person, operator] = [await api.person(), await api.person('operator')];
  const id = await insertTestPayment(api.database, person, { status: 'PROCESSING' });
  const told = [
    ['submit', 'unknown'],
    ['inquire', 'pending'],
    ['inquire', 'not_found'],
    ['submit', 'retryable'],
    ['callback', 'approved'],
    ['statement', 'declined'],
    ['operator', 'approved'],
    ['operator', 'declined'],
  ] as const;
  for (const [at, [who, outcome]] of told.entries()) await contact(id, at + 1, who, outcome);
  for (const [reader, url] of [
    [person, `/api/v1/deposits/${id}`],
    [person, `/api/v1/transactions/${id}?expand=timeline,attempts`],
    [operator, `/api/v1/transactions/${id}`],
  ] as const) {
    const response = await api.send(reader, { method: 'GET', url });
    const { evidence } = response.json();
    assert.deepEqual(
      evidence.map((one: { contact: string; outcome: string }) => [one.contact, one.outcome]),
      told,
    );
    for (const one of evidence) {
      assert.equal(one.at, '2026-01-02T03:04:05.000Z');
      assert.match(one.message, /^(The bank|A person) /);
    }
    assert.doesNotMatch(response.body, /ECONNREFUSED|10\.0\.0\.7|client\.ts/);
  }
});

test('of very much evidence the newest hundred are told', async () => {
  const person = await api.person();
  const id = await insertTestPayment(api.database, person, { status: 'PENDING_REVIEW' });
  for (let fence = 1; fence <= 101; fence += 1)
    await contact(id, fence, 'inquire', fence === 1 ? 'not_found' : 'unknown');
  const response = await api.send(person, { method: 'GET', url: `/api/v1/deposits/${id}` });
  const { evidence } = response.json();
  assert.equal(evidence.length, 100);
  assert.equal(evidence[0].outcome, 'unknown', 'the oldest is left out');
});
