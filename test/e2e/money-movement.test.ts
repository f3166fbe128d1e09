import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import {
  type Answer,
  idOf,
  openClient,
  type TestClient,
  type TestUser,
} from '../support/client.ts';
import { startTestGateway } from '../support/gateway.ts';
import { proveMoney } from '../support/proof.ts';
import { until } from '../support/wait.ts';

test('money moves in every way there is, and the bank and the books agree on it', async (t) => {
  const gateway = await startTestGateway(t);
  const client = openClient(gateway.url);
  t.after(client.close);
  await t.test('transfers cross each other, a hundred each way', () => crossTransfers(client));
  await t.test('S27 fifty refunds at once give back no more than the deposit', () =>
    refundAtOnce(client),
  );
  await t.test('S27 a hundred payments are cancelled while they are taken to the bank', () =>
    cancelAtOnce(client),
  );
  await t.test('a bulk of a thousand is a thousand payments', () => depositInBulk(client));
  await proveMoney({ ...gateway, settled: true });
});

async function crossTransfers(client: TestClient): Promise<void> {
  const [anna, ben] = [await client.register(), await client.register()];
  await Promise.all([anna.fund('100.00'), ben.fund('100.00')]);
  const [hers, his] = [await accountOf(anna), await accountOf(ben)];
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      index % 2 === 0
        ? post(anna, 'transfers', { to_account_id: his, amount: '0.50' })
        : post(ben, 'transfers', { to_account_id: hers, amount: '0.20' }),
    ),
  );
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201]));
  assert.equal((await anna.balance()).balance, '70.00');
  assert.equal((await ben.balance()).balance, '130.00');
}

async function refundAtOnce(client: TestClient): Promise<void> {
  const user = await client.register();
  // The amount is one that the bank never fails.
  const deposit = await user.deposit('7771.01');
  const early = await post(user, 'refunds', { deposit_id: idOf(deposit), amount: '1.00' });
  assert.equal(early.body['code'], 'deposit_not_settled');
  await user.untilFinal(deposit);
  const terms = { deposit_id: idOf(deposit), amount: '2000.00' };
  const answers = await Promise.all(Array.from({ length: 50 }, () => post(user, 'refunds', terms)));
  const accepted = answers.filter(({ status }) => status === 202);
  assert.equal(accepted.length, 3);
  for (const { status, body } of answers)
    if (status !== 202) assert.equal(body['code'], 'refund_exceeds_deposit');
  const ended = await Promise.all(accepted.map((answer) => user.untilFinal(answer)));
  const given = ended.filter(({ status }) => status === 'SUCCESS').length;
  assert.equal((await user.balance()).balance, `${7771 - 2000 * given}.01`);
  assert.equal((await user.balance()).held, '0.00');
}

async function cancelAtOnce(client: TestClient): Promise<void> {
  const user = await client.register();
  await user.fund('7771.01');
  await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      const name = index % 2 === 0 ? 'deposits' : 'withdrawals';
      const payment = await post(user, name, { amount: '1.00' });
      const path = `/api/v1/${name}/${idOf(payment)}/cancel`;
      const cancelled = await user.send({ method: 'POST', path });
      const { status, error_code } = await user.untilFinal(payment);
      if (cancelled.status === 200) assert.deepEqual([status, error_code], ['FAILED', 'CANCELLED']);
      else {
        assert.equal(cancelled.body['code'], 'payment_not_pending');
        assert.notEqual(error_code, 'CANCELLED');
      }
    }),
  );
  assert.equal((await user.balance()).held, '0.00');
}

async function depositInBulk(client: TestClient): Promise<void> {
  const user = await client.register();
  const items = Array.from({ length: 1_000 }, () => ({
    idempotency_key: randomUUID(),
    amount: '7771.01',
  }));
  const send = () => user.send({ method: 'POST', path: '/api/v1/deposits/bulk', body: { items } });
  const [first, second] = [await send(), await send()];
  assert.equal(first.status, 200);
  const { results } = JSON.parse(first.text);
  assert.equal(results.filter(({ status }: { status: number }) => status === 202).length, 1_000);
  assert.equal(second.text.replaceAll('"replayed":true', '"replayed":false'), first.text);
  await until(async () => (await user.balance()).balance === '7771010.00', {
    what: 'a thousand deposits to succeed',
    deadlineMs: 60_000,
  });
}

async function accountOf(user: TestUser): Promise<string> {
  const { text } = await user.send({ method: 'GET', path: '/api/v1/accounts' });
  return JSON.parse(text).items[0].id;
}

function post(user: TestUser, name: string, body: object): Promise<Answer> {
  return user.send({
    method: 'POST',
    path: `/api/v1/${name}`,
    body,
    headers: { 'idempotency-key': randomUUID() },
  });
}
