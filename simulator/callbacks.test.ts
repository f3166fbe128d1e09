import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, type TestContext, test } from 'node:test';
import { type BankControl, openBankControl } from '../test/support/bank-control.ts';
import { newOrder, submitOrder, type TestOrder } from '../test/support/bank-orders.ts';
import { startTestSimulator, type TestSimulator } from '../test/support/simulator.ts';

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

interface Received {
  readonly signature: string | undefined;
  readonly raw: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Whether the submit had been answered when it came. */
  readonly wasAnswered: boolean;
}

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

interface Receiver {
  readonly url: string;
  readonly received: () => readonly Received[];
  readonly noteAnswer: () => void;
  readonly close: () => Promise<void>;
}

/** Answers with these in turn, and with 200 after them. */
async function openReceiver(t: TestContext, answers: readonly number[] = []): Promise<Receiver> {
  const received: Received[] = [];
  let wasAnswered = false;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks).toString('utf8');
      const signature = request.headers['x-bank-signature'];
      received.push({
        signature: typeof signature === 'string' ? signature : undefined,
        raw,
        // Proven by the contract, which this suite tests.
        body: JSON.parse(raw) as Record<string, unknown>,
        wasAnswered,
      });
      response.writeHead(answers[received.length - 1] ?? 200).end('seen');
    });
  });
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  t.after(close);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Proven by listen() on a host and a port: only a pipe has a string for an address.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/webhooks/bank-callback`,
    received: () => received,
    noteAnswer: () => {
      wasAnswered = true;
    },
    close,
  };
}
