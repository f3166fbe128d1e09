import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import { type TestContext, test } from 'node:test';
import { type BankRule, openBankControl } from '../../../test/support/bank-control.ts';
import { startTestSimulator } from '../../../test/support/simulator.ts';
import { type Clock, systemClock } from '../../clock.ts';
import type { Bank, BankOrder } from '../bank.ts';
import { exerciseBank, type Misbehaviour, type Scenario } from '../conformance.ts';
import { openHttpBank } from './connector.ts';

const magicAmounts: Readonly<Record<Scenario, bigint>> = {
  approved: 777101n,
  ordinary: 1_234n,
  declined: 777102n,
  unavailable: 777104n,
  lost_and_moved: 777106n,
  lost_and_not_moved: 777107n,
};

exerciseBank('http', async () => {
  const prompt = await startTestSimulator();
  const control = await openBankControl(prompt.url);
  const slow = await startTestSimulator({
    BANK_SIMULATOR_MIN_DELAY: '3600',
    BANK_SIMULATOR_MAX_DELAY: '3600',
  });
  const banks = [prompt.url, slow.url, 'http://127.0.0.1:1'].map((url) => openBankAt(url));
  const [bank, slowBank, absentBank] = banks;
  assert.ok(bank !== undefined && slowBank !== undefined && absentBank !== undefined);
  return {
    bank,
    slowBank,
    absentBank,
    amountMinor: (scenario) => magicAmounts[scenario],
    behave: (misbehaviour) =>
      misbehaviour === null ? control.setScenario() : control.setScenario(ruleOf(misbehaviour)),
    close: async () => {
      await Promise.all(banks.map((one) => one.close()));
      await Promise.all([prompt.stop(), slow.stop()]);
    },
  };
});

/** Its questions are answered as badly, where the bank knows how. */
function ruleOf(scenario: Misbehaviour): BankRule {
  const times = { drip: { drip_ms: 5_000 }, slow: { slow_ms: 1_000 }, late: { late_ms: 600 } };
  const timed = scenario === 'drip' || scenario === 'slow' || scenario === 'late';
  return { scenario, ...(timed ? times[scenario] : {}) };
}

const order: BankOrder = {
  reference: '0198c0de000070008000000000000001',
  kind: 'withdrawal',
  amountMinor: 3000n,
  currency: 'USD',
};
const executed = {
  status: 'executed',
  reference: order.reference,
  kind: 'withdrawal',
  amount: '3000',
  currency: 'USD',
  bank_transaction_id: 'BT1',
  executed_at: '2026-01-01T00:00:00.000Z',
};
const call = { deadlineMs: 10_000, requestId: 'connector-test' };

test('an order is never sent a second time by the transport, whenever the socket dies', async (t) => {
  let received = 0;
  // The first request of a socket is answered and keeps it alive; the second kills it on arrival.
  const server = createTcpServer((socket) => {
    let onSocket = 0;
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      if (!chunk.toString().startsWith('POST')) return;
      received += 1;
      onSocket += 1;
      if (onSocket === 1) answerRaw(socket, JSON.stringify(executed));
      else socket.destroy();
    });
  });
  const bank = await connect(t, server, 1);
  for (let round = 0; round < 5; round += 1) {
    assert.equal((await bank.submit(order, call)).kind, 'approved');
    const lost = await bank.submit(order, call);
    assert.equal(lost.kind, 'unknown', lost.evidence);
  }
  assert.equal(received, 10);
});

test("bytes behind an answer are nobody else's answer: the socket that holds them is dropped", async (t) => {
  const [first, second] = ['0', '1'].map((digit) => digit.repeat(32));
  assert.ok(first !== undefined && second !== undefined);
  const declinedBody = (reference: string): string =>
    JSON.stringify({ ...executed, status: 'declined', code: 'INSUFFICIENT_FUNDS', reference });
  let connections = 0;
  const server = createTcpServer((socket) => {
    connections += 1;
    const isFirst = connections === 1;
    socket.on('error', () => undefined);
    socket.on('data', () => {
      // In one packet with the first answer there is one for whoever has the socket next.
      const own = httpAnswer(JSON.stringify({ ...executed, reference: first }));
      const surplus = httpAnswer(JSON.stringify({ ...executed, reference: second }));
      socket.write(isFirst ? own + surplus : httpAnswer(declinedBody(second), '422 No'));
    });
  });
  const bank = await connect(t, server, 1);
  const outcomes = await Promise.all([
    bank.submit({ ...order, reference: first }, call),
    bank.submit({ ...order, reference: second }, call),
  ]);
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ['approved', 'declined'],
  );
  assert.equal(connections, 2);
});

test('an answer that comes twice spoils one later call, not all that follow', async (t) => {
  const references = ['0', '1', '2'].map((digit) => digit.repeat(32));
  const server = createTcpServer((socket) => {
    /** Answers go out one call late, so that on this socket each is for the call before. */
    let late = '';
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      const asked = references.find((reference) => bytes.includes(`"${reference}"`)) ?? '';
      const answer = httpAnswer(JSON.stringify({ ...executed, reference: asked }));
      socket.write(late === '' ? answer : late);
      late = answer;
    });
  });
  const bank = await connect(t, server, 1);
  const kinds: string[] = [];
  for (const reference of references)
    kinds.push((await bank.submit({ ...order, reference }, call)).kind);
  assert.deepEqual(kinds, ['approved', 'unknown', 'approved']);
});

test('a keep-alive socket that died while idle costs no outcome', async (t) => {
  const sockets: Socket[] = [];
  const server = createTcpServer((socket) => {
    sockets.push(socket);
    socket.on('data', () => answerRaw(socket, JSON.stringify(executed)));
  });
  const bank = await connect(t, server, 1);
  assert.equal((await bank.submit(order, call)).kind, 'approved');
  const closed = new Promise((resolve) => sockets[0]?.once('close', resolve));
  sockets[0]?.destroy();
  await closed;
  const next = await bank.submit(order, call);
  assert.ok(next.kind === 'approved' || next.kind === 'unknown', next.evidence);
});

test('more calls than connections wait for their turn', async (t) => {
  let open = 0;
  let openMost = 0;
  const bank = await serve(t, 2, (_request, response) => {
    open += 1;
    openMost = Math.max(openMost, open);
    setImmediate(() => {
      open -= 1;
      response.end(JSON.stringify(executed));
    });
  });
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => bank.submit(order, call)));
  for (const outcome of outcomes) assert.equal(outcome.kind, 'approved', outcome.evidence);
  assert.ok(openMost <= 2, `${openMost} at once`);
});

test('a call that ran out of time waiting for a connection was certainly not sent', async (t) => {
  let received = 0;
  const bank = await serve(t, 1, () => {
    received += 1;
  });
  const [first, second] = await Promise.all([
    bank.submit(order, { ...call, deadlineMs: 400 }),
    bank.submit(order, { ...call, deadlineMs: 200 }),
  ]);
  assert.equal(first.kind, 'unknown', first.evidence);
  assert.equal(second.kind, 'retryable', second.evidence);
  assert.equal(received, 1);
});

test('a call to a name that does not exist was certainly not sent', async (t) => {
  const bank = openBankAt('http://bank.invalid:80');
  t.after(() => bank.close());
  const outcome = await bank.submit(order, { ...call, deadlineMs: 20_000 });
  assert.equal(outcome.kind, 'retryable', outcome.evidence);
});

test('a call without time left is not made', async (t) => {
  const bank = await serve(t, 1, () => assert.fail('it was made'));
  const outcome = await bank.submit(order, { ...call, deadlineMs: 0 });
  assert.equal(outcome.kind, 'retryable', outcome.evidence);
});

test('an order whose socket comes after its deadline, as to a frozen process, is not written', async (t) => {
  let at = 0;
  const clock: Clock = { now: () => 0, monotonic: () => at };
  const server = createServer(() => assert.fail('it was written'));
  const bank = await connect(t, server, 1, clock);
  const submitting = bank.submit(order, call);
  at = call.deadlineMs;
  const outcome = await submitting;
  assert.equal(outcome.kind, 'retryable', outcome.evidence);
});

test('a bank that was restarted is found again', async (t) => {
  const first = await startTestSimulator();
  const { port } = new URL(first.url);
  const bank = openBankAt(first.url);
  t.after(() => bank.close());
  assert.equal((await bank.submit(order, call)).kind, 'approved');
  const elsewhere = await first.restart('SIGKILL');
  await elsewhere.stop();
  const away = await bank.submit(order, call);
  assert.ok(away.kind === 'retryable' || away.kind === 'unknown', away.evidence);
  const second = await startTestSimulator({ BANK_SIMULATOR_PORT: port });
  t.after(second.stop);
  const back = await bank.submit(order, call);
  assert.equal(back.kind, 'approved', back.evidence);
});

test('closing ends calls in flight as unknown, and later calls too', async (t) => {
  const bank = await serve(t, 1, () => {
    void bank.close();
  });
  const inFlight = await bank.submit(order, call);
  assert.equal(inFlight.kind, 'unknown', inFlight.evidence);
  assert.equal((await bank.submit(order, call)).kind, 'unknown');
});

test('the request id travels, and one that is no header value is left out', async (t) => {
  const seen: (string | string[] | undefined)[] = [];
  const bank = await serve(t, 1, (request, response) => {
    seen.push(request.headers['x-request-id']);
    response.end(JSON.stringify(executed));
  });
  await bank.submit(order, { ...call, requestId: 'abc-1' });
  await bank.inquire(order, { ...call, requestId: 'two\r\nlines: 1' });
  assert.deepEqual(seen, ['abc-1', undefined]);
});

const whole = JSON.stringify(executed);
const rawAnswers: Readonly<Record<string, string>> = {
  'closes without a byte': '',
  'speaks something else': 'SSH-2.0-OpenSSH_9.2\r\n',
  'cuts the headers': 'HTTP/1.1 200 OK\r\ncontent-le',
  'cuts the body': `HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n${whole}`,
  'cuts a chunked body': `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffff\r\n${whole}`,
  'sends an empty 200': 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n',
  'sends a web page': httpAnswer('<html>200 OK</html>'),
  'sends a JSON list': httpAnswer(`[${whole}]`),
  'sends half of the JSON': httpAnswer(whole.slice(0, -9)),
  'sends more than 64 kB': httpAnswer(`${whole.slice(0, -1)},"x":"${'x'.repeat(70_000)}"}`),
  'sends another amount': httpAnswer(JSON.stringify({ ...executed, amount: '300' })),
  'sends the amount as a number': httpAnswer(JSON.stringify({ ...executed, amount: 3000 })),
  'hides the fields in a prototype': httpAnswer(`{"__proto__":${whole},"status":"executed"}`),
  'answers 500': httpAnswer(whole, '500 Internal Server Error'),
  redirects: 'HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n',
};

for (const [title, bytes] of Object.entries(rawAnswers)) {
  test(`a bank that ${title} has told nothing: unknown`, async (t) => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(bytes));
    });
    const bank = await connect(t, server, 1);
    const submitted = await bank.submit(order, call);
    assert.equal(submitted.kind, 'unknown', submitted.evidence);
    const found = await bank.inquire(order, call);
    assert.equal(found.kind, 'unknown', found.evidence);
    assert.equal(Object.hasOwn(Object.prototype, 'amount'), false);
  });
}

function httpAnswer(body: string, status = '200 OK'): string {
  return `HTTP/1.1 ${status}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

function answerRaw(socket: Socket, body: string): void {
  socket.write(httpAnswer(body));
}

async function serve(
  t: TestContext,
  connectionsMax: number,
  answer: RequestListener,
): Promise<Bank> {
  return connect(t, createServer(answer), connectionsMax);
}

async function connect(
  t: TestContext,
  server: Server,
  connectionsMax: number,
  clock: Clock = systemClock,
): Promise<Bank> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  // Proven by listen() on a host and a port: only a pipe has a string for an address.
  const { port } = server.address() as AddressInfo;
  const bank = openBankAt(`http://127.0.0.1:${port}`, connectionsMax, clock);
  t.after(async () => {
    await bank.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return bank;
}

function openBankAt(url: string, connectionsMax = 64, clock: Clock = systemClock): Bank {
  return openHttpBank({
    name: 'test',
    url,
    connectionsMax,
    capabilities: {
      deduplicationWindowMs: 86_400_000,
      processingTimeMaxMs: 60_000,
      inquires: true,
    },
    clock,
  });
}
