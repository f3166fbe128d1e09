import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import {
  type Books,
  commandFor,
  openBooks,
  type Person,
  silentLog,
} from '../../test/support/books.ts';
import { openJourney } from '../../test/support/journey.ts';
import { openDraws } from '../../test/support/random.ts';
import { until } from '../../test/support/wait.ts';
import { startReceiver, type WebhookReceiver } from '../../test/support/webhook-receiver.ts';
import { openTestWebhooks, type TestWebhooksOptions } from '../../test/support/webhooks.ts';
import { present } from '../assert.ts';
import type { EndpointId } from '../ids.ts';
import { disableEndpoint } from './disable.ts';
import { rotateSecret } from './endpoints.ts';

interface Setting {
  readonly books: Books;
  readonly person: Person;
  readonly receiver: WebhookReceiver;
  readonly webhooks: ReturnType<typeof openTestWebhooks>;
  /** A payment is accepted: one event. */
  readonly pay: (times?: number) => Promise<void>;
}

async function open(t: TestContext, options: TestWebhooksOptions = {}): Promise<Setting> {
  const books = await openBooks(t);
  const receiver = await startReceiver(t);
  const person = await books.openAccount(1_000_000n);
  const { accept } = openJourney(books.database);
  return {
    books,
    person,
    receiver,
    webhooks: openTestWebhooks(t, books.database, options),
    pay: async (times = 1) => {
      const commands = Array.from({ length: times }, () => commandFor(person));
      await Promise.all(commands.map((command) => accept(command)));
    },
  };
}

interface Stand {
  readonly id: string;
  readonly state: string;
  readonly failures: number;
  readonly wait_s: number | null;
}

const standOf = (books: Books, endpoint: EndpointId): Promise<Stand[]> =>
  books.sql<Stand>(
    `SELECT id, state, failures, extract(epoch FROM due_at - clock_timestamp())::float8 AS wait_s
       FROM webhook_deliveries WHERE endpoint_id = $1 ORDER BY id`,
    [endpoint],
  );
const makeDue = (books: Books): Promise<unknown> =>
  books.sql('UPDATE webhook_deliveries SET due_at = now() WHERE due_at IS NOT NULL');
const errorsOf = async (books: Books): Promise<(string | null)[]> => {
  const rows = await books.sql<{ error: string | null }>(
    'SELECT error FROM webhook_attempts ORDER BY started_at',
  );
  return rows.map((row) => row.error);
};

test('every event of its user reaches an endpoint that asks for it, signed, and nobody else', async (t) => {
  const { books, person, receiver, webhooks, pay } = await open(t);
  const { userId } = person;
  const all = await webhooks.endpoint(userId, { url: `${receiver.url}/all` });
  const some = { url: `${receiver.url}/some`, eventTypes: ['withdrawal.succeeded'] };
  await webhooks.endpoint(userId, some);
  const other = await books.openAccount();
  await webhooks.endpoint(other.userId, { url: `${receiver.url}/other` });
  await pay(3);
  await webhooks.deliverAll();
  const messages = await receiver.atLeast(3);
  assert.deepEqual(
    messages.map(({ path }) => path),
    ['/all', '/all', '/all'],
  );
  for (const { headers, body } of messages) {
    const { type, timestamp, data, ...rest } = JSON.parse(body);
    assert.deepEqual(new Webhook(all.secret).verify(body, headers), JSON.parse(body));
    assert.equal(type, 'withdrawal.created');
    assert.deepEqual(rest, {});
    assert.equal(timestamp, data.created_at);
    assert.deepEqual([data.status, data.amount, data.version], ['PENDING', '1.00', 1]);
    assert.equal(headers['content-type'], 'application/json');
  }
  assert.equal(new Set(messages.map(({ headers }) => headers['webhook-id'])).size, 3);
  assert.equal((await receiver.received()).length, 3);
  const stands = await standOf(books, all.endpoint.id);
  assert.deepEqual(
    stands.map(({ state }) => state),
    ['delivered', 'delivered', 'delivered'],
  );
  await books.assertAudited();
});

test('a rolled back event leaves no delivery behind', async (t) => {
  const { books, person, receiver, webhooks } = await open(t);
  const { endpoint } = await webhooks.endpoint(person.userId, { url: `${receiver.url}/all` });
  const client = await books.connect();
  await client.query('BEGIN');
  await client.query(
    `INSERT INTO events (payment_id, version, user_id, type, data, created_at, epoch)
     VALUES (gen_random_uuid(), 1, $1, 'deposit.created', '{}', now(), 1)`,
    [person.userId],
  );
  await client.query('ROLLBACK');
  assert.deepEqual(await standOf(books, endpoint.id), []);
});

test('H1 a receiver that hangs, trickles or never ends holds a place for the timeout only', async (t) => {
  const { books, person, receiver, webhooks, pay } = await open(t, {
    policy: { timeoutMs: 1_500 },
  });
  for (const path of ['/hang', '/trickle', '/half', '/huge', '/ok'])
    await webhooks.endpoint(person.userId, { url: receiver.url + path });
  await pay();
  const startedAt = performance.now();
  await webhooks.deliverAll();
  const tookMs = performance.now() - startedAt;
  assert(tookMs < 6_000, `${tookMs} ms`);
  const rows = await books.sql<{ path: string; state: string; error: string | null; kept: number }>(
    `SELECT split_part(w.url, '/', 4) AS path, d.state, a.error, length(a.answer) AS kept
       FROM webhook_deliveries d JOIN webhook_endpoints w ON w.id = d.endpoint_id
       JOIN webhook_attempts a ON a.delivery_id = d.id ORDER BY 1`,
  );
  assert.deepEqual(rows, [
    { path: 'half', state: 'pending', error: 'timeout', kept: null },
    { path: 'hang', state: 'pending', error: 'timeout', kept: null },
    { path: 'huge', state: 'delivered', error: null, kept: 2048 },
    { path: 'ok', state: 'delivered', error: null, kept: 6 },
    { path: 'trickle', state: 'pending', error: 'timeout', kept: null },
  ]);
});

test('H1 one that hangs gets one at a time after its first failure, and delays nobody', async (t) => {
  const { books, person, receiver, webhooks, pay } = await open(t, {
    policy: { timeoutMs: 1_000, inFlightMax: 20 },
  });
  const hanging = await webhooks.endpoint(person.userId, { url: `${receiver.url}/hang` });
  const fine = await webhooks.endpoint(person.userId, { url: `${receiver.url}/ok` });
  await pay(30);
  const states = (stands: Stand[]) => stands.filter(({ state }) => state === 'delivered').length;
  await until(
    async () => {
      await webhooks.deliver.deliverOnce();
      return states(await standOf(books, fine.endpoint.id)) === 30;
    },
    { what: 'the other endpoint to have all of its messages', deadlineMs: 15_000 },
  );
  assert.equal(states(await standOf(books, hanging.endpoint.id)), 0);
  const came = (await receiver.received()).filter(({ path }) => path === '/hang').length;
  // Two at first, and then one a second.
  assert(came >= 1 && came <= 17, `${came} came`);
});

test('H2 a redirect is not followed, and counts as failed', async (t) => {
  const { books, person, receiver, webhooks, pay } = await open(t);
  const location = encodeURIComponent(`${receiver.url}/inside`);
  for (const status of [301, 302, 307, 308])
    await webhooks.endpoint(person.userId, {
      url: `${receiver.url}/status/${status}?location=${location}`,
    });
  await pay();
  await webhooks.deliverAll();
  const paths = (await receiver.received()).map(({ path }) => path).toSorted();
  assert.deepEqual(paths, ['/status/301', '/status/302', '/status/307', '/status/308']);
  assert.deepEqual(await errorsOf(books), ['redirect', 'redirect', 'redirect', 'redirect']);
});

test('H3 an address that turned internal after it was made is refused when sent', async (t) => {
  const { books, person, receiver, webhooks, pay } = await open(t);
  const { endpoint } = await webhooks.endpoint(person.userId, { url: `${receiver.url}/ok` });
  for (const url of ['http://10.0.0.1/', 'http://[::ffff:127.0.0.1]/', 'http://169.254.169.254/']) {
    await books.sql('UPDATE webhook_endpoints SET url = $2 WHERE id = $1', [endpoint.id, url]);
    await pay();
    await webhooks.deliverAll();
    await makeDue(books);
  }
  const errors = await errorsOf(books);
  assert(errors.length >= 3 && errors.every((error) => error === 'address_refused'));
  assert.deepEqual(await receiver.received(), []);
});

test('H4 a name that is public when the endpoint is made and 127.0.0.1 after it is refused', async (t) => {
  const answers = [['93.184.215.14'], ['10.0.0.1'], ['93.184.215.14', '192.168.0.1']];
  const { books, person, receiver, webhooks, pay } = await open(t, {
    resolveName: async () => answers.shift() ?? ['10.1.2.3'],
  });
  await webhooks.endpoint(person.userId, { url: 'https://rebind.example/' });
  for (let round = 0; round < 3; round += 1) {
    await pay();
    await webhooks.deliverAll();
    await makeDue(books);
  }
  const errors = await errorsOf(books);
  assert(errors.length >= 3 && errors.every((error) => error === 'address_refused'));
  assert.deepEqual(await receiver.received(), []);
});

test('H5 an attempt that is not on record is made again with the same id', async (t) => {
  const { books, person, receiver, webhooks, pay } = await open(t);
  await webhooks.endpoint(person.userId, { url: `${receiver.url}/ok` });
  await pay();
  const claim = `UPDATE webhook_deliveries SET fence = fence + 1`;
  await webhooks.deliver.deliverOnce();
  // Somebody else has it by now, as after a lease that ended: what we record changes nothing.
  await books.sql(claim);
  await receiver.atLeast(1);
  await webhooks.deliverAll();
  await makeDue(books);
  await webhooks.deliverAll();
  const messages = await receiver.received();
  assert.equal(new Set(messages.map(({ headers }) => headers['webhook-id'])).size, 1);
  assert.equal(new Set(messages.map(({ body }) => body)).size, 1);
  await books.assertAudited();
});

test('H6 a receiver that is down: the whole table of 3.2 days, then failed, then a replay', async (t) => {
  const { books, person, receiver, webhooks, pay } = await open(t, { random: openDraws(t).share });
  await receiver.become('/status/500');
  const { endpoint } = await webhooks.endpoint(person.userId, { url: `${receiver.url}/hook` });
  await pay();
  const table = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
  for (const seconds of table) {
    await webhooks.deliverAll();
    const [stand] = await standOf(books, endpoint.id);
    const waitS = present(stand?.wait_s, 'it is due again');
    assert(waitS > seconds * 0.8 - 5 && waitS < seconds * 1.2, `${waitS} s where ${seconds} s`);
    await makeDue(books);
  }
  await webhooks.deliverAll();
  const [ended] = await standOf(books, endpoint.id);
  assert.deepEqual([ended?.state, ended?.failures, ended?.wait_s], ['failed', 10, null]);
  const messages = await receiver.received();
  assert.equal(messages.length, 10);
  assert.equal(new Set(messages.map(({ headers }) => headers['webhook-id'])).size, 1);
  assert.equal(new Set(messages.map(({ body }) => body)).size, 1);
});

test('H6 an endpoint that fails for five days is switched off, and the others are told', async (t) => {
  const { books, person, receiver, webhooks, pay } = await open(t);
  await receiver.become('/status/500');
  const { endpoint } = await webhooks.endpoint(person.userId, { url: `${receiver.url}/hook` });
  const other = { url: `${receiver.url}/other`, eventTypes: ['endpoint.disabled'] };
  const listening = await webhooks.endpoint(person.userId, other);
  await pay(2);
  await webhooks.deliverAll();
  const age = (interval: string) =>
    books.sql(`UPDATE webhook_endpoints SET failing_since = now() - $2::interval WHERE id = $1`, [
      endpoint.id,
      interval,
    ]);
  await age('4 days 23 hours');
  await makeDue(books);
  await webhooks.deliverAll();
  assert.deepEqual(await stateOf(books, endpoint.id), ['enabled', null]);
  await age('5 days');
  await makeDue(books);
  await webhooks.deliverAll();
  assert.deepEqual(await stateOf(books, endpoint.id), ['disabled', 'failing']);
  await webhooks.deliverAll();
  const told = (await receiver.received()).filter(({ path }) => path === '/other');
  assert.equal(told.length, 1);
  const { headers, body } = present(told[0], 'one');
  new Webhook(listening.secret).verify(body, headers);
  const { type, data } = JSON.parse(body);
  assert.deepEqual(
    [type, data.endpoint_id, data.reason],
    ['endpoint.disabled', endpoint.id, 'failing'],
  );
  // What is left for it ends when its time comes, and new events make none.
  await pay();
  await makeDue(books);
  await webhooks.deliverAll();
  const states = (await standOf(books, endpoint.id)).map(({ state }) => state);
  assert.deepEqual(states, ['cancelled', 'cancelled']);
  await books.assertAudited();
});

test('H6 a delivery forgets what failed before it', async (t) => {
  const { books, person, receiver, webhooks, pay } = await open(t);
  await receiver.become('/status/500');
  const { endpoint } = await webhooks.endpoint(person.userId, { url: `${receiver.url}/hook` });
  await pay();
  await webhooks.deliverAll();
  await receiver.become('/ok');
  await makeDue(books);
  await webhooks.deliverAll();
  const [row] = await books.sql<{ failing_since: Date | null }>(
    'SELECT failing_since FROM webhook_endpoints WHERE id = $1',
    [endpoint.id],
  );
  assert.equal(row?.failing_since, null);
});

test('H7 410 switches the endpoint off; it happens once, however many say so at once', async (t) => {
  const { books, person, receiver, webhooks, pay } = await open(t);
  const { endpoint } = await webhooks.endpoint(person.userId, {
    url: `${receiver.url}/status/410`,
  });
  await webhooks.endpoint(person.userId, { url: `${receiver.url}/other` });
  await pay(5);
  await webhooks.deliverAll();
  await disableEndpoint(books.database, silentLog, { id: endpoint.id, why: 'gone' });
  await makeDue(books);
  await webhooks.deliverAll();
  assert.deepEqual(await stateOf(books, endpoint.id), ['disabled', 'gone']);
  const told = (await receiver.received()).filter(({ body }) => body.includes('endpoint.disabled'));
  assert.deepEqual(
    told.map(({ path }) => path),
    ['/other'],
  );
});

for (const status of [429, 502, 504]) {
  test(`H7 after ${status} with Retry-After nothing goes to the endpoint before that`, async (t) => {
    const { books, person, receiver, webhooks, pay } = await open(t);
    const url = `${receiver.url}/status/${status}?retry-after=600`;
    const { endpoint } = await webhooks.endpoint(person.userId, { url });
    await pay();
    await webhooks.deliverAll();
    const [first] = await standOf(books, endpoint.id);
    assert((first?.wait_s ?? 0) > 590);
    await pay(2);
    await webhooks.deliverAll();
    assert.equal((await receiver.received()).length, 1);
    for (const { wait_s } of await standOf(books, endpoint.id)) assert((wait_s ?? 0) > 590);
  });
}

test('S14 during a rotation receivers with either secret go on verifying; then only the new one', async (t) => {
  const { books, person, receiver, webhooks, pay } = await open(t);
  const { userId } = person;
  const { endpoint, secret } = await webhooks.endpoint(userId, { url: `${receiver.url}/ok` });
  const by = { actor: 'system', requestId: 'test', reason: null };
  const parts = { database: books.database, seal: webhooks.seal };
  const wish = { id: endpoint.id, userId, overlapSeconds: 86_400 };
  const rotated = await rotateSecret(parts, wish, by);
  assert(rotated.kind === 'rotated');
  await pay();
  await webhooks.deliverAll();
  await books.sql('UPDATE webhook_endpoints SET previous_secret_until = now()');
  await pay();
  await webhooks.deliverAll();
  const [during, after] = await receiver.received();
  assert(during !== undefined && after !== undefined);
  for (const one of [secret, rotated.secret]) new Webhook(one).verify(during.body, during.headers);
  new Webhook(rotated.secret).verify(after.body, after.headers);
  assert.throws(() => new Webhook(secret).verify(after.body, after.headers));
});

async function stateOf(books: Books, id: EndpointId): Promise<unknown[]> {
  const [row] = await books.sql<{ state: string; disabled_why: string | null }>(
    'SELECT state, disabled_why FROM webhook_endpoints WHERE id = $1',
    [id],
  );
  return [row?.state, row?.disabled_why];
}
