import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startTestSimulator, type TestSimulator } from '../test/support/simulator.ts';
import { until } from '../test/support/wait.ts';

const program = fileURLToPath(new URL('main.ts', import.meta.url));
const briefly = { BANK_SIMULATOR_MIN_DELAY: '0.3', BANK_SIMULATOR_MAX_DELAY: '0.3' };
const forLong = { BANK_SIMULATOR_MIN_DELAY: '3600', BANK_SIMULATOR_MAX_DELAY: '3600' };

test('a repeated reference replays its outcome and moves nothing', async (t) => {
  const bank = await start(t);
  const order = newOrder();
  const first = await submit(bank, order);
  const second = await submit(bank, order);
  assert.equal(first.status, 200);
  assert.deepEqual(second, first);
  assert.equal((await movements(bank)).length, 1);
  const stats = await get(bank, `/v1/stats?reference=${order.reference}`);
  const { submits, duplicates, executed, reference_submits } = stats.body;
  const counts = { submits, duplicates, executed, reference_submits };
  assert.deepEqual(counts, { submits: 2, duplicates: 1, executed: 1, reference_submits: 2 });
});

test('whoever repeats a submit in its delay gets the same answer at its end', async (t) => {
  const bank = await start(t, briefly);
  const order = newOrder();
  const answers = await Promise.all([submit(bank, order), submit(bank, order)]);
  assert.equal(answers[0]?.status, 200);
  assert.deepEqual(answers[1], answers[0]);
  assert.equal((await movements(bank)).length, 1);
});

test('the same reference with another order is refused and changes nothing', async (t) => {
  const bank = await start(t);
  const order = newOrder();
  await submit(bank, order);
  for (const other of [{ amount: '101' }, { currency: 'EUR' }, { kind: 'withdrawal' }]) {
    const refused = await submit(bank, { ...order, ...other });
    assert.deepEqual([refused.status, refused.body['code']], [409, 'REFERENCE_REUSED']);
  }
  assert.equal((await movements(bank)).length, 1);
});

test('a refund goes out, names what it gives back, and is another order without it', async (t) => {
  const bank = await start(t);
  const refund = { ...newOrder(), kind: 'refund', original_reference: 'pay-1' };
  const answer = await submit(bank, refund);
  const { kind, original_reference } = answer.body;
  assert.deepEqual([answer.status, kind, original_reference], [200, 'refund', 'pay-1']);
  assert.equal((await movements(bank))[0]?.['original_reference'], 'pay-1');
  const without = await submit(bank, { ...refund, original_reference: null });
  assert.equal(without.status, 409);
  for (const wrong of [{ kind: 'deposit' }, { original_reference: 7 }, { original_reference: '' }])
    assert.equal((await submit(bank, { ...newOrder(), ...refund, ...wrong })).status, 400);
});

test('a submit with the wrong form is refused', async (t) => {
  const bank = await start(t);
  const wrong = [
    { amount: '0' },
    { amount: 100 },
    { amount: '1.00' },
    { currency: 'usd' },
    { kind: 'gift' },
    { reference: 'x'.repeat(36) },
  ];
  for (const fields of wrong) {
    const refused = await submit(bank, { ...newOrder(), ...fields });
    assert.deepEqual([refused.status, refused.body['code']], [400, 'MALFORMED_REQUEST']);
  }
  const long = await submit(bank, { ...newOrder(), note: 'x'.repeat(20_000) });
  assert.equal(long.status, 413);
  assert.equal((await get(bank, '/v1/elsewhere')).status, 404);
});

test('declines are final, refusals leave nothing, and a timeout may have moved the money', async (t) => {
  const bank = await start(t);
  const inquire = async (order: Order): Promise<unknown> => {
    const answer = await get(bank, `/v1/transfers/${order.reference}`);
    return answer.status === 200 ? answer.body['status'] : answer.status;
  };
  const scenes: [amount: string, statuses: number[], inquiry: unknown][] = [
    ['777101', [200, 200], 'executed'],
    ['777102', [422, 422], 'declined'],
    ['777103', [422, 422], 'declined'],
    ['777104', [503, 503, 503, 503, 503], 404],
    ['777105', [503, 503, 200, 200], 'executed'],
    ['777106', [504, 200], 'executed'],
    ['777107', [504, 200], 'executed'],
  ];
  for (const [amount, statuses, inquiry] of scenes) {
    const order = { ...newOrder(), amount };
    const seen: number[] = [];
    for (const _ of statuses) seen.push((await submit(bank, order)).status);
    assert.deepEqual(seen, statuses, amount);
    assert.equal(await inquire(order), inquiry, amount);
  }
});

test('half of the timeouts moved the money, and the books show which', async (t) => {
  const bank = await start(t, { BANK_SIMULATOR_SUCCESS_RATE: '0', BANK_SIMULATOR_SEED: '11' });
  const orders = Array.from({ length: 1200 }, newOrder);
  const answers = await Promise.all(orders.map((order) => submit(bank, order)));
  const timedOut = orders.filter((_, n) => answers[n]?.status === 504);
  assert.ok(timedOut.length > 240 && timedOut.length < 360, `${timedOut.length} of 1200`);
  const moved = new Set((await movements(bank)).map((movement) => movement.reference));
  const share = timedOut.filter((order) => moved.has(order.reference)).length / timedOut.length;
  assert.ok(share > 0.4 && share < 0.6, `moved: ${share}`);
  assert.equal(moved.size, Math.round(share * timedOut.length), 'nothing else moved');
});

test('a client that hangs up in mid-delay does not stop the money', async (t) => {
  const bank = await start(t, briefly);
  const order = newOrder();
  const hangUp = new AbortController();
  const lost = submit(bank, order, hangUp.signal);
  const path = `/v1/transfers/${order.reference}`;
  await until(async () => (await get(bank, path)).body['status'] === 'pending', {
    what: 'arrival',
  });
  hangUp.abort();
  await assert.rejects(lost);
  await until(async () => (await get(bank, path)).body['status'] === 'executed', {
    what: 'movement',
  });
});

test('after a kill -9 every answered transfer is in the books, and is replayed', async (t) => {
  const first = await start(t);
  const orders = Array.from({ length: 200 }, newOrder);
  const answered: Order[] = [];
  const all = orders.map(async (order) => {
    const answer = await submit(first, order).catch(() => null);
    if (answer?.status === 200) answered.push(order);
  });
  await until(() => answered.length > 20, { what: 'some answers', everyMs: 1 });
  const second = await first.restart('SIGKILL');
  t.after(second.stop);
  await Promise.all(all);
  const moved = new Set((await movements(second)).map((movement) => movement.reference));
  for (const order of answered) assert.ok(moved.has(order.reference), 'answered, yet not on disk');
  const again = await Promise.all(orders.map((order) => submit(second, order)));
  assert.ok(again.every((answer) => answer.status === 200));
  assert.equal((await movements(second)).length, orders.length);
});

test('a stop is orderly: it exits with 0 and drops what is still in its delay', async (t) => {
  const first = await start(t, forLong);
  const order = newOrder();
  const cut = assert.rejects(submit(first, order));
  await until(async () => (await get(first, '/health')).body['in_flight'] === 1, {
    what: 'arrival',
  });
  const second = await first.restart('SIGTERM');
  t.after(second.stop);
  await cut;
  assert.equal(first.child.exitCode, 0);
  assert.equal((await get(second, `/v1/transfers/${order.reference}`)).status, 404);
});

test('movements are listed in pages, in the order in which they happened', async (t) => {
  const bank = await start(t);
  const orders = Array.from({ length: 25 }, newOrder);
  for (const order of orders) await submit(bank, order);
  const listed = (await movements(bank, 10)).map((movement) => movement.reference);
  assert.deepEqual(
    listed,
    orders.map((order) => order.reference),
  );
  assert.equal((await get(bank, '/v1/movements?limit=5000')).status, 400);
});

test('a request id comes back', async (t) => {
  const bank = await start(t);
  const answer = await fetch(`${bank.url}/health`, { headers: { 'x-request-id': 'abc-1' } });
  assert.equal(answer.headers.get('x-request-id'), 'abc-1');
});

test('a busy port and a busy ledger each get one sentence and exit code 1', async (t) => {
  const bank = await start(t);
  const run = (env: Record<string, string>): { status: number | null; stderr: string } =>
    spawnSync(process.execPath, [program], { env, encoding: 'utf8', timeout: 20_000 });
  const otherFile = `${bank.dataFile}.other`;
  const port = run({ BANK_SIMULATOR_PORT: `${bank.port}`, BANK_SIMULATOR_DATA: otherFile });
  assert.equal(port.status, 1);
  assert.match(port.stderr, /^Port \d+ is in use by another program: .*BANK_SIMULATOR_PORT\.\n$/);
  const books = run({ BANK_SIMULATOR_PORT: '0', BANK_SIMULATOR_DATA: bank.dataFile });
  assert.equal(books.status, 1);
  assert.match(books.stderr, /^BANK_SIMULATOR_DATA .* in use by another simulated bank\.\n$/);
});

interface Order {
  readonly reference: string;
  readonly [field: string]: unknown;
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function start(t: TestContext, env: Record<string, string> = {}): Promise<TestSimulator> {
  const bank = await startTestSimulator(env);
  t.after(bank.stop);
  return bank;
}

function newOrder(): Order {
  const reference = randomUUID().replaceAll('-', '');
  return { reference, kind: 'deposit', amount: '100', currency: 'USD' };
}

async function submit(bank: TestSimulator, order: Order, signal?: AbortSignal): Promise<Answer> {
  const init = { method: 'POST', body: JSON.stringify(order), signal: signal ?? null };
  return read(await fetch(`${bank.url}/v1/transfers`, init));
}

async function get(bank: TestSimulator, path: string): Promise<Answer> {
  return read(await fetch(bank.url + path));
}

async function read(response: Response): Promise<Answer> {
  // Proven by the server: every answer of it is a JSON object.
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function movements(bank: TestSimulator, limit = 1000): Promise<Order[]> {
  const all: Order[] = [];
  for (;;) {
    const after = Number(all.at(-1)?.['sequence'] ?? 0);
    const page = await get(bank, `/v1/movements?after=${after}&limit=${limit}`);
    // Proven by the contract: a list of orders with a sequence.
    const listed = page.body['movements'] as Order[];
    if (listed.length === 0) return all;
    all.push(...listed);
  }
}
