import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestApi, type TestApi } from '../../../test/support/api.ts';
import { assertProblem, testGuards, testStatuses } from '../../../test/support/api-refusals.ts';
import { systemClock } from '../../clock.ts';
import { statement } from '../../db/database.ts';
import { newAccountId } from '../../ids.ts';
import { openClearing } from '../../ledger/clearing.ts';
import { parseCurrency } from '../../money.ts';

let api: TestApi;
before(async () => {
  api = await openTestApi();
});
after(() => api.close());

const get = (id: string) => ({ method: 'GET', url: `/api/v1/accounts/${id}` }) as const;

const setBalance = statement<never>(
  'test_balance',
  'UPDATE accounts SET balance = $2, held = $3 WHERE id = $1',
);

test('its amounts belong together, for its owner and for operators', async () => {
  const person = await api.person();
  await api.database.query(setBalance, [person.accountId, 10_050n, 2_000n]);
  for (const asking of [person, await api.person('operator'), await api.person('admin')]) {
    const response = await api.send(asking, get(person.accountId));
    assert.equal(response.statusCode, 200, response.body);
    const { balance, available, held, currency, decimals } = response.json();
    assert.deepEqual(
      { balance, available, held },
      {
        balance: '100.50',
        available: '80.50',
        held: '20.00',
      },
    );
    assert.deepEqual([currency, decimals], ['USD', 2]);
  }
});

test("somebody else's, a system's, none at all and no id are one and the same 404", async () => {
  const usd = parseCurrency('USD');
  assert.ok(usd !== null);
  const clearing = await openClearing(api.database, systemClock.monotonic)(usd);
  const other = await api.person();
  for (const id of [other.accountId, clearing, newAccountId(), 'mine']) {
    const response = await api.send(await api.person(), get(id));
    assertProblem(response, { status: 404, code: 'account_not_found' });
  }
  assert.equal((await api.send(await api.person('operator'), get(clearing))).statusCode, 404);
});

testGuards(
  () => api,
  (person) => get(person.accountId),
  'RATE_LIMIT_BALANCE_PER_MINUTE',
);

testStatuses(() => api, 'GET /api/v1/accounts/:id');
