import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../support/api.ts';

let api: TestApi;
let impatient: TestApi;
let port: number;
before(async () => {
  api = await openTestApi();
  impatient = await api.beside({ API_HEADERS_MAX_SECONDS: '0.2', API_REQUEST_MAX_SECONDS: '0.4' });
  port = Number(new URL(await impatient.listen()).port);
});
after(async () => {
  await impatient.close();
  await api.close();
});

/** Everything that comes back until the other side closes, which it must. */
async function talk(text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('latin1').on('data', (part: string) => {
    answer += part;
  });
  socket.on('error', () => undefined);
  socket.write(text, 'latin1');
  await once(socket, 'close');
  return answer;
}

const json = 'Content-Type: application/json\r\n';
const login = (headers: string, body: string): string =>
  `POST /api/v1/auth/login HTTP/1.1\r\nHost: a\r\n${json}${headers}\r\n${body}`;
const hidden = 'GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n';

/** Two programs that read one of these differently would let a request hide in another's body. */
const smuggled: Readonly<Record<string, string>> = {
  'a length and chunks': login(
    'Content-Length: 6\r\nTransfer-Encoding: chunked\r\n',
    `0\r\n\r\n${hidden}`,
  ),
  'chunks and a length': login(
    'Transfer-Encoding: chunked\r\nContent-Length: 6\r\n',
    `0\r\n\r\n${hidden}`,
  ),
  'two lengths': login('Content-Length: 0\r\nContent-Length: 50\r\n', hidden),
  'two equal lengths': login('Content-Length: 2\r\nContent-Length: 2\r\n', '{}'),
  'a list of lengths': login('Content-Length: 2, 2\r\n', '{}'),
  'a length below zero': login('Content-Length: -1\r\n', hidden),
  'a length with a sign': login('Content-Length: +2\r\n', '{}'),
  'a length in hex': login('Content-Length: 0x2\r\n', '{}'),
  'an unknown coding': login('Transfer-Encoding: chunked, identity\r\n', `0\r\n\r\n${hidden}`),
  'chunks twice': login('Transfer-Encoding: chunked, chunked\r\n', `0\r\n\r\n${hidden}`),
  'a blank before a colon': login('Transfer-Encoding : chunked\r\n', `0\r\n\r\n${hidden}`),
  'a folded header': login('X-One: a\r\n b\r\nContent-Length: 2\r\n', '{}'),
  'lines that end in LF only': 'GET /health/live HTTP/1.1\nHost: a\n\n',
  'a CR within a header': 'GET /health/live HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n',
  'a NUL within a header': 'GET /health/live HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n',
  'a chunk whose size is no number': login(
    'Transfer-Encoding: chunked\r\n',
    'zz\r\n{}\r\n0\r\n\r\n',
  ),
  'a chunk that is longer than it says': login(
    'Transfer-Encoding: chunked\r\n',
    `1\r\n{}\r\n0\r\n\r\n${hidden}`,
  ),
  '17 kB of headers': `GET /health/live HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`,
};
for (const [what, text] of Object.entries(smuggled)) {
  test(`${what}: refused, the connection closed, and nothing behind it is read`, async () => {
    const answer = await talk(text);
    assert.match(answer, /^HTTP\/1\.1 4(00|31) /);
    assert.match(answer, /content-type: application\/problem\+json/i);
    assert.match(answer, /connection: close/i);
    assert.equal(answer.match(/HTTP\/1\.1 /g)?.length, 1, answer);
  });
}

const slow: Readonly<Record<string, string>> = {
  'headers that do not end': 'GET /health/live HTTP/1.1\r\nHost: a\r\nX-One: ',
  'a body that does not come': login('Content-Length: 100\r\n', '{'),
  'chunks that do not end': login('Transfer-Encoding: chunked\r\n', '1\r\n{\r\n'),
};
for (const [what, text] of Object.entries(slow)) {
  test(`${what}: 408, and the connection is closed`, async () => {
    const answer = await talk(text);
    assert.match(answer, /^HTTP\/1\.1 408 /);
    assert.match(answer, /"code":"request_timeout"/);
  });
}

const origin = 'https://console.example.com';

test('in development any page may read our answers', async () => {
  const response = await api.inject({ url: '/health/live', headers: { origin } });
  assert.equal(response.headers['access-control-allow-origin'], '*');
  assert.match(String(response.headers['access-control-expose-headers']), /Retry-After/);
  assert.equal(response.headers['access-control-allow-credentials'], undefined);
});

test('where origins are named, pages of others may not', async () => {
  const named = await api.beside({ CORS_ORIGINS: `https://other.example, ${origin}` });
  const answers = [origin, 'https://evil.example', `${origin}.evil.example`, 'null'].map((one) =>
    named.inject({ url: '/health/live', headers: { origin: one } }),
  );
  const allowed = (await Promise.all(answers)).map(
    ({ headers }) => headers['access-control-allow-origin'],
  );
  assert.deepEqual(allowed, [origin, undefined, undefined, undefined]);
  const plain = await named.inject({ url: '/health/live' });
  assert.equal(plain.headers.vary, 'origin', 'a cache must tell the answers apart');
  await named.close();
});

test('a page hears before it asks what it may send', async () => {
  const response = await api.inject({
    method: 'OPTIONS',
    url: '/api/v1/deposits',
    headers: { origin, 'access-control-request-method': 'POST' },
  });
  assert.equal(response.statusCode, 204);
  assert.equal(response.headers.allow, 'GET, HEAD, POST, OPTIONS');
  assert.match(String(response.headers['access-control-allow-methods']), /POST/);
  assert.match(String(response.headers['access-control-allow-headers']), /Idempotency-Key/);
});

test('HEAD says what GET would, without a body', async () => {
  const person = await api.person();
  const headers = { authorization: `Bearer ${person.token}` };
  for (const url of ['/api/v1/users/me', '/api/v1/deposits', '/health/live', '/openapi.json']) {
    const [get, head] = [
      await api.inject({ method: 'GET', url, headers }),
      await api.inject({ method: 'HEAD', url, headers }),
    ];
    assert.equal(head.statusCode, get.statusCode);
    assert.equal(head.body, '');
    assert.equal(head.headers['content-type'], get.headers['content-type']);
    assert.equal(head.headers['content-length'], get.headers['content-length']);
  }
});
