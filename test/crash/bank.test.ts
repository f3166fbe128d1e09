import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { statement } from '../../src/db/database.ts';
import { programsIn, sendSignal } from '../../src/runtime/processes.ts';
import { openClient } from '../support/client.ts';
import { startTestGateway } from '../support/gateway.ts';
import { proveConverged, registerFunded, startLoad } from '../support/load.ts';
import { withOwner } from '../support/proof.ts';
import { openDraws } from '../support/random.ts';
import { until } from '../support/wait.ts';

const users = 4;
const payments = 200;

test('W11 the bank is killed twice under load and comes back: nothing is paid twice', async (t) => {
  const draws = openDraws(t);
  const gateway = await startTestGateway(t, {
    env: { BANK_SIMULATOR_MIN_DELAY: '0.05', BANK_SIMULATOR_MAX_DELAY: '0.3' },
  });
  const client = openClient(gateway.url);
  t.after(client.close);
  const people = await registerFunded(client, users);
  const load = startLoad({ users: people, payments, lanes: 20, draws });
  let last = 0;
  for (const answers of [40, 120]) {
    await until(() => load.answered.length >= answers, { what: `${answers} answers`, everyMs: 1 });
    const bank = await until(
      () => programsIn('node', join(gateway.dataDir, 'bank')).find((pid) => pid !== last),
      { what: 'a bank to kill' },
    );
    last = bank;
    sendSignal(bank, 'SIGKILL');
  }
  const { succeeded, failed } = await proveConverged({ ...gateway, load });
  assert.equal(succeeded + failed, users + payments);
});

const contactDue = statement<{ due: boolean }>(
  'freeze_contact_due',
  `SELECT bool_and(contact_at <= clock_timestamp()) AS due FROM payment_state
    WHERE status = 'PROCESSING'`,
);

test('A9 a gateway frozen past its leases asks the bank instead of trusting itself', async (t) => {
  const gateway = await startTestGateway(t, {
    env: { BANK_SIMULATOR_MIN_DELAY: '0.3', BANK_SIMULATOR_MAX_DELAY: '0.4' },
  });
  const client = openClient(gateway.url);
  t.after(client.close);
  const [user] = await registerFunded(client, 1);
  assert(user !== undefined);
  const answers = await Promise.all(Array.from({ length: 20 }, () => user.withdraw('1.00')));
  await until(
    async () => {
      const now = await Promise.all(answers.map((answer) => user.read(answer)));
      return now.some((payment) => payment.status === 'PROCESSING');
    },
    { what: 'the bank to be asked', everyMs: 2 },
  );
  sendSignal(gateway.pid(), 'SIGSTOP');
  await withOwner(gateway.ownerUrl, (database) =>
    until(async () => (await database.query(contactDue, []))[0]?.due, {
      what: 'the leases to end',
    }),
  );
  sendSignal(gateway.pid(), 'SIGCONT');
  const ended = await Promise.all(answers.map((answer) => user.untilFinal(answer)));
  assert(ended.every((payment) => payment.status === 'SUCCESS'));
  await proveConverged({ ...gateway, load: { answered: [], done: Promise.resolve() } });
});
