import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openClient } from '../support/client.ts';
import { startTestGateway } from '../support/gateway.ts';
import { proveMoney } from '../support/proof.ts';

test('a deposit and a withdrawal travel from 202 to settled books', async (t) => {
  const gateway = await startTestGateway(t, { database: 'embedded' });
  const client = openClient(gateway.url);
  t.after(client.close);
  const user = await client.register();
  assert.deepEqual(await user.balance(), { balance: '0.00', available: '0.00', held: '0.00' });

  const deposit = await user.deposit('100.00');
  assert.equal(deposit.status, 202);
  assert.equal(deposit.body['status'], 'PENDING');
  assert.equal(deposit.headers['location'], `/api/v1/deposits/${String(deposit.body['id'])}`);
  const deposited = await user.untilFinal(deposit);
  assert.equal(deposited.status, 'SUCCESS');
  assert.match(String(deposited.bank_transaction_id), /^BT\d+$/);
  assert.deepEqual(await user.balance(), { balance: '100.00', available: '100.00', held: '0.00' });

  const withdrawal = await user.withdraw('30.00', { key: 'thirty' });
  assert.equal(withdrawal.status, 202);
  const held = await user.balance();
  assert.equal(held.available, '70.00', 'the funds are held from the first moment');
  assert.equal((await user.untilFinal(withdrawal)).status, 'SUCCESS');
  assert.deepEqual(await user.balance(), { balance: '70.00', available: '70.00', held: '0.00' });

  const refused = await user.withdraw('70.01');
  assert.equal(refused.status, 400);
  assert.equal(refused.body['code'], 'insufficient_funds');
  assert.equal(refused.body['available'], '70.00');

  const replay = await user.withdraw('30.00', { key: 'thirty' });
  assert.equal(replay.status, 202);
  assert.equal(replay.text, withdrawal.text);
  assert.equal(replay.headers['idempotent-replayed'], 'true');
  assert.equal(withdrawal.headers['idempotent-replayed'], undefined);

  const { succeeded, failed } = await proveMoney({ ...gateway, settled: true });
  assert.deepEqual({ succeeded, failed }, { succeeded: 2, failed: 1 });
});
