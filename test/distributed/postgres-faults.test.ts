import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, renameSync, rmdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { sendSignal } from '../../src/runtime/processes.ts';
import { openClient, type TestClient } from '../support/client.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { proveConverged, registerFunded, startLoad, untilSettled } from '../support/load.ts';
import {
  type OwnPostgres,
  type OwnPostgresOptions,
  startOwnPostgres,
} from '../support/own-postgres.ts';
import { proveMoney } from '../support/proof.ts';
import { type Draws, openDraws } from '../support/random.ts';
import { until } from '../support/wait.ts';

/** A real gateway on a PostgreSQL that it did not start and cannot bring back. */

test('P1 one backend is killed under load: the gateway goes on by itself', async (t) => {
  await surviveUnderLoad(t, async ({ server, draws }) => {
    const [victim] = draws.shuffled(server.backends());
    assert(victim !== undefined, 'a server under load has backends');
    sendSignal(victim, 'SIGKILL');
  });
});

test('P2 the server is killed and started again, three times under 8 writers', async (t) => {
  await surviveUnderLoad(t, async ({ server, draws, answered }) => {
    for (let round = 1; round <= 3; round++) {
      const goal = answered() + draws.whole(10, 40);
      await until(() => answered() >= goal, { what: `${goal} answers`, everyMs: 1 });
      await server.kill9();
      await server.restart();
    }
  });
});

interface Fight {
  readonly server: OwnPostgres;
  readonly draws: Draws;
  readonly answered: () => number;
}

const users = 4;
const payments = 300;

async function surviveUnderLoad(
  t: TestContext,
  hurt: (fight: Fight) => Promise<void>,
): Promise<void> {
  const draws = openDraws(t);
  const { server, gateway, client } = await openExternal(t);
  const people = await registerFunded(client, users);
  const load = startLoad({ users: people, payments, lanes: 8, draws });
  const answered = (): number => load.answered.length;
  const moment = draws.whole(20, 100);
  await until(() => answered() >= moment, { what: `${moment} answers`, everyMs: 1 });
  await hurt({ server, draws, answered });
  const proof = { ownerUrl: server.url('owner'), simulatorUrl: gateway.simulatorUrl, load };
  const { succeeded, failed } = await proveConverged(proof);
  assert.equal(succeeded + failed, users + payments);
}

test('P8 the disk is full: writes get 503, reads go on, and it heals by itself', async (t) => {
  const disk = mountSmallDisk(t);
  if ('refused' in disk) {
    t.diagnostic(`cannot run here: ${disk.refused}`);
    return;
  }
  const { server, gateway, client } = await openExternal(t, {
    dataDir: disk.folder,
    settings: { min_wal_size: '32MB', max_wal_size: '64MB', shared_buffers: '16MB' },
  });
  // The log elsewhere: without room for it PostgreSQL stops as a whole, which is row P2.
  await server.kill9();
  moveAside(t, join(server.dataDir, 'postgres', 'pg_wal'));
  await server.restart();
  const user = await client.register();
  await user.fund('10.00');

  const ballast = join(disk.folder, 'ballast');
  spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=64k'], { stdio: 'ignore' });
  const refused = await until(
    async () => {
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => user.deposit('1.00', { body: { description: long } })),
      );
      return answers.find((answer) => answer.status !== 202);
    },
    { what: 'a refused write', deadlineMs: 20_000 },
  );
  assert.deepEqual([refused.status, refused.body['code']], [503, 'database_away']);
  assert.equal((await user.send({ method: 'GET', path: '/api/v1/deposits' })).status, 200);
  assert.ok(Number((await user.balance()).balance) >= 10);

  rmSync(ballast);
  const accepted = await until(
    async () => {
      const answer = await user.deposit('1.00');
      return answer.status === 202 ? answer : null;
    },
    { what: 'a write to be accepted again' },
  );
  assert.equal((await user.untilFinal(accepted)).status, 'SUCCESS');
  await untilSettled(server.url('owner'));
  await proveMoney({
    ownerUrl: server.url('owner'),
    simulatorUrl: gateway.simulatorUrl,
    settled: true,
  });
});

const long = 'x'.repeat(200);

test('P9 one account, 100 requests at once: every one is booked, in turn', async (t) => {
  const gateway = await startTestGateway(t);
  const client = openClient(gateway.url);
  t.after(client.close);
  const user = await client.register();
  await user.fund('1000.00');
  const startedAt = performance.now();
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      index % 2 === 0 ? user.withdraw('2.00') : user.deposit('1.00'),
    ),
  );
  const ended = await Promise.all(answers.map((answer) => user.untilFinal(answer)));
  t.diagnostic(`100 payments on one account: ${Math.round(performance.now() - startedAt)} ms`);
  assert.ok(ended.every((payment) => payment.status === 'SUCCESS'));
  assert.deepEqual(await user.balance(), { balance: '950.00', available: '950.00', held: '0.00' });
  await proveMoney({ ...gateway, settled: true });
});

interface External {
  readonly server: OwnPostgres;
  readonly gateway: TestGateway;
  readonly client: TestClient;
}

async function openExternal(t: TestContext, options: OwnPostgresOptions = {}): Promise<External> {
  const server = await startOwnPostgres(t, options);
  const gateway = await startTestGateway(t, {
    database: 'embedded',
    env: {
      DATABASE: 'external',
      DATABASE_URL: server.url('app'),
      DATABASE_OWNER_URL: server.url('owner'),
    },
  });
  const client = openClient(gateway.url);
  t.after(client.close);
  return { server, gateway, client };
}

/** A file system of its own in memory, which only root can make. */
function mountSmallDisk(
  t: TestContext,
): { readonly folder: string } | { readonly refused: string } {
  if (process.getuid?.() !== 0) return { refused: 'a small disk is mounted by root only' };
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tollgate-disk-')));
  const mounted = spawnSync(
    'mount',
    ['-t', 'tmpfs', '-o', 'size=180m,mode=0700', 'tmpfs', folder],
    {
      encoding: 'utf8',
    },
  );
  if (mounted.status !== 0) {
    rmdirSync(folder);
    return { refused: mounted.error?.message ?? mounted.stderr.trim() };
  }
  t.after(() => {
    // Lazily: whoever still works in it is killed by a later hook.
    spawnSync('umount', ['--lazy', folder]);
    rmdirSync(folder);
  });
  return { folder };
}

function moveAside(t: TestContext, folder: string): void {
  const elsewhere = realpathSync(mkdtempSync(join(tmpdir(), 'tollgate-wal-')));
  t.after(() => rmSync(elsewhere, { recursive: true, force: true }));
  const moved = join(elsewhere, 'pg_wal');
  const copied = spawnSync('cp', ['-a', folder, moved], { encoding: 'utf8' });
  assert.equal(copied.status, 0, copied.stderr);
  renameSync(folder, `${folder}.old`);
  rmSync(`${folder}.old`, { recursive: true });
  symlinkSync(moved, folder);
}
