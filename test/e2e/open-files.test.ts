import assert from 'node:assert/strict';
import { test } from 'node:test';
import { request } from 'undici';
import { statement } from '../../src/db/database.ts';
import { openClient } from '../support/client.ts';
import { startTestGateway } from '../support/gateway.ts';
import { registerFunded, untilSettled } from '../support/load.ts';
import { proveMoney, withOwner } from '../support/proof.ts';
import { until } from '../support/wait.ts';

const openFilesMax = 440;
/** Half of them for the API's clients, and 200 for everything else that is open. */
const callsMax = 20;
const payments = 4 * callsMax;

test('calls to the bank are lowered to what the open files allow, and all are made', async (t) => {
  const gateway = await startTestGateway(t, {
    openFilesMax,
    env: {
      BANK_IN_FLIGHT_MAX: '1000',
      BANK_SIMULATOR_MIN_DELAY: '0.5',
      BANK_SIMULATOR_MAX_DELAY: '0.5',
    },
  });
  const lowered = gateway.log().filter((line) => line['lowered'] !== undefined);
  assert(lowered.length > 0, 'it says so');
  for (const line of lowered)
    assert.deepEqual([line['asked'], line['lowered']], [1000, callsMax], 'in each process');
  const limits = await withOwner(gateway.ownerUrl, (database) => database.query(limitsKnown, []));
  assert.deepEqual([...new Set(limits.map((row) => row.in_flight_max))], [callsMax]);

  const client = openClient(gateway.url);
  t.after(client.close);
  const [user] = await registerFunded(client, 1);
  assert(user !== undefined);
  const answers = await Promise.all(Array.from({ length: payments }, () => user.deposit('1.00')));
  assert(answers.every(({ status }) => status === 202));
  let most = 0;
  await until(
    async () => {
      most = Math.max(most, await callsAt(gateway.simulatorUrl));
      return most >= callsMax;
    },
    { what: 'as many calls as there may be', everyMs: 10 },
  );
  await untilSettled(gateway.ownerUrl);
  assert(most <= callsMax * limits.length, `${most} calls at one time`);
  const { succeeded } = await proveMoney({ ...gateway, settled: true });
  assert.equal(succeeded, 1 + payments);
});

/** Of the processes that call the bank. */
const limitsKnown = statement<{ in_flight_max: number }>(
  'open_files_limits_known',
  'SELECT in_flight_max FROM workers WHERE in_flight_max > 0',
);

async function callsAt(simulatorUrl: string): Promise<number> {
  const { body } = await request(`${simulatorUrl}/health`);
  const answer: unknown = await body.json();
  assert(typeof answer === 'object' && answer !== null && 'in_flight' in answer);
  return Number(answer.in_flight);
}
