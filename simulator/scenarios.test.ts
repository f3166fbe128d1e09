import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type BankControl, openBankControl } from '../test/support/bank-control.ts';
import {
  type BankAnswer,
  inquireOrder,
  newOrder,
  submitOrder,
  type TestOrder,
} from '../test/support/bank-orders.ts';
import { listMovements } from '../test/support/proof.ts';
import { startTestSimulator, type TestSimulator } from '../test/support/simulator.ts';
import { until } from '../test/support/wait.ts';

/** Each scenario against a real bank: what it answers, and what its books and an inquiry say. */
let bank: TestSimulator;
let control: BankControl;
before(async () => {
  bank = await startTestSimulator();
  control = await openBankControl(bank.url);
});
after(async () => {
  await bank.stop();
});

interface Expected {
  readonly submit: 'no answer' | ((answer: BankAnswer, order: TestOrder) => void);
  /** What an inquiry says afterwards. */
  readonly truth: 'executed' | 'declined' | 'not found';
}

const status =
  (expected: number, code?: string) =>
  ({ status: actual, body }: BankAnswer): void => {
    assert.deepEqual([actual, body['code']], [expected, code]);
  };
const unreadable = ({ text }: BankAnswer): void => {
  assert.throws(() => JSON.parse(text), SyntaxError);
};
const wrong =
  (field: string) =>
  ({ status: actual, body }: BankAnswer, order: TestOrder): void => {
    assert.deepEqual([actual, body['status']], [200, 'executed']);
    for (const name of ['reference', 'kind', 'amount', 'currency'])
      assert.equal(body[name] === order[name], name !== field, name);
  };

const expectations: Readonly<Record<string, Expected>> = {
  executed: { submit: status(200), truth: 'executed' },
  'insufficient-funds': { submit: status(422, 'INSUFFICIENT_FUNDS'), truth: 'declined' },
  'invalid-request': { submit: status(422, 'INVALID_REQUEST'), truth: 'declined' },
  unavailable: { submit: status(503, 'UNAVAILABLE'), truth: 'not found' },
  'timeout-moved': { submit: status(504, 'TIMEOUT'), truth: 'executed' },
  'timeout-not-moved': { submit: status(504, 'TIMEOUT'), truth: 'not found' },
  'silent-moved': { submit: 'no answer', truth: 'executed' },
  'silent-not-moved': { submit: 'no answer', truth: 'not found' },
  drip: { submit: 'no answer', truth: 'executed' },
  cut: { submit: 'no answer', truth: 'executed' },
  'hang-up': { submit: 'no answer', truth: 'executed' },
  garbled: { submit: unreadable, truth: 'executed' },
  huge: { submit: ({ text }) => assert.ok(text.length > 65_536), truth: 'executed' },
  surplus: { submit: status(200), truth: 'executed' },
  'wrong-amount': { submit: wrong('amount'), truth: 'executed' },
  'wrong-currency': { submit: wrong('currency'), truth: 'executed' },
  'wrong-reference': { submit: wrong('reference'), truth: 'executed' },
  'server-error': { submit: status(500), truth: 'not found' },
  'server-error-moved': { submit: status(500), truth: 'executed' },
  'outage-503': { submit: status(503), truth: 'not found' },
  'outage-hang-up': { submit: 'no answer', truth: 'not found' },
  'callback-never': { submit: status(504, 'TIMEOUT'), truth: 'executed' },
  'declined-then-paid': { submit: status(422, 'INVALID_REQUEST'), truth: 'executed' },
  'paid-then-declined': { submit: status(200), truth: 'executed' },
  'paid-never-moved': { submit: status(200), truth: 'declined' },
};

for (const [scenario, { submit, truth }] of Object.entries(expectations)) {
  test(`${scenario}: the answer is as it says, and the truth is ${truth}`, async () => {
    await control.setScenario({ scenario, count: 1, calls: 'submits' });
    const order = newOrder();
    if (submit === 'no answer') {
      const patience = AbortSignal.timeout(300);
      await assert.rejects(submitOrder(bank.url, order, patience));
    } else submit(await submitOrder(bank.url, order), order);
    assert.equal(await truthOf(order), truth);
    assert.deepEqual(await control.countCalls(order.reference), { submits: 1, inquiries: 1 });
  });
}

test('a late submit is unknown until it arrives, and is executed then', async () => {
  await control.setScenario({ scenario: 'late', late_ms: 50, count: 1 });
  const order = newOrder();
  status(504, 'TIMEOUT')(await submitOrder(bank.url, order));
  await until(async () => (await truthOf(order)) === 'executed', { what: 'the arrival' });
  assert.equal(await submitsOf(order), 1, 'it was sent once');
});

test('one that is late after an inquiry waits for the words "not found"', async () => {
  await control.setScenario({ scenario: 'late-after-inquiry', late_ms: 1, count: 1 });
  const [order, other] = [newOrder(), newOrder()];
  status(504, 'TIMEOUT')(await submitOrder(bank.url, order));
  assert.equal(await truthOf(other), 'not found');
  assert.equal((await control.describe())['late'], 1, 'another inquiry does not set it off');
  assert.equal(await truthOf(order), 'not found');
  await until(async () => (await truthOf(order)) === 'executed', { what: 'the arrival' });
});

test('a late submit whose repeat came first moves nothing more', async () => {
  await control.setScenario({ scenario: 'late', late_ms: 30, count: 1 });
  const order = newOrder();
  await submitOrder(bank.url, order);
  status(200)(await submitOrder(bank.url, order));
  await until(async () => (await control.describe())['late'] === 0, { what: 'the arrival' });
  assert.equal(await movesOf(order), 1);
  assert.equal(await submitsOf(order), 2);
});

test('a slow bank is at work all the while, and an inquiry says so', async () => {
  await control.setScenario({ scenario: 'slow', slow_ms: 400, count: 1 });
  const order = newOrder();
  const answer = submitOrder(bank.url, order);
  await until(async () => (await inquireOrder(bank.url, order)).body['status'] === 'pending', {
    what: 'the arrival',
    everyMs: 5,
  });
  status(200)(await answer);
  assert.equal(await truthOf(order), 'executed');
});

test('a dripping answer is whole in the end', async () => {
  await control.setScenario({ scenario: 'drip', drip_ms: 1, count: 1 });
  const order = newOrder();
  const { body } = await submitOrder(bank.url, order);
  assert.deepEqual([body['status'], body['reference']], ['executed', order.reference]);
});

test('without deduplication every submit pays, at once or one after the other', async () => {
  await control.setScenario({ scenario: 'dup-charges' });
  const order = newOrder();
  const both = await Promise.all([submitOrder(bank.url, order), submitOrder(bank.url, order)]);
  const third = await submitOrder(bank.url, order);
  const ids = [...both, third].map(({ body }) => body['bank_transaction_id']);
  assert.equal(new Set(ids).size, 3);
  assert.equal(await movesOf(order), 3);
  assert.equal(await submitsOf(order), 3);
  assert.equal(await truthOf(order), 'executed');
});

test('without deduplication a later refusal does not undo an earlier payment', async () => {
  await control.setScenario(
    { scenario: 'dup-charges' },
    { scenario: 'timeout-moved', count: 1 },
    { scenario: 'unavailable', count: 1 },
  );
  const order = newOrder();
  status(504, 'TIMEOUT')(await submitOrder(bank.url, order));
  status(503, 'UNAVAILABLE')(await submitOrder(bank.url, order));
  assert.equal(await truthOf(order), 'executed');
  assert.equal(await movesOf(order), 1);
});

async function truthOf(order: TestOrder): Promise<string> {
  const { status: answered, body } = await inquireOrder(bank.url, order);
  return answered === 404 ? 'not found' : String(body['status']);
}

async function submitsOf({ reference }: TestOrder): Promise<unknown> {
  const response = await fetch(`${bank.url}/v1/stats?reference=${reference}`);
  const stats: unknown = await response.json();
  assert.ok(typeof stats === 'object' && stats !== null && 'reference_submits' in stats);
  return stats.reference_submits;
}

async function movesOf({ reference }: TestOrder): Promise<number> {
  const movements = await listMovements(bank.url);
  return movements.filter((movement) => movement.reference === reference).length;
}
