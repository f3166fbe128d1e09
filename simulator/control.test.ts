import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { after, afterEach, before, test } from 'node:test';
import { type BankControl, type BankRule, openBankControl } from '../test/support/bank-control.ts';
import { inquireOrder, newOrder, submitOrder } from '../test/support/bank-orders.ts';
import { startTestSimulator, type TestSimulator } from '../test/support/simulator.ts';
import { until } from '../test/support/wait.ts';

/** Which calls meet a scenario, and who may say so. */
let bank: TestSimulator;
let control: BankControl;
before(async () => {
  bank = await startTestSimulator({ BANK_SIMULATOR_HOST: '0.0.0.0' });
  control = await openBankControl(bank.url);
});
after(async () => {
  await bank.stop();
});
afterEach(() => control.reset());

async function statuses(submits: number, fields = {}): Promise<number[]> {
  const seen: number[] = [];
  for (let n = 0; n < submits; n += 1)
    seen.push((await submitOrder(bank.url, newOrder(fields))).status);
  return seen;
}

test('a count is for so many calls, and the next rule takes over', async () => {
  await control.setScenario(
    { scenario: 'unavailable', count: 2 },
    { scenario: 'server-error', count: 1 },
  );
  assert.deepEqual(await statuses(5), [503, 503, 500, 200, 200]);
  const { rules } = await control.describe();
  assert.ok(Array.isArray(rules));
  assert.deepEqual(
    rules.map(({ met, remaining }) => [met, remaining]),
    [
      [2, 0],
      [1, 0],
    ],
  );
});

test('a share of the calls is drawn, and one seed is one sequence', async () => {
  const draw = async (): Promise<number[]> => {
    await control.setScenario({ scenario: 'unavailable', share: 0.3, seed: 5 });
    return statuses(60);
  };
  const first = await draw();
  const met = first.filter((status) => status === 503).length;
  assert.ok(met > 8 && met < 28, `${met} of 60`);
  assert.deepEqual(await draw(), first);
});

test('a rule for one kind leaves the others alone', async () => {
  await control.setScenario({ scenario: 'unavailable', kind: 'refund' });
  assert.deepEqual(await statuses(1, { kind: 'refund' }), [503]);
  assert.deepEqual(await statuses(1, { kind: 'withdrawal' }), [200]);
});

test('a rule ends by its time', async () => {
  await control.setScenario({ scenario: 'unavailable', for_ms: 150 });
  assert.deepEqual(await statuses(1), [503]);
  await until(async () => (await statuses(1))[0] === 200, { what: 'the end of the rule' });
});

test('inquiries are met by rules of their own', async () => {
  const order = newOrder();
  await submitOrder(bank.url, order);
  await control.setScenario({ scenario: 'not-found', calls: 'inquiries', count: 1 });
  assert.equal((await inquireOrder(bank.url, order)).status, 404);
  await control.setScenario({ scenario: 'wrong-amount', calls: 'inquiries' });
  assert.equal((await inquireOrder(bank.url, order)).body['amount'], '101');
  await control.setScenario();
  assert.equal((await inquireOrder(bank.url, order)).body['amount'], '100');
});

test('a forced amount goes before a rule, and an outage before both', async () => {
  await control.setScenario({ scenario: 'garbled' });
  assert.deepEqual(await statuses(1, { amount: '777104' }), [503]);
  await control.setScenario({ scenario: 'outage-503' });
  const out = await submitOrder(bank.url, newOrder({ amount: '777101' }));
  assert.deepEqual([out.status, out.body], [503, {}]);
});

test('in an outage connections are refused, the control answers, and work goes on later', async () => {
  const order = newOrder();
  await submitOrder(bank.url, order);
  await control.setScenario({ scenario: 'outage-refused' });
  await assert.rejects(submitOrder(bank.url, newOrder()), isRefused);
  await assert.rejects(inquireOrder(bank.url, order), isRefused);
  await control.setScenario();
  await until(async () => (await inquireOrder(bank.url, order)).status === 200, { what: 'a line' });
  await control.setScenario({ scenario: 'outage-refused', for_ms: 100 });
  await until(async () => (await inquireOrder(bank.url, order)).status === 200, {
    what: 'its end',
  });
  assert.deepEqual(await statuses(1), [200]);
});

test('a bank in an outage stops as orderly as any other', async (t) => {
  const out = await startTestSimulator({ BANK_SIMULATOR_SCENARIO: 'outage-refused' });
  t.after(out.stop);
  await assert.rejects(submitOrder(out.url, newOrder()), isRefused);
  out.child.kill('SIGTERM');
  await out.exited;
  assert.equal(out.child.exitCode, 0);
});

test('a reset brings back what the bank was started with', async (t) => {
  const started = await startTestSimulator({
    BANK_SIMULATOR_SCENARIO: '{"scenario": "unavailable", "count": 1}',
  });
  t.after(started.stop);
  const steering = await openBankControl(started.url);
  const submitOne = async (): Promise<number> =>
    (await submitOrder(started.url, newOrder())).status;
  assert.deepEqual([await submitOne(), await submitOne()], [503, 200]);
  await steering.setScenario({ scenario: 'server-error' });
  assert.equal(await submitOne(), 500);
  assert.equal((await steering.countCalls()).submits, 3);
  await steering.reset();
  assert.equal((await steering.countCalls()).submits, 0);
  assert.deepEqual([await submitOne(), await submitOne()], [503, 200]);
});

const wrong: readonly (readonly [rule: object, sentence: RegExp])[] = [
  [{ scenario: 'polite' }, /scenario must be one of executed, /],
  [{}, /scenario must be one of/],
  [{ scenario: 'drip', speed: 3 }, /speed is no field; there are scenario, calls, kind/],
  [{ scenario: 'drip', count: 0 }, /count must be a whole number, 1 to 1000000/],
  [{ scenario: 'drip', count: 1.5 }, /count must be a whole number/],
  [{ scenario: 'drip', count: '3' }, /count must be a whole number/],
  [{ scenario: 'drip', share: 1.1 }, /share must be a share/],
  [{ scenario: 'drip', for_ms: 86_400_001 }, /for_ms must be a whole number, 1 to 86400000/],
  [{ scenario: 'late', late_ms: -1 }, /late_ms must be/],
  [{ scenario: 'drip', calls: 'some' }, /calls must be submits, inquiries or all/],
  [{ scenario: 'executed', calls: 'inquiries' }, /executed does nothing to inquiries/],
  [{ scenario: 'drip', kind: 'gift' }, /kind must be deposit, withdrawal or refund/],
  [{ scenario: 'dup-charges', count: 3 }, /dup-charges is for all calls/],
  [{ scenario: 'outage-refused', share: 0.5 }, /outage-refused is for all calls/],
];

for (const [rule, sentence] of wrong) {
  test(`${JSON.stringify(rule)} is refused in one sentence, and changes nothing`, async () => {
    await control.setScenario({ scenario: 'unavailable' });
    // Proven by the test: it is the bank that has to find out.
    await assert.rejects(control.setScenario(rule as BankRule), sentence);
    assert.deepEqual(await statuses(1), [503]);
  });
}

test('what is no rule, and too many of them, is refused', async () => {
  for (const body of ['', 'drip', '"drip"', 'null', '3']) {
    const answer = await fetch(`${bank.url}/control/scenario`, { method: 'POST', body });
    assert.equal(answer.status, 400, body);
  }
  const many = Array.from({ length: 21 }, () => ({ scenario: 'drip' }));
  await assert.rejects(control.setScenario(...many), /at most 20 rules/);
  assert.equal((await fetch(`${bank.url}/control/elsewhere`)).status, 404);
});

test('no page in a browser and nobody on the network has a say', async () => {
  const headers = { origin: 'http://127.0.0.1:8000' };
  assert.equal((await fetch(`${bank.url}/control`, { headers })).status, 403);
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.internal === false && address.family === 'IPv4');
  if (outside === undefined) return;
  const there = `http://${outside.address}:${bank.port}`;
  assert.equal((await fetch(`${there}/control`)).status, 403);
  assert.equal((await fetch(`${there}/health`)).status, 200);
});

test('the door of the control takes no transfers', async () => {
  const url = String((await control.describe())['control_url']);
  assert.equal((await submitOrder(url, newOrder())).status, 405);
  assert.equal((await inquireOrder(url, newOrder())).body['code'], 'NO_SUCH_PATH');
});

function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : null;
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED';
}
