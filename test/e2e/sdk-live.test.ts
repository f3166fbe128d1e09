import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import {
  type FeedEvent,
  openTollgate,
  type Payment,
  type Tokens,
  type TollgateOptions,
  verifyWebhook,
} from '../../sdk/src/tollgate.ts';
import { startTestGateway } from '../support/gateway.ts';
import { proveMoney } from '../support/proof.ts';
import { startReceiver } from '../support/webhook-receiver.ts';

async function signUp(options: TollgateOptions, webhook_url?: string) {
  const tollgate = openTollgate(options);
  const registered = await tollgate.register({
    email: `ada-${randomUUID()}@example.com`,
    full_name: 'Ada Lovelace',
    password: 'correct horse battery',
    ...(webhook_url === undefined ? {} : { webhook_url }),
  });
  return { tollgate, registered };
}

test('a gateway that is killed costs its clients time: no payment, no event, and no session', async (t) => {
  const gateway = await startTestGateway(t);
  const retry = { attemptsMax: 12 };
  const { tollgate } = await signUp({ baseUrl: gateway.url, retry });
  const { data } = await tollgate.api.GET('/api/v1/events');
  const events = follow(tollgate.events({ lastEventId: data?.next_cursor ?? '' }), 20);

  const deposits: Payment[] = [];
  for (let n = 0; n < 5; n++) deposits.push(await tollgate.deposit({ amount: '1.00' }));
  await gateway.kill9();
  const blind = Array.from({ length: 5 }, () => tollgate.deposit({ amount: '1.00' }));
  const waits = deposits.map((deposit) => tollgate.waitUntilFinal(deposit));
  await gateway.restart();
  deposits.push(...(await Promise.all(blind)));
  waits.push(...deposits.slice(5).map((deposit) => tollgate.waitUntilFinal(deposit)));
  const ends = await Promise.all(waits);
  assert(ends.every(({ status }) => status === 'SUCCESS'));

  const told = (await events).map(({ type, transaction_id }) => `${type} ${transaction_id}`);
  const expected = deposits.flatMap(({ id }) => [
    `deposit.created ${id}`,
    `deposit.succeeded ${id}`,
  ]);
  assert.deepEqual(told.toSorted(byWord), expected.toSorted(byWord));
  const { succeeded } = await proveMoney({ ...gateway, settled: true });
  assert.equal(succeeded, 10);
});

/** The creations and ends, of which so many are expected; what else the feed has is left out. */
async function follow(events: AsyncIterable<FeedEvent>, count: number): Promise<FeedEvent[]> {
  const kept: FeedEvent[] = [];
  for await (const event of events) {
    if (/^deposit\.(created|succeeded)$/.test(event.type)) kept.push(event);
    if (kept.length === count) break;
  }
  return kept;
}

const byWord = (one: string, other: string): number => (one < other ? -1 : 1);

test('lists are read to their end, limits are waited for, sessions outlive their process', async (t) => {
  const gateway = await startTestGateway(t, {
    env: { RATE_LIMIT_ENABLED: 'true', RATE_LIMIT_BALANCE_PER_MINUTE: '20' },
  });
  const held: number[] = [];
  const kept: (Tokens | null)[] = [];
  const { tollgate } = await signUp({
    baseUrl: gateway.url,
    retry: { onRetry: ({ response }) => void held.push(response?.status ?? 0) },
    onTokens: (tokens) => void kept.push(tokens),
  });
  const made = await Promise.all(
    Array.from({ length: 25 }, () => tollgate.deposit({ amount: '1.00' })),
  );
  const listed: string[] = [];
  for await (const { id } of tollgate.payments({ limit: 10 })) listed.push(id);
  assert.deepEqual(
    listed,
    made
      .map(({ id }) => id)
      .toSorted(byWord)
      .toReversed(),
  );

  // However slow the machine is: a read takes less than the three seconds that its place costs.
  for (let n = 0; n < 200 && !held.includes(429); n++) await tollgate.balance();
  assert(held.includes(429));

  // Another process, later: the access token is over, the refresh token is not.
  const last = kept.at(-1);
  assert(last !== null && last !== undefined);
  const old = { ...last, accessToken: 'over', expiresAtMs: 0 };
  const next = openTollgate({
    baseUrl: gateway.url,
    tokens: old,
    onTokens: (tokens) => void kept.push(tokens),
  });
  await Promise.all(made.slice(0, 3).map(({ id }) => next.payment(id)));
  assert.equal(kept.length, 2);
  assert.notEqual(kept.at(-1)?.refreshToken, last.refreshToken);
  await next.signOut();
  assert.equal(kept.at(-1), null);
});

test('a webhook as it arrives is verified by the secret that registering told', async (t) => {
  const receiver = await startReceiver(t);
  const gateway = await startTestGateway(t, { env: { WEBHOOK_ALLOW_LOOPBACK: 'true' } });
  const hook = `${receiver.url}/hook`;
  const { tollgate, registered } = await signUp({ baseUrl: gateway.url }, hook);
  const secret = registered.webhook_endpoint?.secret ?? '';
  const deposit = await tollgate.deposit({ amount: '10.00', metadata: { order: 'ä✓' } });
  await tollgate.waitUntilFinal(deposit);
  const messages = await receiver.atLeast(2);
  const read = messages.map(({ body, headers }) => verifyWebhook(body, headers, secret));
  assert.deepEqual(read.map(({ type }) => type).toSorted(byWord), [
    'deposit.created',
    'deposit.succeeded',
  ]);
  assert(read.every(({ data }) => 'id' in data && data.id === deposit.id));
});
