import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openClient } from '../support/client.ts';
import { startTestGateway } from '../support/gateway.ts';
import { proveConverged, registerFunded, startLoad } from '../support/load.ts';
import { killBelow, processesBelow } from '../support/process-tree.ts';
import { openDraws } from '../support/random.ts';
import { until } from '../support/wait.ts';

const users = 5;
const payments = 240;

test('gateway, PostgreSQL and bank killed at once, twice: all is found again', async (t) => {
  const draws = openDraws(t);
  const gateway = await startTestGateway(t, {
    database: 'embedded',
    env: { BANK_SIMULATOR_SUCCESS_RATE: '0.9' },
  });
  const client = openClient(gateway.url);
  t.after(client.close);
  const people = await registerFunded(client, users);
  const load = startLoad({ users: people, payments, lanes: 30, draws });
  for (const [from, to] of [
    [10, 90],
    [110, 190],
  ] as const) {
    const moment = draws.whole(from, to);
    await until(() => load.answered.length >= moment, { what: `${moment} answers`, everyMs: 1 });
    assert(processesBelow(gateway.dataDir).length > 5, 'a gateway, a bank, a server with backends');
    await killBelow(gateway.dataDir, draws.shuffled);
    await gateway.restart();
  }
  const { succeeded, failed } = await proveConverged({ ...gateway, load });
  assert.equal(succeeded + failed, users + payments);
});
