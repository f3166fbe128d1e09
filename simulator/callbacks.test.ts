import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import { type BankControl, openBankControl } from '../test/support/bank-control.ts';
import { newOrder, submitOrder, type TestOrder } from '../test/support/bank-orders.ts';
import { openReceiver, type Received } from '../test/support/callback-receiver.ts';
import { startTestSimulator, type TestSimulator } from '../test/support/simulator.ts';
import { until } from '../test/support/wait.ts';

const secret = 'the-secret-of-the-callbacks';
let bank: TestSimulator;
let control: BankControl;
before(async () => {
  bank = await startTestSimulator();
  control = await openBankControl(bank.url);
});
after(async () => {
  await bank.stop();
});
afterEach(() => control.reset());

interface Seen {
  readonly status: number | null;
  readonly received: readonly Received[];
  readonly order: TestOrder;
}

/** How many callbacks come of a scenario, and what is particular about them. */
const expectations: Readonly<
  Record<string, readonly [count: number, check: (seen: Seen) => void]>
> = {
  'callback-before': [
    1,
    ({ status, received }) => {
      assert.deepEqual([status, received[0]?.wasAnswered], [200, false]);
      assertTrue(received[0]);
    },
  ],
  'callback-after': [
    1,
    ({ status, received }) => {
      assert.deepEqual([status, received[0]?.wasAnswered], [200, true]);
      assertTrue(received[0]);
    },
  ],
  'callback-instead': [
    1,
    ({ status, received }) => {
      assert.equal(status, null);
      assertTrue(received[0]);
    },
  ],
  'callback-five-times': [
    5,
    ({ status, received }) => {
      assert.equal(status, 504);
      assert.equal(new Set(received.map(({ raw }) => raw)).size, 1);
      assertTrue(received[0]);
    },
  ],
  'callback-out-of-order': [
    2,
    ({ received: [first, second] }) => {
      assertTrue(first);
      assertSigned(second, true);
      assert.equal(second?.body['status'], 'TIMEOUT');
      assert.ok(Number(first?.body['timestamp']) > Number(second?.body['timestamp']));
      assert.notEqual(first?.body['event_id'], second?.body['event_id']);
    },
  ],
  'callback-forged': [
    1,
    ({ status, received: [only] }) => {
      assert.deepEqual([status, only?.body['status']], [422, 'SUCCESS']);
      assertSigned(only, false);
    },
  ],
  'callback-stale': [
    1,
    ({ received: [only] }) => {
      assertSigned(only, true);
      assert.ok(Number(only?.body['timestamp']) < Date.now() / 1000 - 3000);
    },
  ],
  'callback-wrong-amount': [
    1,
    ({ received: [only] }) => {
      assertSigned(only, true);
      assert.deepEqual([only?.body['amount'], only?.body['status']], ['101', 'SUCCESS']);
    },
  ],
  'declined-then-paid': [
    1,
    ({ status, received: [only] }) => {
      assert.equal(status, 422);
      assertTrue(only);
    },
  ],
  'paid-then-declined': [
    1,
    ({ status, received: [only] }) => {
      assert.deepEqual([status, only?.body['status']], [200, 'FAILED']);
      assert.equal(only?.body['error_code'], 'INVALID_REQUEST');
      assertSigned(only, true);
    },
  ],
  'paid-never-moved': [
    1,
    ({ status, received: [only] }) => {
      assert.deepEqual([status, only?.body['status']], [200, 'INSUFFICIENT_FUNDS']);
      assert.equal(only?.body['error_code'], 'INSUFFICIENT_FUNDS');
      assertSigned(only, true);
    },
  ],
};

for (const [scenario, [count, check]] of Object.entries(expectations)) {
  test(`${scenario}: what is called back is as it says`, async (t) => {
    const receiver = await openReceiver(t);
    await control.aimCallbacks({ url: receiver.url, secret });
    await control.setScenario({ scenario, callback_delay_ms: 20 });
    const order = newOrder();
    const patience = AbortSignal.timeout(1000);
    const answer = await submitOrder(bank.url, order, patience).catch(() => null);
    receiver.noteAnswer();
    const sent = await control.untilCallbacks(order.reference, count);
    assert.ok(sent.every(({ answer_status, attempt }) => answer_status === 200 && attempt === 1));
    const received = receiver.received();
    assert.equal(received.length, count);
    for (const { body } of received) {
      assert.equal(body['transaction_id'], order.reference);
      assert.equal(body['currency'], 'USD');
    }
    check({ status: answer?.status ?? null, received, order });
  });
}

test('a repeated submit calls nobody back again', async (t) => {
  const receiver = await openReceiver(t);
  await control.aimCallbacks({ url: receiver.url, secret });
  await control.setScenario({ scenario: 'callback-before' });
  const order = newOrder();
  await submitOrder(bank.url, order);
  await submitOrder(bank.url, order);
  assert.equal((await control.listCallbacks(order.reference)).length, 1);
});

test('one that nobody takes is sent again to the byte, so often and no more', async (t) => {
  const receiver = await openReceiver(t, [503, 500, 200]);
  await control.aimCallbacks({ url: receiver.url, secret, retry_delays_ms: [1, 1, 1] });
  await control.setScenario({ scenario: 'callback-before' });
  const order = newOrder();
  await submitOrder(bank.url, order);
  const sent = await control.untilCallbacks(order.reference, 3);
  assert.deepEqual(
    sent.map(({ attempt, answer_status }) => [attempt, answer_status]),
    [
      [1, 503],
      [2, 500],
      [3, 200],
    ],
  );
  assert.equal(new Set(receiver.received().map(({ raw }) => raw)).size, 1);
  assert.equal(new Set(sent.map(({ event_id }) => event_id)).size, 1);
});

test('a refusal is an answer, and nobody at the address is one to be tried again', async (t) => {
  const receiver = await openReceiver(t, [401]);
  await control.aimCallbacks({ url: receiver.url, secret, retry_delays_ms: [1] });
  await control.setScenario({ scenario: 'callback-before' });
  const refused = newOrder();
  await submitOrder(bank.url, refused);
  const [only] = await control.listCallbacks(refused.reference);
  assert.deepEqual([only?.answer_status, only?.answer], [401, 'seen']);
  await receiver.close();
  const lost = newOrder();
  await submitOrder(bank.url, lost);
  const sent = await control.untilCallbacks(lost.reference, 2);
  for (const { answer_status, error } of sent) {
    assert.equal(answer_status, null);
    assert.match(String(error), /ECONNREFUSED/);
  }
  assert.equal((await control.listCallbacks(refused.reference)).length, 1);
});

test('a receiver that never answers holds up neither a reset nor a stop', async (t) => {
  const receiver = await openReceiver(t, ['never', 'never']);
  const mute = await startTestSimulator({ BANK_SIMULATOR_SCENARIO: 'callback-before' });
  t.after(mute.stop);
  const steering = await openBankControl(mute.url);
  await steering.aimCallbacks({ url: receiver.url, secret, retry_delays_ms: [1, 1] });
  const first = newOrder();
  const answer = submitOrder(mute.url, first);
  await until(() => receiver.received().length === 1, { what: 'the callback' });
  await steering.reset();
  assert.equal((await answer).status, 200, 'who waited for the callback has an answer');
  assert.deepEqual(await steering.listCallbacks(first.reference), []);
  await steering.aimCallbacks({ url: receiver.url, secret });
  const cut = submitOrder(mute.url, newOrder()).catch(() => null);
  await until(() => receiver.received().length === 2, { what: 'the second callback' });
  const askedAt = performance.now();
  mute.child.kill('SIGTERM');
  await mute.exited;
  assert.ok(performance.now() - askedAt < 4000, 'sooner than the callback gives up');
  await cut;
});

test('a callback that is not due yet holds up no stop', async (t) => {
  const receiver = await openReceiver(t);
  const later = await startTestSimulator();
  t.after(later.stop);
  const steering = await openBankControl(later.url);
  await steering.aimCallbacks({ url: receiver.url, secret });
  await steering.setScenario({ scenario: 'callback-after', callback_delay_ms: 60_000 });
  await submitOrder(later.url, newOrder());
  later.child.kill('SIGTERM');
  await later.exited;
  assert.deepEqual([later.child.exitCode, receiver.received().length], [0, 0]);
});

test('without an address nobody is called, and a wrong one is refused', async () => {
  await control.setScenario({ scenario: 'callback-before' });
  const order = newOrder();
  assert.equal((await submitOrder(bank.url, order)).status, 200);
  assert.deepEqual(await control.listCallbacks(order.reference), []);
  await assert.rejects(control.aimCallbacks({ url: 'here' }), /url must be an http or https/);
  await assert.rejects(control.aimCallbacks({ secret: '' }), /secret must be a text/);
  await assert.rejects(control.aimCallbacks({ retry_delays_ms: [-1] }), /retry_delays_ms must be/);
  assert.equal((await control.describe())['callback_url'], null);
});

function assertTrue(received: Received | undefined): void {
  assertSigned(received, true);
  const { status, error_code, amount, bank_transaction_id, timestamp } = received?.body ?? {};
  assert.deepEqual([status, error_code, amount], ['SUCCESS', null, '100']);
  assert.match(String(bank_transaction_id), /^BT\d{12}$/);
  assert.ok(Math.abs(Number(timestamp) - Date.now() / 1000) < 60);
}

function assertSigned(received: Received | undefined, isOurs: boolean): void {
  assert.ok(received !== undefined);
  const expected = createHmac('sha256', secret).update(received.raw).digest('hex');
  assert.match(received.signature ?? '', /^[0-9a-f]{64}$/);
  assert.equal(received.signature === expected, isOurs);
}
