import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, before, type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { fastify } from 'fastify';
import { pino } from 'pino';
import { openTestApi, type Person, type TestApi } from '../../test/support/api.ts';
import { until } from '../../test/support/wait.ts';
import { statement } from '../db/database.ts';
import { Overloaded } from '../runtime/overloaded.ts';
import { csvField, openExports } from './export.ts';

let api: TestApi;
let url: string;
before(async () => {
  api = await openTestApi();
  url = await api.listen();
});
after(() => api.close());

const insertMany = statement<never>(
  'test_many',
  `WITH p AS (
     INSERT INTO payments (id, user_id, account_id, kind, currency, amount, bank, answer_version,
                           idempotency_key, request_id, description, metadata, created_at)
     SELECT (lpad(to_hex(n), 12, '0') || right(replace($1::uuid::text, '-', ''), 20))::uuid, $1, $2,
            'deposit', 'USD', n, 'test', 1, n, 'test', repeat('x', $4::int), '{"n":' || n || '}', now()
       FROM generate_series(1, $3::int) n
     RETURNING id)
   INSERT INTO payment_state (payment_id, status, updated_at) SELECT id, 'SUCCESS', now() FROM p`,
);

async function personWith(count: number, descriptionLength = 1): Promise<Person> {
  const person = await api.person();
  await api.database.query(insertMany, [person.id, person.accountId, count, descriptionLength]);
  return person;
}

const get = (person: Person, query: string, accept?: string) =>
  api.send(person, {
    method: 'GET',
    url: `/api/v1/deposits${query}`,
    ...(accept === undefined ? {} : { headers: { accept } }),
  });

test('a file has every row once, newest first, however many batches it took', async () => {
  const person = await personWith(1_203);
  const csv = await get(person, '?format=csv');
  assert.equal(csv.headers['content-type'], 'text/csv; charset=utf-8');
  assert.equal(csv.headers['content-disposition'], 'attachment; filename="deposits.csv"');
  const [head, ...rows] = csv.body.split('\r\n').slice(0, -1);
  assert.equal(
    head,
    'id,account_id,transaction_type,amount,currency,status,bank_transaction_id,error_code,' +
      'error_message,created_at,updated_at,description,metadata,to_account_id,deposit_id',
  );
  assert.deepEqual(
    rows.map((row) => row.split(',')[3]),
    Array.from({ length: 1_203 }, (_, at) => ((1_203 - at) / 100).toFixed(2)),
  );
  assert.match(rows[0] ?? '', /"\{""n"":1203\}",,$/);
  const ndjson = await get(person, '?format=ndjson&max_amount=0.05');
  assert.equal(ndjson.headers['content-type'], 'application/x-ndjson; charset=utf-8');
  const listed = await get(person, '?max_amount=0.05');
  const items = ndjson.body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(items, listed.json().items);
  assert.equal(items.length, 5);
  assert.deepEqual(items[0].metadata, { n: 5 });
});

test('a file goes on from a cursor', async () => {
  const person = await personWith(5);
  const { next_cursor } = (await get(person, '?limit=3')).json();
  const { body } = await get(person, `?format=ndjson&cursor=${next_cursor}`);
  const amounts = body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).amount);
  assert.deepEqual(amounts, ['0.02', '0.01']);
});

const accepted: readonly (readonly [string | undefined, string])[] = [
  [undefined, 'application/json'],
  ['*/*', 'application/json'],
  ['text/html, */*;q=0.1', 'application/json'],
  ['text/csv', 'text/csv'],
  ['Text/CSV; charset=utf-8', 'text/csv'],
  ['application/x-ndjson, application/json;q=0.9', 'application/x-ndjson'],
  ['application/json, text/csv', 'application/json'],
  ['text/csv;q=0.5, application/json', 'application/json'],
  ['text/csv;q=0, image/png', 'application/json'],
  ['text/csv;q=', 'application/json'],
];
for (const [accept, type] of accepted) {
  test(`Accept: ${accept ?? '(none)'} is answered with ${type}`, async () => {
    const person = await personWith(1);
    const response = await get(person, '', accept);
    assert.equal(response.statusCode, 200);
    assert.equal(String(response.headers['content-type']).split(';')[0], type);
    const json = await get(person, '?format=json', accept);
    assert.equal(json.json().items.length, 1);
  });
}

test('HEAD runs nothing', async () => {
  const person = await personWith(1);
  const { token } = person;
  const response = await fetch(`${url}/api/v1/deposits?format=csv`, {
    method: 'HEAD',
    headers: { authorization: `Bearer ${token}` },
  });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'text/csv; charset=utf-8');
});

test('what a spreadsheet would run is text; our own numbers stay numbers', () => {
  for (const [value, field] of [
    ['=1+1', `"'=1+1"`],
    ['+49 30', `"'+49 30"`],
    ['-cmd', `"'-cmd"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    ['\tx', `"'\tx"`],
    [' =1', `"' =1"`],
    ['＝1', `"'＝1"`],
    ['=a"b', `"'=a""b"`],
    ['-12.50', '-12.50'],
    ['a,b', '"a,b"'],
    ['a\nb', '"a\nb"'],
    ['a=b', 'a=b'],
    [{ a: '=1' }, '"{""a"":""=1""}"'],
    [null, ''],
  ] as const)
    assert.equal(csvField(value), field);
});

const characters = ['=', '+', '-', '@', '\t', '\r', '\n', '"', ',', "'", ';', ' ', '\0', '\uff1d'];

test('no text becomes two fields, or a formula', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...['a', '1', ...characters]) }), (text) => {
      const field = csvField(text);
      const isQuoted = /^"(?:[^"]|"")*"$/s.test(field);
      assert.ok(isQuoted || !/[",\r\n]/.test(field));
      const shown = isQuoted ? field.slice(1, -1).replaceAll('""', '"') : field;
      assert.ok(shown === text || shown === `'${text}`);
      assert.ok(!/^[=+@\t\r]/.test(shown));
    }),
  );
});

/** A server whose one address never runs out of rows, and what was made of them. */
async function openEndless(t: TestContext) {
  let now = 0;
  const exports = openExports(pino({ level: 'silent' }), { monotonic: () => now });
  const app = fastify({ forceCloseConnections: true });
  const made = { begun: 0, batches: 0, ended: 0 };
  async function* batches() {
    made.begun += 1;
    try {
      for (;;) {
        made.batches += 1;
        yield [{ text: 'x'.repeat(1_000_000) }];
        await setImmediate();
      }
    } finally {
      made.ended += 1;
    }
  }
  const columns = ['text'];
  app.get<{ Querystring: { reader?: string } }>('/file', ({ query, id }, reply) => {
    const reader = query.reader ?? id;
    return exports.send(reply, {
      reader,
      name: 'file',
      format: 'csv',
      columns,
      batches: batches(),
    });
  });
  app.get('/other', () => 'ok');
  app.setErrorHandler((error, _request, reply) =>
    reply.code(error instanceof Overloaded ? 503 : 500).send(String(error)),
  );
  const at = await app.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => app.close());
  /** A client that asks and then takes nothing. */
  const openIdle = (query = ''): Socket => {
    const socket = connect(Number(new URL(at).port), '127.0.0.1');
    socket.pause();
    socket.write(`GET /file${query} HTTP/1.1\r\nHost: x\r\n\r\n`);
    return socket;
  };
  return {
    made,
    openIdle,
    ask: async (path: string) => (await fetch(at + path)).status,
    advance: (ms: number) => {
      now += ms;
    },
  };
}

test('rows are made as fast as they are taken; whoever goes away wants no more of them', async (t) => {
  const { made, openIdle, ask } = await openEndless(t);
  const idle = openIdle();
  await until(() => made.batches > 1, { what: 'the file to begin' });
  // Meanwhile a file that nobody held back would have grown by many a megabyte.
  for (let turn = 0; turn < 200; turn += 1) assert.equal(await ask('/other'), 200);
  assert.ok(made.batches < 50, `${made.batches} MB for a client who takes nothing`);
  assert.equal(made.ended, 0);
  idle.destroy();
  await until(() => made.ended === 1, { what: 'the rows to end with their reader' });
});

test('a few files at a time; the next is told to wait, until one has ended', async (t) => {
  const { made, openIdle, ask } = await openEndless(t);
  const idle = [openIdle(), openIdle(), openIdle(), openIdle()];
  await until(() => made.batches >= 4, { what: 'four files to begin' });
  assert.equal(await ask('/file'), 503);
  for (const socket of idle) socket.destroy();
  await until(() => made.ended === 4, { what: 'four files to end' });
});

test('nobody takes the room of others by reading slowly', async (t) => {
  const { made, openIdle, ask, advance } = await openEndless(t);
  const idle = [openIdle(), openIdle(), openIdle(), openIdle()];
  const isStill = async (): Promise<boolean> => {
    const seen = made.batches;
    for (let turn = 0; turn < 50; turn += 1) await ask('/other');
    return made.begun === 4 && made.batches === seen;
  };
  await until(isStill, { what: 'four files of which a batch is left lying' });
  advance(4_999);
  assert.equal(await ask('/file'), 503);
  advance(60_000);
  idle.push(openIdle());
  await until(() => made.ended === 1, { what: 'one of the four to make room' });
  for (const socket of idle) socket.destroy();
  await until(() => made.ended === made.begun, { what: 'the others to end' });
});

test('one reader has two files at a time', async (t) => {
  const { made, openIdle, ask } = await openEndless(t);
  const idle = [openIdle('?reader=a'), openIdle('?reader=a')];
  await until(() => made.begun === 2, { what: 'two files to begin' });
  assert.equal(await ask('/file?reader=a'), 503);
  idle.push(openIdle('?reader=b'));
  await until(() => made.begun === 3, { what: 'the file of another' });
  for (const socket of idle) socket.destroy();
  await until(() => made.ended === 3, { what: 'three files to end' });
});

test('a file that breaks off has no end that could be taken for one', async () => {
  const person = await personWith(4_000, 8_000);
  const response = await fetch(`${url}/api/v1/deposits?format=ndjson`, {
    headers: { authorization: `Bearer ${person.token}` },
  });
  const reader = response.body?.getReader();
  await reader?.read();
  api.failDatabase(new Error('the server is gone'));
  const readAll = async (): Promise<void> => {
    while ((await reader?.read())?.done === false);
  };
  await assert.rejects(readAll());
  api.failDatabase(null);
  assert.ok(api.logLines.some((line) => line['msg'] === 'export broken off'));
});

test('closing ends the exports under way', async () => {
  const beside = await api.beside({});
  const person = await personWith(4_000, 8_000);
  const at = await beside.listen();
  const response = await fetch(`${at}/api/v1/deposits?format=ndjson`, {
    headers: { authorization: `Bearer ${person.token}` },
  });
  await beside.close();
  await assert.rejects(response.text());
});
