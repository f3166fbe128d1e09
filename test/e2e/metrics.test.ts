import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takeFreePort } from '../../src/runtime/ports.ts';
import { openBankControl } from '../support/bank-control.ts';
import { openClient } from '../support/client.ts';
import { startTestGateway } from '../support/gateway.ts';
import { testModes } from '../support/test-mode.ts';
import { until } from '../support/wait.ts';

test('a bank that fails shows in the metrics: its breaker, and how old the oldest unknown is', async (t) => {
  const port = await takeFreePort();
  // One port is one process: this mode has one.
  const gateway = await startTestGateway(t, {
    mode: testModes.embedded,
    env: {
      METRICS_PORT: String(port),
      BANK_BREAKER_FAILURES: '2',
      BANK_BREAKER_OPEN_SECONDS: '600',
      BANK_INQUIRY_DELAYS_SECONDS: '3600',
    },
  });
  const client = openClient(gateway.url);
  t.after(client.close);
  const read = async (): Promise<string> =>
    (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  assert.match(await read(), /breaker_state\{bank="simulator",state="closed"\} 1/);
  assert.match(await read(), /unknown_oldest_seconds 0\n/);
  const bank = await openBankControl(gateway.simulatorUrl);
  await bank.setScenario({ scenario: 'outage-503' });
  const user = await client.register();
  await Promise.all([1, 2, 3].map(() => user.deposit('1.00')));
  await until(async () => /state="open"\} 1/.test(await read()), { what: 'the open breaker' });
  await until(async () => /unknown_oldest_seconds (?!0\n)\d/.test(await read()), {
    what: 'the age of the oldest unknown',
  });
  assert.equal((await fetch(`${gateway.url}/metrics`)).status, 404);
});
