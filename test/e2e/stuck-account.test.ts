import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from 'pg';
import { openClient } from '../support/client.ts';
import { startTestGateway } from '../support/gateway.ts';
import { proveMoney } from '../support/proof.ts';

test('P6 a stuck account stops nobody else, and loses nothing', async (t) => {
  const gateway = await startTestGateway(t, { env: { ACCEPT_DEADLINE_SECONDS: '1' } });
  const client = openClient(gateway.url);
  t.after(client.close);
  const [stuck, free] = [await client.register(), await client.register()];
  await Promise.all([stuck.fund('100.00'), free.fund('100.00')]);

  const holder = new Client({ connectionString: gateway.ownerUrl });
  await holder.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT id FROM accounts WHERE user_id = $1 FOR UPDATE', [stuck.id]);

  const blocked = stuck.withdraw('10.00', { key: 'blocked' });
  const deposit = await stuck.deposit('5.00');
  assert.equal(deposit.status, 202, 'a deposit holds no funds, so it needs no lock to be accepted');
  for (let round = 0; round < 5; round++) {
    const payments = [await free.withdraw('10.00'), await free.deposit('1.00')];
    for (const payment of payments)
      assert.equal((await free.untilFinal(payment)).status, 'SUCCESS');
  }
  const refused = await blocked;
  assert.deepEqual([refused.status, refused.body['code']], [503, 'account_busy']);
  assert.equal(refused.headers['retry-after'], '1');
  assert.equal((await stuck.read(deposit)).status, 'PROCESSING');

  await holder.query('ROLLBACK');
  await holder.end();
  assert.equal((await stuck.untilFinal(deposit)).status, 'SUCCESS');
  const again = await stuck.withdraw('10.00', { key: 'blocked' });
  assert.equal(again.status, 202);
  assert.equal(again.headers['idempotent-replayed'], undefined, 'the 503 had stored nothing');
  assert.equal((await stuck.untilFinal(again)).status, 'SUCCESS');
  assert.equal((await stuck.balance()).balance, '95.00');
  assert.equal((await free.balance()).balance, '55.00');
  await proveMoney({ ...gateway, settled: true });
});
