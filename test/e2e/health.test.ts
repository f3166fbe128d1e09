import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { programsIn, sendSignal } from '../../src/runtime/processes.ts';
import { type Answer, openClient } from '../support/client.ts';
import { startTestGateway } from '../support/gateway.ts';
import { until } from '../support/wait.ts';

test('health says which part is away, and whether requests should come', async (t) => {
  const gateway = await startTestGateway(t, { database: 'embedded' });
  const client = openClient(gateway.url);
  t.after(client.close);
  const ask = (path: string): Promise<Answer> => client.send({ method: 'GET', path });
  const signal = (program: string, folder: string, name: NodeJS.Signals): void => {
    const pids = programsIn(program, join(gateway.dataDir, folder));
    assert(pids.length > 0, `${program} runs in ${folder}`);
    for (const pid of pids) sendSignal(pid, name);
  };
  const untilHealthy = (): Promise<true | Answer> =>
    until(async () => (await ask('/health')).body['status'] === 'ok', { what: 'health to be ok' });

  const well = await ask('/health');
  assert.equal(well.status, 200);
  assert.equal(well.body['status'], 'ok');
  assert.deepEqual(well.body['dependencies'], {
    database: { status: 'ok' },
    queue: { status: 'ok' },
    coordination: { status: 'ok' },
    bank: { status: 'ok' },
  });

  signal('node', 'bank', 'SIGSTOP');
  const withoutBank = await ask('/health');
  assert.deepEqual([withoutBank.status, withoutBank.body['status']], [200, 'degraded']);
  signal('node', 'bank', 'SIGCONT');
  await untilHealthy();

  signal('postgres', 'postgres', 'SIGSTOP');
  const startedAt = performance.now();
  const withoutDatabase = await ask('/health');
  assert.deepEqual([withoutDatabase.status, withoutDatabase.body['status']], [503, 'degraded']);
  assert(performance.now() - startedAt < 5_000, 'a frozen server does not freeze the answer');
  assert.equal((await ask('/health/live')).status, 200, 'the process itself is alive');
  signal('postgres', 'postgres', 'SIGCONT');
  await untilHealthy();
});
