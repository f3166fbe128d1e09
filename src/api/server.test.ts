import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../../test/support/api.ts';
import { assertProblem } from '../../test/support/api-refusals.ts';
import { until } from '../../test/support/wait.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

test('a sane request id comes back, and any other is replaced', async () => {
  const echoOf = async (id: string) => {
    const headers = { 'x-request-id': id };
    return String((await api.inject({ url: '/health/live', headers })).headers['x-request-id']);
  };
  for (const id of ['a', 'A.b_c:d-1', 'x'.repeat(128)]) assert.equal(await echoOf(id), id);
  for (const id of ['', 'x'.repeat(129), 'a b', 'a"b', '\u001b[31m', 'ä', '{}'])
    assert.match(await echoOf(id), uuidForm);
});

test('every answer forbids sniffing and storing', async () => {
  const { headers } = await api.inject({ url: '/health/live' });
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(headers['cache-control'], 'no-store');
});

test('an address that is none of ours is a 404, without a token too', async () => {
  for (const url of [
    '/',
    '/api/v2/deposits',
    '/api/v1/deposits/1/2',
    '/API/v1/deposits',
    '/%2e%2e',
  ])
    assertProblem(await api.inject({ url }), { status: 404, code: 'route_not_found' });
});

test('a method that an address does not take is a 405 that names those it takes', async () => {
  const cases = [
    ['DELETE', '/api/v1/deposits', 'GET, HEAD, POST, OPTIONS'],
    ['PUT', '/api/v1/deposits/1', 'GET, HEAD, OPTIONS'],
    ['GET', '/api/v1/auth/login', 'POST, OPTIONS'],
    ['POST', '/health', 'GET, HEAD, OPTIONS'],
  ] as const;
  for (const [method, url, allow] of cases) {
    const response = await api.inject({ method, url });
    assertProblem(response, { status: 405, code: 'method_not_allowed' });
    assert.equal(response.headers.allow, allow);
  }
});

test('a method that nobody here knows is refused, not a fault of ours', async () => {
  // Fastify routes it, and asks for the type of a body that is not there.
  const answer = await talk('QUERY /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  assert.match(answer, /^HTTP\/1.1 400 /);
  assert.match(answer, /"code":"malformed_request"/);
});

test('whoever hangs up in the middle of a body leaves no error in the log', async () => {
  const { hostname, port } = new URL(await serverUrl());
  const id = 'hung-up';
  const socket = connect(Number(port), hostname, () => {
    const head = `POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\nX-Request-ID: ${id}\r\n`;
    const body = 'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{';
    socket.write(head + body, () => socket.resetAndDestroy());
  });
  const line = await until(() => api.logLines.find((each) => each['request_id'] === id), {
    what: 'the log line',
  });
  assert.deepEqual([line['msg'], line['code']], ['request broken off', 'ECONNRESET']);
});

test('an address that cannot be decoded is a 400, and an endless one a 414', async () => {
  const broken = await api.inject({ url: '/api/v1/deposits/%zz' });
  assertProblem(broken, { status: 400, code: 'malformed_request' });
  const endless = await api.inject({ url: `/api/v1/deposits/${'1'.repeat(129)}` });
  assertProblem(endless, { status: 414, code: 'address_too_long' });
});

test('a body that nests ten thousand deep is refused quickly', async () => {
  const person = await api.person();
  const body = `{"amount":"1","metadata":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`;
  const headers = { 'idempotency-key': 'deep' };
  const call = { method: 'POST', url: '/api/v1/deposits', body, headers } as const;
  const startedAt = performance.now();
  assertProblem(await api.send(person, call), { status: 400, code: 'validation_failed' });
  assert.ok(performance.now() - startedAt < 1_000);
});

test('a request leaves one line: method, route, status, duration, ids; never the address', async () => {
  const person = await api.person();
  const url = '/api/v1/users/me/balance?currency=SECRET';
  const response = await api.send(person, { method: 'GET', url });
  const id = response.headers['x-request-id'];
  const line = await until(() => api.logLines.find((each) => each['request_id'] === id), {
    what: 'the log line',
  });
  const { time, pid, hostname, level, ms, ...fields } = line;
  assert.equal(typeof ms, 'number');
  assert.deepEqual(fields, {
    method: 'GET',
    route: '/api/v1/users/:id/balance',
    status: 400,
    request_id: id,
    user_id: person.id,
    msg: 'request',
  });
  assert.doesNotMatch(JSON.stringify(api.logLines), /SECRET|eyJ/);
  assert.ok([time, pid, hostname, level].every((value) => value !== undefined));
});

/** What a client gets who does not speak HTTP properly. */
async function talk(text: string): Promise<string> {
  const { hostname, port } = new URL(await serverUrl());
  const socket = connect(Number(port), hostname);
  socket.setEncoding('utf8').end(text);
  let answer = '';
  socket.on('data', (part: string) => {
    answer += part;
  });
  await once(socket, 'close');
  return answer;
}

let listening: Promise<string> | null = null;
function serverUrl(): Promise<string> {
  listening ??= api.listen();
  return listening;
}

const malformed: readonly (readonly [string, string, number, string])[] = [
  ['nonsense', 'nonsense\r\n\r\n', 400, 'malformed_request'],
  [
    'a length and a chunked body',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
    'malformed_request',
  ],
  [
    'two hosts',
    'GET /health/live HTTP/1.1\r\nHost: a\r\nX: 1\r\nhost: b\r\n\r\n',
    400,
    'malformed_request',
  ],
  [
    'two hosts, and an address that is none of ours',
    'GET /nowhere HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n',
    400,
    'malformed_request',
  ],
  ['no host', 'GET /health/live HTTP/1.1\r\n\r\n', 400, 'malformed_request'],
  [
    'two lengths',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    400,
    'malformed_request',
  ],
  [
    '17 kB of headers',
    `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`,
    431,
    'headers_too_large',
  ],
];
for (const [what, text, status, code] of malformed) {
  test(`${what}: a problem, and the connection is closed`, async () => {
    const answer = await talk(text);
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
    assert.match(answer, /content-type: application\/problem\+json/i);
    assert.match(answer, new RegExp(`"code":"${code}"`));
    assert.doesNotMatch(answer, /HPE_|node:/);
  });
}

test('an address that has its share of the connections gets no more, until one is closed', async () => {
  const crowds: readonly (readonly [Record<string, string>, boolean])[] = [
    [{ API_CONNECTIONS_PER_ADDRESS_MAX: '2' }, false],
    // Behind a proxy everybody has its address.
    [{ API_CONNECTIONS_PER_ADDRESS_MAX: '2', TRUSTED_PROXIES: '10.0.0.1, 127.0.0.0/8' }, true],
  ];
  for (const [settings, isServed] of crowds) {
    const small = await api.beside(settings);
    const { hostname, port } = new URL(await small.listen());
    const sockets = Array.from({ length: 2 }, () => connect(Number(port), hostname));
    try {
      await Promise.all(sockets.map((socket) => once(socket, 'connect')));
      assert.equal(await isHeard(Number(port), hostname), isServed);
      sockets[0]?.destroy();
      await until(() => isHeard(Number(port), hostname), { what: 'room for one more' });
    } finally {
      for (const socket of sockets) socket.destroy();
      await small.close();
    }
  }
});

/** Whether a new connection gets an answer; one that is closed unheard may look like a reset. */
async function isHeard(port: number, hostname: string): Promise<boolean> {
  const socket = connect(port, hostname);
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  let isAnswered = false;
  socket.on('error', () => undefined);
  socket.on('data', () => {
    isAnswered = true;
  });
  socket.end('GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  await closed;
  return isAnswered;
}

test('one connection too many is closed, and those that are open are served', async () => {
  const small = await api.beside({ API_CONNECTIONS_MAX: '2' });
  const { hostname, port } = new URL(await small.listen());
  const sockets = Array.from({ length: 2 }, () => connect(Number(port), hostname));
  try {
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    const third = connect(Number(port), hostname);
    third.on('error', () => undefined).resume();
    await once(third, 'close');
    const [first] = sockets;
    assert(first !== undefined);
    first.write('GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n');
    const [answer] = await once(first.setEncoding('utf8'), 'data');
    assert.match(String(answer), /^HTTP\/1.1 200 /);
  } finally {
    for (const socket of sockets) socket.destroy();
    await small.close();
  }
});

test('whoever asks and never reads the answers loses the connection', async () => {
  const impatient = await api.beside({ API_SILENCE_MAX_SECONDS: '0.2' });
  const { hostname, port } = new URL(await impatient.listen());
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined).pause();
  try {
    // More answers than the buffers of both sides hold; what is still to be sent hears of the end.
    socket.write('GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(200_000));
    await until(() => socket.closed, { what: 'the end of the connection', deadlineMs: 20_000 });
  } finally {
    socket.destroy();
    await impatient.close();
  }
});

test('it listens where it says, and answers there', async () => {
  const response = await fetch(`${await serverUrl()}/health/live`);
  assert.deepEqual(await response.json(), { status: 'ok' });
});
