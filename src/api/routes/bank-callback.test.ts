import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type Person, type TestApi } from '../../../test/support/api.ts';
import { insertTestPayment, type TestPayment } from '../../../test/support/api-payments.ts';
import { assertProblem, testStatuses } from '../../../test/support/api-refusals.ts';
import {
  bankSecret,
  callbackBody,
  signCallback,
  unixNow,
} from '../../../test/support/bank-callbacks.ts';
import { DatabaseAway, statement } from '../../db/database.ts';
import { newPaymentId, type PaymentId } from '../../ids.ts';

let api: TestApi;
let person: Person;
before(async () => {
  api = await openTestApi();
  person = await api.person();
});
after(() => api.close());

const url = '/webhooks/bank-callback';

const post = (body: string, headers: Record<string, string> = {}, to: TestApi = api) =>
  to.send(null, {
    method: 'POST',
    url,
    body,
    headers: {
      'content-type': 'application/json',
      'x-bank-signature': signCallback(body),
      ...headers,
    },
  });

const paymentOf = (payment: TestPayment): Promise<PaymentId> =>
  insertTestPayment(api.database, person, payment);

const stateOf = statement<{ next_contact: string; in_ms: number; version: number }>(
  'test_callback_state',
  `SELECT next_contact, version,
          extract(epoch FROM contact_at - clock_timestamp())::float8 * 1000 AS in_ms
     FROM payment_state WHERE payment_id = $1`,
);
const inboxOf = statement<{ verdict: string; times: number; body: string; payment_id: string }>(
  'test_callback_inbox',
  `SELECT verdict, times, encode(body, 'escape') AS body, payment_id FROM bank_callbacks
    WHERE body = decode($1, 'hex')`,
);
const breaksOf = statement<{
  kind: string;
  currency: string;
  bank_amount: bigint;
  booked_amount: bigint;
  /** False: money in another currency is money for nobody. */
  is_ours: boolean;
}>(
  'test_callback_breaks',
  `SELECT kind, currency, bank_amount, booked_amount, payment_id IS NOT NULL AS is_ours FROM breaks
    WHERE bank_reference = replace($1, '-', '') AND source = 'callback'`,
);
const tasksOf = statement<{ detail: string }>(
  'test_callback_tasks',
  `SELECT t.detail FROM failed_tasks t JOIN bank_callbacks c ON t.subject = 'callback:' || c.id
    WHERE c.body = decode($1, 'hex') AND t.reason = 'UNDELIVERABLE_CALLBACK'`,
);

const hexOf = (body: string): string => Buffer.from(body).toString('hex');
const inbox = async (body: string) => {
  const [row] = await api.database.query(inboxOf, [hexOf(body)]);
  return row;
};

/** Waits for its retry, an hour from now. */
const laterInquiry = statement<never>(
  'test_callback_later',
  `UPDATE payment_state SET next_contact = $2, due_at = clock_timestamp() + interval '1 hour',
          contact_at = clock_timestamp() + interval '1 hour' WHERE payment_id = $1`,
);

test('an unfinished payment is asked about at once, whatever was next', async () => {
  for (const status of ['PENDING', 'PROCESSING', 'PENDING_REVIEW'] as const)
    for (const says of ['SUCCESS', 'FAILED', 'INSUFFICIENT_FUNDS', 'TIMEOUT', 'UNAVAILABLE']) {
      const id = await paymentOf({ status });
      await api.database.query(laterInquiry, [id, status === 'PROCESSING' ? 'submit' : 'inquire']);
      const body = callbackBody(id, { status: says, amount: '1000', currency: 'USD' });
      const response = await post(body);
      assert.equal(response.statusCode, 200, response.body);
      assert.deepEqual(response.json(), { received: true, duplicate: false });
      const [state] = await api.database.query(stateOf, [id]);
      assert.equal(state?.next_contact, 'inquire', `${status} and ${says}`);
      assert.ok(state.in_ms <= 0, 'due now');
      assert.equal(state.version, 1, 'the callback itself changes no status');
      assert.ok(api.announced.includes(id), 'the queue is told');
      const kept = await inbox(body);
      assert.deepEqual([kept?.verdict, kept?.payment_id], ['inquiry_due', id]);
      assert.equal(kept?.body, body, 'the signed bytes are kept');
    }
});

test('one event is taken once, however often and however simultaneously it comes', async () => {
  const id = await paymentOf({ status: 'PROCESSING' });
  const body = callbackBody(id);
  const answers = await Promise.all(Array.from({ length: 5 }, () => post(body)));
  assert.deepEqual(
    answers.map((answer) => answer.statusCode),
    [200, 200, 200, 200, 200],
  );
  const duplicates = answers.filter((answer) => answer.json().duplicate === true);
  assert.equal(duplicates.length, 4);
  assert.equal((await inbox(body))?.times, 5);
  assert.equal(api.announced.filter((one) => one === id).length, 1);
});

test('a bank that sends no event id is known by the bytes', async () => {
  const id = await paymentOf({ status: 'PROCESSING' });
  for (const eventId of [undefined, null, 7, 'with space', 'sha256:abc', 'x'.repeat(129)]) {
    const body = callbackBody(id, { event_id: eventId });
    assert.equal((await post(body)).json().duplicate, false);
    assert.equal((await post(body)).json().duplicate, true);
  }
});

/** Each is the right signature, spoilt. */
const spoilt: readonly (readonly [string, (right: string, body: string) => string | undefined])[] =
  [
    ['missing', () => undefined],
    ['empty', () => ''],
    ['a digit short', (right) => right.slice(1)],
    ['a digit long', (right) => `${right}0`],
    ['in upper case', (right) => right.toUpperCase()],
    ['in base64', (right) => Buffer.from(right, 'hex').toString('base64')],
    ['twice', (right) => `${right}, ${right}`],
    ['with its algorithm', (right) => `sha256=${right}`],
    ['with a space', (right) => ` ${right.slice(1)}`],
    ['of the same length in other letters', (right) => 'ä'.repeat(right.length)],
    ['by another secret', (_right, body) => signCallback(body, `${bankSecret}x`)],
    ['of another body', (_right, body) => signCallback(`${body} `)],
  ];

for (const [name, spoil] of spoilt)
  test(`S15 a signature that is ${name} is refused, and nothing is kept but a count`, async () => {
    const id = await paymentOf({ status: 'PROCESSING' });
    await api.database.query(laterInquiry, [id, 'inquire']);
    const body = callbackBody(id);
    const signature = spoil(signCallback(body), body);
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    if (signature !== undefined) headers['x-bank-signature'] = signature;
    const response = await api.send(null, { method: 'POST', url, body, headers });
    assertProblem(response, { status: 401, code: 'callback_not_signed' });
    assert.equal(await inbox(body), undefined);
    const [state] = await api.database.query(stateOf, [id]);
    assert.ok((state?.in_ms ?? 0) > 3_000_000, 'nobody is asked');
  });

test('S15 forged calls are counted by their sender, who cannot fill the disk', async () => {
  const counted = statement<{ senders: bigint; times: bigint }>(
    'test_callback_refusals',
    'SELECT count(*) AS senders, sum(times)::bigint AS times FROM bank_callback_refusals',
  );
  const [first] = await api.database.query(counted, []);
  const body = callbackBody(await paymentOf({}));
  await post(body, { 'x-bank-signature': 'f'.repeat(64) });
  await post(body, { 'x-bank-signature': 'f'.repeat(64) });
  const [later] = await api.database.query(counted, []);
  assert.equal(later?.senders, 1n);
  assert.equal((later?.times ?? 0n) - (first?.times ?? 0n), 2n);
});

test('S15 a body that was re-serialised is another body', async () => {
  const body = callbackBody(await paymentOf({ status: 'PROCESSING' }));
  const again = JSON.stringify(JSON.parse(body), null, 1);
  const response = await post(again, { 'x-bank-signature': signCallback(body) });
  assertProblem(response, { status: 401, code: 'callback_not_signed' });
});

for (const seconds of [-360, -301, 301, 360])
  test(`S15 a timestamp ${seconds} s away is refused, kept, and takes no event's place`, async () => {
    const id = await paymentOf({ status: 'PROCESSING' });
    await api.database.query(laterInquiry, [id, 'inquire']);
    // One more: the second may turn on the way.
    const away = seconds + Math.sign(seconds);
    const words = { event_id: `event${away}`, timestamp: unixNow() + away };
    const body = callbackBody(id, words);
    for (let time = 1; time <= 2; time += 1)
      assertProblem(await post(body), { status: 400, code: 'callback_stale' });
    assert.equal((await inbox(body))?.verdict, 'stale');
    const [state] = await api.database.query(stateOf, [id]);
    assert.ok((state?.in_ms ?? 0) > 3_000_000, 'nobody is asked');
    const fresh = callbackBody(id, { event_id: words.event_id });
    assert.deepEqual((await post(fresh)).json(), { received: true, duplicate: false });
  });

test('a timestamp 295 s away is not stale', async () => {
  for (const away of [-295, 295]) {
    const id = await paymentOf({ status: 'PROCESSING' });
    const response = await post(callbackBody(id, { timestamp: unixNow() + away }));
    assert.equal(response.statusCode, 200, response.body);
  }
});

const unreadable: readonly (readonly [string, (id: PaymentId) => string])[] = [
  ['no JSON', () => '{'],
  ['nothing', () => ' '],
  ['a list', () => '[]'],
  ['null', () => 'null'],
  ['a byte order mark', (id) => `\ufeff${callbackBody(id)}`],
  ['no reference', (id) => callbackBody(id, { transaction_id: undefined })],
  ['a reference that is a number', (id) => callbackBody(id, { transaction_id: 7 })],
  ['a reference with a NUL', (id) => callbackBody(id, { transaction_id: 'a\0' })],
  ['an unknown status', (id) => callbackBody(id, { status: 'DONE' })],
  ['a status of the prototype', (id) => callbackBody(id, { status: 'toString' })],
  ['no timestamp', (id) => callbackBody(id, { timestamp: undefined })],
  ['a timestamp in text', (id) => callbackBody(id, { timestamp: String(unixNow()) })],
  ['a timestamp with a fraction', (id) => callbackBody(id, { timestamp: unixNow() + 0.5 })],
  ['an amount that is a number', (id) => callbackBody(id, { amount: 1000 })],
  ['an amount with a point', (id) => callbackBody(id, { amount: '10.00' })],
  ['an amount below zero', (id) => callbackBody(id, { amount: '-1000' })],
  ['a currency in small letters', (id) => callbackBody(id, { currency: 'usd' })],
  ['a transaction id with spaces', (id) => callbackBody(id, { bank_transaction_id: 'a b' })],
  ['an error code in markup', (id) => callbackBody(id, { error_code: '<b>' })],
];

for (const [name, compose] of unreadable)
  test(`a signed body with ${name} is refused, and kept for a human`, async () => {
    const body = compose(await paymentOf({ status: 'PROCESSING' }));
    const response = await post(body);
    assertProblem(response, { status: 400, code: 'callback_unreadable' });
    assertProblem(await post(body), { status: 400, code: 'callback_unreadable' });
    const kept = await inbox(body);
    assert.deepEqual([kept?.verdict, kept?.times], ['unreadable', 2]);
    assert.equal((await api.database.query(tasksOf, [hexOf(body)])).length, 1);
  });

test('a prototype that is sent along reaches nobody', async () => {
  const id = await paymentOf({ status: 'PROCESSING' });
  const body = `{"__proto__":{"polluted":true},${callbackBody(id).slice(1)}`;
  assert.equal((await post(body)).statusCode, 200);
  assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false);
});

test('a reference that is no payment of this bank is kept for a human', async () => {
  const unknown = [
    callbackBody(newPaymentId()),
    callbackBody(newPaymentId(), { transaction_id: 'INV-2026.1' }),
    callbackBody(newPaymentId(), { transaction_id: newPaymentId() }),
  ];
  for (const body of unknown) {
    const response = await post(body);
    assertProblem(response, { status: 404, code: 'callback_payment_unknown' });
    assertProblem(await post(body), { status: 404, code: 'callback_payment_unknown' });
    assert.equal((await inbox(body))?.verdict, 'unknown_payment');
    assert.equal((await api.database.query(tasksOf, [hexOf(body)])).length, 1);
  }
});

const final: readonly (readonly [TestPayment, Record<string, unknown>, bigint, bigint])[] = [
  [{ kind: 'deposit', status: 'FAILED' }, { status: 'SUCCESS' }, 1000n, 0n],
  [{ kind: 'withdrawal', status: 'FAILED' }, { status: 'SUCCESS' }, -1000n, 0n],
  [{ kind: 'deposit', status: 'SUCCESS' }, { status: 'FAILED' }, 0n, 1000n],
  [{ kind: 'withdrawal', status: 'SUCCESS' }, { status: 'INSUFFICIENT_FUNDS' }, 0n, -1000n],
];

for (const [payment, words, bankAmount, bookedAmount] of final)
  test(`${String(words['status'])} for a ${payment.kind} that is ${payment.status} is a break`, async () => {
    const id = await paymentOf(payment);
    for (let event = 1; event <= 2; event += 1) {
      const body = callbackBody(id, words);
      assertProblem(await post(body), { status: 409, code: 'callback_contradicts' });
      assertProblem(await post(body), { status: 409, code: 'callback_contradicts' });
    }
    assert.deepEqual(await api.database.query(breaksOf, [id]), [
      {
        kind: 'contradiction',
        currency: 'USD',
        bank_amount: bankAmount,
        booked_amount: bookedAmount,
        is_ours: true,
      },
    ]);
    const alerts = api.logLines.filter((line) => line['payment_id'] === id && line['level'] === 50);
    assert.equal(alerts.length, 2, 'each event is alerted once');
  });

test('what agrees with the end of a payment, or is no news, changes nothing', async () => {
  for (const [status, says] of [
    ['SUCCESS', 'SUCCESS'],
    ['SUCCESS', 'TIMEOUT'],
    ['FAILED', 'FAILED'],
    ['FAILED', 'INSUFFICIENT_FUNDS'],
    ['FAILED', 'UNAVAILABLE'],
  ] as const) {
    const id = await paymentOf({ status });
    const response = await post(callbackBody(id, { status: says }));
    assert.equal(response.statusCode, 200, response.body);
    assert.deepEqual(await api.database.query(breaksOf, [id]), []);
  }
});

const otherMoney: readonly (readonly [Record<string, unknown>, string, bigint])[] = [
  [{ amount: '1001', currency: 'USD' }, 'USD', 1001n],
  [{ amount: '999' }, 'USD', 999n],
  [{ amount: '1000', currency: 'EUR' }, 'EUR', 1000n],
  [{ currency: 'EUR' }, 'EUR', 1000n],
];

for (const [words, currency, bankAmount] of otherMoney)
  test(`S16 ${JSON.stringify(words)} for 10.00 USD is a break, and nobody is asked`, async () => {
    const id = await paymentOf({ status: 'PROCESSING' });
    await api.database.query(laterInquiry, [id, 'inquire']);
    // The bank's own number: by it money that is nobody's is known.
    const body = callbackBody(id, { ...words, bank_transaction_id: `number-${id}` });
    assertProblem(await post(body), {
      status: 409,
      code: 'callback_amount_differs',
    });
    assert.deepEqual(await api.database.query(breaksOf, [id]), [
      {
        kind: 'amount_differs',
        currency,
        bank_amount: bankAmount,
        booked_amount: 0n,
        is_ours: currency === 'USD',
      },
    ]);
    const [state] = await api.database.query(stateOf, [id]);
    assert.ok((state?.in_ms ?? 0) > 3_000_000);
  });

test('other money of which nothing moved is refused without a break', async () => {
  const id = await paymentOf({ status: 'PROCESSING' });
  const body = callbackBody(id, { status: 'FAILED', amount: '1', currency: 'USD' });
  assertProblem(await post(body), { status: 409, code: 'callback_amount_differs' });
  assert.deepEqual(await api.database.query(breaksOf, [id]), []);
});

test('a body of more than 64 kB is refused', async () => {
  const id = await paymentOf({});
  const response = await post(callbackBody(id, { message: 'x'.repeat(66_000) }));
  assertProblem(response, { status: 413, code: 'body_too_large' });
});

test('a body that is not said to be JSON is refused', async () => {
  const body = callbackBody(await paymentOf({}));
  const response = await post(body, { 'content-type': 'text/plain' });
  assertProblem(response, { status: 415, code: 'unsupported_media_type' });
});

test('no body at all bears no signature', async () => {
  const response = await api.inject({ method: 'POST', url });
  assertProblem(response, { status: 401, code: 'callback_not_signed' });
});

test('past its limit an address has to wait, signed or not', async () => {
  const limited = await api.beside({
    RATE_LIMIT_ENABLED: 'true',
    RATE_LIMIT_CALLBACKS_PER_MINUTE: '2',
  });
  const body = callbackBody(await paymentOf({ status: 'PROCESSING' }));
  assert.equal((await post(body, {}, limited)).statusCode, 200);
  const forged = { 'x-bank-signature': '0'.repeat(64) };
  assert.equal((await post(body, forged, limited)).statusCode, 401);
  const problem = assertProblem(await post(body, {}, limited), {
    status: 429,
    code: 'rate_limit_exceeded',
  });
  assert.deepEqual(problem['violated-policies'], ['callbacks']);
  await limited.close();
});

test('without the database the bank is asked to send it again; forged stays forged', async () => {
  const body = callbackBody(await paymentOf({ status: 'PROCESSING' }));
  api.failDatabase(new DatabaseAway('connect ECONNREFUSED'));
  const [signed, forged] = [await post(body), await post(body, { 'x-bank-signature': 'f' })];
  api.failDatabase(null);
  assertProblem(signed, { status: 503, code: 'database_away' });
  assertProblem(forged, { status: 401, code: 'callback_not_signed' });
});

test('a failure that nobody expected says nothing', async () => {
  const body = callbackBody(await paymentOf({ status: 'PROCESSING' }));
  api.failDatabase(new Error('SELECT secret FROM vault'));
  const response = await post(body);
  api.failDatabase(null);
  assertProblem(response, { status: 500, code: 'internal_error' });
});

testStatuses(() => api, 'POST /webhooks/bank-callback');
