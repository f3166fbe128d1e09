import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  openHome,
  quickSettings,
  type Settings,
  takePort,
} from '../../test/support/gateway-home.ts';
import { processesBelow } from '../../test/support/process-tree.ts';
import { until } from '../../test/support/wait.ts';
import { environment } from '../config.ts';
import { takeInstanceLock } from '../runtime/instance-lock.ts';
import { sendSignal, waitForEnd } from '../runtime/processes.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'bin', 'tollgate.js');

/** A folder in which the commands are given, as `make` gives them. */
interface Place {
  readonly dataDir: string;
  readonly run: (...words: readonly string[]) => Promise<Said>;
  readonly start: (...words: readonly string[]) => ChildProcess;
  readonly status: () => Promise<{ readonly code: number; readonly parts: readonly Part[] }>;
}

interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface Part {
  readonly part: string;
  readonly isUp: boolean;
  readonly pid: number | null;
}

async function openPlace(t: TestContext): Promise<Place> {
  const { dataDir } = openHome(t);
  const { PATH = '', HOME = '' } = environment();
  const env: Settings = {
    ...quickSettings,
    ...{ PATH, HOME, DATA_DIR: dataDir },
    PORT: String(await takePort()),
    BANK_SIMULATOR_PORT: String(await takePort()),
  };
  // In the data folder: what it starts is found there.
  const options = { cwd: dataDir, env };
  const run = (...words: readonly string[]): Promise<Said> =>
    new Promise((resolve) => {
      execFile(process.execPath, [program, ...words], options, (error, out, err) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
      });
    });
  return {
    dataDir,
    run,
    start: (...words) =>
      spawn(process.execPath, [program, ...words], { ...options, stdio: 'ignore' }),
    status: async () => {
      const { code, out } = await run('status', '--json');
      // Proven by status.ts, which prints its own type.
      return { code, parts: JSON.parse(out) as readonly Part[] };
    },
  };
}

test('up starts every part, status and logs show them, down ends them', async (t) => {
  const place = await openPlace(t);
  const before = await place.status();
  assert.deepEqual([before.code, before.parts.some((one) => one.isUp)], [3, false]);

  const up = await place.run('up');
  assert.deepEqual([up.code, up.err], [0, '']);
  assert.match(up.out, /^Tollgate is up \(process \d+, [\d.]+ s\)\./);
  assert.match(up.out, /http:\S+\/docs\)$/m);
  const { code, parts } = await place.status();
  assert.equal(code, 0);
  assert.deepEqual(
    parts.map((one) => [one.part, one.isUp, one.pid !== null]),
    ['gateway', 'bank (simulated)', 'database (embedded)'].map((part) => [part, true, true]),
  );
  assert.match((await place.run('up')).out, /^Tollgate was already running \(process \d+\)\./);
  const logs = await place.run('logs', '--lines', '1000');
  assert.equal(logs.code, 0);
  for (const line of [/^gateway +\{.*"ready"/m, /^simulator +\S/m, /^postgres +\S/m])
    assert.match(logs.out, line);

  const down = await place.run('down');
  assert.equal(down.code, 0);
  assert.match(down.out, /^Stopped: gateway \(process \d+\) and what it had started\.$/m);
  assert.deepEqual(processesBelow(place.dataDir), []);
  assert.equal((await place.status()).code, 3);
  assert.deepEqual(await place.run('down'), { code: 0, out: 'Nothing was running.\n', err: '' });
});

test('status sees what a killed gateway has left, and down ends it', async (t) => {
  const place = await openPlace(t);
  assert.equal((await place.run('up')).code, 0);
  const [gateway] = (await place.status()).parts;
  assert(gateway !== undefined && gateway.pid !== null);
  sendSignal(gateway.pid, 'SIGKILL');
  assert(await waitForEnd([gateway.pid], 5_000));
  const { code, parts } = await place.status();
  assert.deepEqual([code, ...parts.map((one) => one.isUp)], [3, false, true, true]);
  assert.match(
    (await place.run('down')).out,
    /^Stopped: simulated bank \(process \d+, left over\), database \(process \d+, left over\)\.$/m,
  );
  assert.deepEqual(processesBelow(place.dataDir), []);
});

/** A new database takes seconds to make, and a busy machine ten times that. */
const deadlineMs = 60_000;

/** How far a start has come, by what there is then. */
const moments: Readonly<Record<string, (dataDir: string) => boolean>> = {
  'its gateway has just been started': (dataDir) =>
    existsSync(join(dataDir, 'logs', 'gateway.log')),
  'its gateway has the data folder': (dataDir) => existsSync(join(dataDir, 'run')),
  'its database is being made': (dataDir) => existsSync(join(dataDir, 'postgres')),
  'its database starts': (dataDir) => existsSync(join(dataDir, 'postgres', 'postmaster.pid')),
};

for (const [moment, isReached] of Object.entries(moments))
  test(`Ctrl-C when ${moment} ends the start and leaves nothing running`, async (t) => {
    const place = await openPlace(t);
    const up = place.start('up');
    const ended = once(up, 'exit');
    await until(() => isReached(place.dataDir), { what: moment, everyMs: 5, deadlineMs });
    assert.equal(up.exitCode, null);
    up.kill('SIGINT');
    assert.deepEqual(await ended, [130, null]);
    assert.deepEqual(processesBelow(place.dataDir), []);
  });

test('Ctrl-C twice does not wait, and what was starting ends by itself', async (t) => {
  const place = await openPlace(t);
  const up = place.start('up');
  const ended = once(up, 'exit');
  const isReached = moments['its database starts'];
  assert(isReached !== undefined);
  await until(() => isReached(place.dataDir), { what: 'the database', everyMs: 5, deadlineMs });
  const interrupt = (): boolean => {
    up.kill('SIGINT');
    return up.exitCode !== null;
  };
  await until(interrupt, { what: 'the end', everyMs: 50, deadlineMs });
  assert.deepEqual(await ended, [130, null]);
  await until(() => processesBelow(place.dataDir).length === 0, {
    what: 'nothing to run',
    deadlineMs,
  });
});

test('Ctrl-C does not end what was running before', async (t) => {
  const place = await openPlace(t);
  // We are the gateway, and not healthy: "up" waits for us.
  const server = createServer((_request, response) => response.writeHead(503).end('{}'));
  server.listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  assert(typeof address === 'object' && address !== null);
  const about = { command: 'gateway', url: `http://127.0.0.1:${address.port}` };
  const lock = takeInstanceLock(join(place.dataDir, 'run'), 'instance', about);
  assert('release' in lock);
  const asked = once(server, 'request');
  const stopped = Promise.withResolvers<'told to stop'>();
  const onStop = (): void => stopped.resolve('told to stop');
  process.once('SIGTERM', onStop);
  const up = place.start('up');
  const ended = once(up, 'exit');
  await asked;
  up.kill('SIGINT');
  assert.deepEqual(await Promise.race([ended, stopped.promise]), [130, null]);
  process.off('SIGTERM', onStop);
  lock.release();
});

for (const word of ['up', 'down', 'status', 'logs'])
  test(`make ${word} is that command`, async () => {
    // Of a make above us it would take the flags, and say where it is.
    const { MAKEFLAGS: _flags, MAKELEVEL: _level, MFLAGS: _old, ...env } = environment();
    const { stdout } = await promisify(execFile)('make', ['-n', word], { cwd: root, env });
    assert.equal(stdout.trimEnd().split('\n').at(-1), `node bin/tollgate.js ${word}`);
  });
