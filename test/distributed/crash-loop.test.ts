import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statement } from '../../src/db/database.ts';
import { openClient } from '../support/client.ts';
import { startTestGateway } from '../support/gateway.ts';
import { proveConverged, registerFunded, startLoad } from '../support/load.ts';
import { withOwner } from '../support/proof.ts';
import { openDraws } from '../support/random.ts';
import { testModes } from '../support/test-mode.ts';

const users = 5;
const lives = 4;

const told = statement<{ suspects: bigint; unfinished: bigint }>(
  'crash_loop_told',
  `SELECT (SELECT count(*) FROM failed_tasks WHERE reason = 'WORKER_LOST') AS suspects,
          (SELECT count(*) FROM payment_state WHERE due_at IS NOT NULL) AS unfinished`,
);

/** Messages come again and again, with every life of the worker: some may be buried. */
test('W19 a worker that dies again and again: the innocents complete, the suspects are told', async (t) => {
  const gateway = await startTestGateway(t, {
    mode: testModes['mixed-rabbitmq'],
    env: { KILL_POINT: `execute.after_claim:${users + 20}` },
  });
  const client = openClient(gateway.url);
  t.after(client.close);
  const load = startLoad({
    users: await registerFunded(client, users),
    payments: 120,
    lanes: 40,
    draws: openDraws(t),
  });
  assert.equal((await gateway.ended()).signal, 'SIGKILL');
  for (let life = 0; life < lives; life += 1) {
    // It may die before it says that it is ready: what it was working on waits for it.
    await gateway.restart({ KILL_POINT: 'execute.after_claim:20' }).catch((error: unknown) => {
      assert.match(String(error), /did not start/);
    });
    await gateway.ended();
  }
  await gateway.restart({ KILL_POINT: '' });
  const { succeeded, failed } = await proveConverged({ ...gateway, load });
  assert.equal(succeeded + failed, users + load.answered.length);
  const [row] = await withOwner(gateway.ownerUrl, (database) => database.query(told, []));
  assert.equal(row?.unfinished, 0n);
  assert.ok(row.suspects > 0n, 'who was in hand at three deaths is told to a human');
  t.diagnostic(`${row.suspects} suspects, ${succeeded} succeeded, ${failed} failed`);
});
