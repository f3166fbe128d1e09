import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readPostmasterFile } from '../../src/db/server/postmaster.ts';
import { programsIn, sendSignal } from '../../src/runtime/processes.ts';
import { openClient } from '../support/client.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { proveConverged, registerFunded, startLoad } from '../support/load.ts';
import { type Draws, openDraws } from '../support/random.ts';
import { until } from '../support/wait.ts';

const users = 4;
const payments = 200;

test('P1 one PostgreSQL backend killed under load: the gateway goes on by itself', async (t) => {
  await surviveUnderLoad(t, (gateway, draws) => {
    const data = dataOf(gateway);
    const backends = programsIn('postgres', data).filter((pid) => pid !== postmasterOf(data));
    const [victim] = draws.shuffled(backends);
    assert(victim !== undefined, 'a server under load has backends');
    sendSignal(victim, 'SIGKILL');
  });
});

test('P2 the postmaster killed under load: the gateway brings it back and goes on', async (t) => {
  await surviveUnderLoad(t, (gateway) => {
    sendSignal(postmasterOf(dataOf(gateway)), 'SIGKILL');
  });
});

test('P2 PostgreSQL with all its backends killed: the gateway brings it back', async (t) => {
  await surviveUnderLoad(t, (gateway, draws) => {
    for (const pid of draws.shuffled(programsIn('postgres', dataOf(gateway))))
      sendSignal(pid, 'SIGKILL');
  });
});

type Kill = (gateway: TestGateway, draws: Draws) => void;

/** The same gateway process lives through it: nobody restarts anything by hand. */
async function surviveUnderLoad(t: TestContext, kill: Kill): Promise<void> {
  const draws = openDraws(t);
  const gateway = await startTestGateway(t, { database: 'embedded' });
  const client = openClient(gateway.url);
  t.after(client.close);
  const people = await registerFunded(client, users);
  const load = startLoad({ users: people, payments, lanes: 30, draws });
  const moment = draws.whole(20, 120);
  await until(() => load.answered.length >= moment, { what: `${moment} answers`, everyMs: 1 });
  const pid = gateway.pid();
  kill(gateway, draws);
  await load.done;
  const health = await until(
    async () => {
      const answer = await client.send({ method: 'GET', path: '/health' });
      return answer.status === 200 ? answer : null;
    },
    { what: 'the gateway to be healthy again' },
  );
  assert.equal(health.body['status'], 'ok');
  const { succeeded, failed } = await proveConverged({ ...gateway, load });
  assert.equal(succeeded + failed, users + payments);
  assert.equal(gateway.pid(), pid);
}

const dataOf = (gateway: TestGateway): string => join(gateway.dataDir, 'postgres');

function postmasterOf(data: string): number {
  const file = readPostmasterFile(data);
  assert(file !== null, `no PostgreSQL runs on ${data}`);
  return file.pid;
}
