import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openCallbackDesk, verdictsOf } from '../../test/support/callback-desk.ts';
import { declined, unknown } from '../../test/support/scripted-bank.ts';
import { resolvePayment } from '../failed-tasks/resolve-payment.ts';
import type { BreakId } from '../ids.ts';
import { resolveBreak } from '../reconciliation/resolve-break.ts';

test('money in another currency than its payment is for nobody, and no other break hides behind it', async (t) => {
  const desk = await openCallbackDesk(t);
  const claim = await desk.submitted();
  await desk.journey.end(claim, declined);
  const money = { amount: '100', event_id: 'in-yen', bank_transaction_id: 'BT-yen' } as const;
  await desk.call(claim.id, { ...money, currency: 'JPY' });
  await desk.call(claim.id, { amount: '100', currency: 'USD' });
  const found = await desk.books.sql<{ id: BreakId; currency: string; payment_id: string | null }>(
    'SELECT id, currency, payment_id FROM breaks ORDER BY id',
  );
  assert.deepEqual(
    found.map(({ currency, payment_id }) => [currency, payment_id]),
    [
      ['JPY', null],
      ['USD', claim.id],
    ],
  );
  for (const { id } of found) {
    const words = {
      resolution: 'correct',
      reason: 'as it says',
      by: 'test',
      requestId: 'test',
    } as const;
    const decision = { breakId: id, ...words };
    assert.equal((await resolveBreak(desk.books.database, decision)).kind, 'resolved');
  }
  await desk.books.assertAudited();
});

test('the bank names the transaction of a success that an operator decided: they agree', async (t) => {
  const desk = await openCallbackDesk(t);
  const claim = await desk.submitted();
  await desk.journey.end(claim, unknown);
  const evidence = 'a receipt without a number';
  const decision = { as: 'succeeded', bankTransactionId: null, evidence } as const;
  const options = { database: desk.books.database, resolve: desk.journey.resolve };
  const done = { actor: 'test', reason: 'seen', requestId: 'test' } as const;
  assert.equal((await resolvePayment(options, claim.id, decision, done)).kind, 'resolved');
  await desk.call(claim.id, { bank_transaction_id: 'BT-late' });
  assert.deepEqual(await verdictsOf(desk, claim.id), ['agrees']);
  assert.deepEqual(await desk.books.sql('SELECT kind FROM breaks'), []);
  await desk.books.assertAudited();
});
