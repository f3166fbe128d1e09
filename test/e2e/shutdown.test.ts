import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openClient } from '../support/client.ts';
import { startTestGateway } from '../support/gateway.ts';
import { proveConverged, registerFunded, startLoad } from '../support/load.ts';
import { processesBelow } from '../support/process-tree.ts';
import { openDraws } from '../support/random.ts';
import { until } from '../support/wait.ts';

test('A8 SIGTERM under load: an orderly end, and every 202 is kept', async (t) => {
  const gateway = await startTestGateway(t, { database: 'embedded' });
  const client = openClient(gateway.url);
  t.after(client.close);
  const users = await registerFunded(client, 4);
  // A refusal by any other 5xx than 503 would be the request's answer, and fail the proof.
  const load = startLoad({ users, payments: 200, lanes: 30, draws: openDraws(t) });
  await until(() => load.answered.length >= 60, { what: '60 answers', everyMs: 1 });
  assert.deepEqual(await gateway.stop(), { code: 0, signal: null });
  assert.deepEqual(processesBelow(gateway.dataDir), [], 'it leaves nobody behind');
  await gateway.restart();
  const { succeeded, failed } = await proveConverged({ ...gateway, load });
  assert.equal(succeeded + failed, 204);
});
