import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import type { KillPoint } from '../../src/runtime/kill-point.ts';
import { openClient, type TestClient } from '../support/client.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { proveMoney } from '../support/proof.ts';
import { until } from '../support/wait.ts';
import {
  type ReceivedMessage,
  startReceiver,
  type WebhookReceiver,
} from '../support/webhook-receiver.ts';

const settings = {
  WEBHOOK_ALLOW_LOOPBACK: 'true',
  WEBHOOK_TIMEOUT_SECONDS: '1',
  WEBHOOK_RETRY_DELAYS_SECONDS: '0.2,0.4,0.8,1',
};

interface Told {
  readonly authorization: string;
  readonly secret: string;
}

async function open(t: TestContext, env: Readonly<Record<string, string>> = {}) {
  const receiver = await startReceiver(t);
  const gateway = await startTestGateway(t, { env: { ...settings, ...env } });
  const client = openClient(gateway.url);
  t.after(client.close);
  return { receiver, gateway, client, told: await register(client, receiver) };
}

async function register(client: TestClient, receiver: WebhookReceiver): Promise<Told> {
  const answer = await client.send({
    method: 'POST',
    path: '/api/v1/auth/register',
    body: {
      email: 'told@example.com',
      full_name: 'Told Person',
      password: 'long enough',
      webhook_url: `${receiver.url}/hook`,
    },
  });
  assert.equal(answer.status, 201, answer.text);
  const { access_token, webhook_endpoint } = JSON.parse(answer.text);
  return { authorization: `Bearer ${access_token}`, secret: webhook_endpoint.secret };
}

async function deposit(client: TestClient, { authorization }: Told, key: string): Promise<string> {
  const answer = await client.send({
    method: 'POST',
    path: '/api/v1/deposits',
    headers: { authorization, 'idempotency-key': key },
    body: { amount: '10.00' },
  });
  assert.equal(answer.status, 202, answer.text);
  return String(answer.body['id']);
}

/** Types that came, in order of their version, each message counted once. */
function typesOf(messages: readonly ReceivedMessage[], paymentId: string): string[] {
  const bodies = new Map(messages.map(({ headers, body }) => [headers['webhook-id'], body]));
  return [...bodies.values()]
    .map((body) => JSON.parse(body))
    .filter(({ data }) => data.id === paymentId)
    .toSorted((a, b) => a.data.version - b.data.version)
    .map(({ type }) => type);
}

const isWhole = (types: readonly string[]): boolean =>
  types.join() === 'deposit.created,deposit.succeeded';

test('whoever registers with a webhook_url is told of every payment, signed with the secret that the answer held', async (t) => {
  const { receiver, gateway, client, told } = await open(t);
  const id = await deposit(client, told, 'first');
  const messages = await until(
    async () => {
      const all = await receiver.received();
      return isWhole(typesOf(all, id)) ? all : null;
    },
    { what: 'both messages', deadlineMs: 20_000 },
  );
  for (const { headers, body } of messages) {
    const { data } = JSON.parse(body);
    assert.deepEqual(new Webhook(told.secret).verify(body, headers), JSON.parse(body));
    assert.equal(data.amount, '10.00');
  }
  await proveMoney({ ...gateway, settled: true });
});

test('H6 a receiver that is away for a while has everything once it is back', async (t) => {
  const { receiver, client, told } = await open(t);
  await receiver.become('/status/503');
  const id = await deposit(client, told, 'away');
  await receiver.atLeast(3);
  await receiver.become('/ok');
  const delivered = await until(
    async () => {
      const all = await receiver.received();
      return isWhole(typesOf(all, id)) ? all : null;
    },
    { what: 'both messages', deadlineMs: 20_000 },
  );
  const ids = new Set(delivered.map(({ headers }) => headers['webhook-id']));
  assert.equal(ids.size, 2, 'each attempt bears the id of its message');
});

const points: readonly (readonly [KillPoint, posted: boolean])[] = [
  ['deliver.after_claim', false],
  ['deliver.after_post', true],
  ['deliver.after_record', true],
];
for (const [point, posted] of points) {
  test(`H5 killed at ${point}: every message arrives, a repeated one with the same id`, async (t) => {
    const { receiver, gateway, client, told } = await open(t, { KILL_POINT: `${point}:1` });
    const id = await deposit(client, told, 'killed');
    assert.deepEqual(await gateway.ended(), { code: null, signal: 'SIGKILL' });
    const before = await receiver.received();
    assert.equal(before.length > 0, posted);
    await gateway.restart({ KILL_POINT: '' });
    const all = await until(
      async () => {
        const came = await receiver.received();
        // A lease of 16 s holds what the dead process had claimed.
        const isAgain = point !== 'deliver.after_post' || countOf(came, before[0]) > 1;
        return isAgain && isWhole(typesOf(came, id)) ? came : null;
      },
      { what: 'every message', deadlineMs: 40_000 },
    );
    assert.equal(new Set(all.map(({ headers }) => headers['webhook-id'])).size, 2);
    assert.equal(new Set(all.map(({ body }) => body)).size, 2);
    for (const { headers, body } of all) new Webhook(told.secret).verify(body, headers);
    await assertAudited(gateway);
  });
}

function countOf(all: readonly ReceivedMessage[], message: ReceivedMessage | undefined): number {
  const id = message?.headers['webhook-id'];
  return all.filter(({ headers }) => headers['webhook-id'] === id).length;
}

function assertAudited(gateway: TestGateway): Promise<unknown> {
  return proveMoney({ ...gateway, settled: true });
}
