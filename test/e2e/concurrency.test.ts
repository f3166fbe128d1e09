import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, idOf, openClient, type TestClient } from '../support/client.ts';
import { startTestGateway } from '../support/gateway.ts';
import { proveMoney } from '../support/proof.ts';

test('what arrives at one moment is still counted one by one', async (t) => {
  const gateway = await startTestGateway(t);
  const client = openClient(gateway.url);
  t.after(client.close);
  await t.test('100 deposits at once make the exact balance', () => depositAtOnce(client));
  await t.test('200 withdrawals at once on funds for 50: exactly 50 go through', () =>
    withdrawAtOnce(client),
  );
  await t.test('A5 50 requests at once with one key are one payment with one answer', () =>
    repeatAtOnce(client),
  );
  await t.test('A5 50 refused requests at once with one key are one refusal', () =>
    refuseAtOnce(client),
  );
  await proveMoney({ ...gateway, settled: true });
});

async function depositAtOnce(client: TestClient): Promise<void> {
  const user = await client.register();
  const answers = await atOnce(100, (index) => user.deposit(`1.${String(index).padStart(2, '0')}`));
  assert.deepEqual(statuses(answers), { 202: 100 });
  const ended = await Promise.all(answers.map((answer) => user.untilFinal(answer)));
  assert(ended.every((payment) => payment.status === 'SUCCESS'));
  // 100 × 1.00 and 0.00 + 0.01 + … + 0.99.
  assert.deepEqual(await user.balance(), { balance: '149.50', available: '149.50', held: '0.00' });
}

async function withdrawAtOnce(client: TestClient): Promise<void> {
  const user = await client.register();
  await user.fund('500.00');
  const answers = await atOnce(200, () => user.withdraw('10.00'));
  assert.deepEqual(statuses(answers), { 202: 50, 400: 150 });
  const accepted = answers.filter((answer) => answer.status === 202);
  for (const answer of answers) {
    if (answer.status === 400) assert.equal(answer.body['code'], 'insufficient_funds');
  }
  const ended = await Promise.all(accepted.map((answer) => user.untilFinal(answer)));
  assert(ended.every((payment) => payment.status === 'SUCCESS'));
  assert.deepEqual(await user.balance(), { balance: '0.00', available: '0.00', held: '0.00' });
}

async function repeatAtOnce(client: TestClient): Promise<void> {
  const user = await client.register();
  const answers = await atOnce(50, () => user.deposit('10.00', { key: 'at-once' }));
  assert.deepEqual(statuses(answers), { 202: 50 });
  assert.equal(new Set(answers.map((answer) => answer.text)).size, 1, 'equal to the byte');
  const first = answers.filter((answer) => answer.headers['idempotent-replayed'] === undefined);
  assert.equal(first.length, 1, 'one of them is the first, the others say that they are replays');
  await Promise.all(answers.slice(0, 1).map((answer) => user.untilFinal(answer)));
  assert.equal((await user.balance()).balance, '10.00');
}

async function refuseAtOnce(client: TestClient): Promise<void> {
  const user = await client.register();
  const answers = await atOnce(50, () => user.withdraw('10.00', { key: 'at-once' }));
  assert.deepEqual(statuses(answers), { 400: 50 });
  assert.equal(new Set(answers.map((answer) => answer.text)).size, 1, 'equal to the byte');
  assert.equal(new Set(answers.map(idOf)).size, 1);
}

function atOnce(count: number, ask: (index: number) => Promise<Answer>): Promise<Answer[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => ask(index)));
}

function statuses(answers: readonly Answer[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
