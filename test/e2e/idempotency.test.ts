import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, idOf, openClient, type TestClient } from '../support/client.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { proveMoney } from '../support/proof.ts';

test('a key stands for one request of one user, for ever', async (t) => {
  const gateway = await startTestGateway(t);
  const client = openClient(gateway.url);
  t.after(client.close);
  await t.test('A6 the same key with another amount is refused, naming what differs', () =>
    reuseKey(client),
  );
  await t.test('the same key of another user is another payment', () => shareKey(client));
  await t.test('a payment of somebody else does not exist', () => readForeign(client));
  await t.test('a replay after a restart is equal to the byte, accepted or refused', () =>
    replayAfterRestart(gateway, client),
  );
  await proveMoney({ ...gateway, settled: true });
});

async function reuseKey(client: TestClient): Promise<void> {
  const user = await client.register();
  const first = await user.deposit('10.00', { key: 'once', body: { description: 'rent' } });
  assert.equal(first.status, 202);
  const others: readonly [differing: readonly string[], answer: Answer][] = [
    [['amount'], await user.deposit('10.01', { key: 'once', body: { description: 'rent' } })],
    [['description'], await user.deposit('10.00', { key: 'once' })],
    [['amount', 'type', 'description'], await user.withdraw('11.00', { key: 'once' })],
  ];
  for (const [differing, answer] of others) {
    assert.equal(answer.status, 422);
    assert.equal(answer.body['code'], 'idempotency_key_reused');
    assert.deepEqual(new Set(strings(answer.body['differing'])), new Set(differing));
    assert.equal(answer.body['payment_id'], idOf(first));
    assert.equal(answer.body['original'], `/api/v1/transactions/${idOf(first)}`);
  }
  const same = await user.deposit('10.0', { key: '"once"', body: { description: 'rent' } });
  assert.deepEqual([same.status, same.text], [202, first.text], 'written otherwise, meant alike');
  await user.untilFinal(first);
  assert.equal((await user.balance()).balance, '10.00');
}

async function shareKey(client: TestClient): Promise<void> {
  const [anna, ben] = [await client.register(), await client.register()];
  const [hers, his] = [
    await anna.deposit('1.00', { key: 'shared' }),
    await ben.deposit('2.00', { key: 'shared' }),
  ];
  assert.deepEqual([hers.status, his.status], [202, 202]);
  assert.notEqual(idOf(hers), idOf(his));
  await Promise.all([anna.untilFinal(hers), ben.untilFinal(his)]);
  const balances = [await anna.balance(), await ben.balance()];
  assert.deepEqual(
    balances.map(({ balance }) => balance),
    ['1.00', '2.00'],
  );
}

async function readForeign(client: TestClient): Promise<void> {
  const [owner, stranger] = [await client.register(), await client.register()];
  const payment = await owner.deposit('1.00');
  for (const path of [`/api/v1/deposits/${idOf(payment)}`, `/api/v1/users/${owner.id}/balance`]) {
    const answer = await stranger.send({ method: 'GET', path });
    assert.equal(answer.status, 404, path);
    assert.equal((await owner.send({ method: 'GET', path })).status, 200, path);
  }
  await owner.untilFinal(payment);
}

async function replayAfterRestart(gateway: TestGateway, client: TestClient): Promise<void> {
  const user = await client.register();
  const accepted = await user.deposit('10.00', {
    key: 'accepted',
    body: { metadata: { b: 1, a: 'ü' } },
  });
  const refused = await user.withdraw('99.00', { key: 'refused' });
  assert.deepEqual([accepted.status, refused.status], [202, 400]);
  await user.untilFinal(accepted);
  await gateway.stop();
  await gateway.restart();
  const replays = [
    await user.deposit('10.00', { key: 'accepted', body: { metadata: { a: 'ü', b: 1 } } }),
    // Funds have come in since: the refusal stands all the same.
    await user.withdraw('99.00', { key: 'refused' }),
  ];
  [accepted, refused].forEach((first, index) => {
    const replay = replays[index];
    assert(replay !== undefined);
    assert.deepEqual([replay.status, replay.text], [first.status, first.text]);
    assert.equal(replay.headers['content-type'], first.headers['content-type']);
    assert.equal(replay.headers['location'], first.headers['location']);
    assert.equal(replay.headers['idempotent-replayed'], 'true');
  });
}

const strings = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
