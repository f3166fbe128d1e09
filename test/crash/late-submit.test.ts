import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statement } from '../../src/db/database.ts';
import { idOf, openClient } from '../support/client.ts';
import { startTestGateway } from '../support/gateway.ts';
import { countSubmits, listMovements, proveMoney, withOwner } from '../support/proof.ts';
import { startTestSimulator } from '../support/simulator.ts';
import { type Link, type LinkRules, startLink } from '../support/tcp-link.ts';
import { until } from '../support/wait.ts';

const attemptsOf = statement<{ told: string }>(
  'late_attempts',
  `SELECT contact || ' ' || outcome AS told FROM attempts WHERE payment_id = $1 ORDER BY fence`,
);

test('W8 a submit that arrives after its own repetition moves nothing', async (t) => {
  const simulator = await startTestSimulator();
  t.after(simulator.stop);
  const held: (() => void)[] = [];
  // The first submit is kept on its way, and its caller loses the connection.
  const holdFirst = (link: Link): LinkRules => ({
    fromClient: (bytes) => {
      if (held.length > 0 || !bytes.includes('POST /v1/transfers')) {
        link.toServer(bytes);
        return;
      }
      held.push(() => link.toServer(bytes));
      link.leave();
    },
    fromServer: link.toClient,
  });
  const target = { host: '127.0.0.1', port: simulator.port };
  const { port } = await startLink(t, target, holdFirst);
  const gateway = await startTestGateway(t, { env: { BANK_URL: `http://127.0.0.1:${port}` } });
  const client = openClient(gateway.url);
  t.after(client.close);
  const user = await client.register();
  const answer = await user.deposit('10.00');
  const payment = await user.untilFinal(answer);
  assert.equal(payment.status, 'SUCCESS');
  const attempts = await withOwner(gateway.ownerUrl, (database) =>
    database.query(attemptsOf, [idOf(answer)]),
  );
  assert.deepEqual(
    attempts.map(({ told }) => told),
    ['submit unknown', 'inquire not_found', 'submit approved'],
  );

  assert.equal(held.length, 1, 'the first submit was held');
  for (const arrive of held) arrive();
  await until(async () => (await countSubmits(simulator.url, idOf(answer))) === 2, {
    what: 'the first submit to arrive at the bank',
  });
  assert.equal((await listMovements(simulator.url)).length, 1);
  assert.equal((await user.balance()).balance, '10.00');
  await proveMoney({ ownerUrl: gateway.ownerUrl, simulatorUrl: simulator.url, settled: true });
});
