import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { request } from 'undici';
import { until } from '../../test/support/wait.ts';
import { isAlive } from '../runtime/processes.ts';
import { openLog } from '../telemetry/log.ts';
import {
  type SimulatorOptions,
  type SimulatorProcess,
  SimulatorRefused,
  startSimulator,
} from './simulated.ts';

test('a running bank with the wanted settings is adopted, with its books', async (t) => {
  const options = await place(t);
  const first = await start(options);
  await submit(first.url);
  const second = await start(options);
  assert.deepEqual([second.pid, second.adopted], [first.pid, true]);
  await second.stop();
  assert.equal(isAlive(first.pid), false);
});

test('a running bank with other settings is replaced, and its books stay', async (t) => {
  const options = await place(t);
  const first = await start(options);
  await submit(first.url);
  const env = { ...options.env, BANK_SIMULATOR_SUCCESS_RATE: '0.25' };
  const second = await start({ ...options, env });
  assert.notEqual(second.pid, first.pid);
  assert.equal(isAlive(first.pid), false);
  assert.equal(await countMovements(second.url), 1);
});

test('a bank that signs with another secret is replaced, and shows neither', async (t) => {
  const options = await place(t);
  const signing = { ...options, env: { ...options.env, BANK_WEBHOOK_SECRET: 'the first secret' } };
  const first = await start(signing);
  const again = await start(signing);
  assert.deepEqual([again.adopted, again.pid], [true, first.pid]);
  const env = { ...options.env, BANK_WEBHOOK_SECRET: 'the second secret' };
  const second = await start({ ...options, env });
  assert.equal(second.adopted, false);
  const health = await request(`${second.url}/health`, { reset: true });
  assert.doesNotMatch(await health.body.text(), /secret"|second secret/);
});

test('a bank that moved to another port is one bank, not two', async (t) => {
  const options = await place(t);
  const first = await start(options);
  await start({ ...options, port: await freePort() });
  assert.equal(isAlive(first.pid), false);
});

test("the books of the bank are nobody else's to read", async (t) => {
  const options = await place(t);
  mkdirSync(join(options.dataDir, 'bank'), { mode: 0o755 });
  await start(options);
  for (const name of ['bank', 'logs', 'run', 'logs/simulator.log', 'run/simulator.pid']) {
    const { mode } = statSync(join(options.dataDir, name));
    assert.equal(mode & 0o077, 0, name);
  }
});

test('a frozen bank of ours is replaced', async (t) => {
  const options = await place(t);
  const first = await start(options);
  await submit(first.url);
  process.kill(first.pid, 'SIGSTOP');
  const second = await start(options);
  assert.equal(isAlive(first.pid), false);
  assert.equal(await countMovements(second.url), 1);
});

test('a killed bank is started again on its books', async (t) => {
  const options = await place(t);
  const first = await start(options);
  await submit(first.url);
  process.kill(first.pid, 'SIGKILL');
  const second = await start(options);
  assert.equal(second.adopted, false);
  assert.equal(await countMovements(second.url), 1);
});

for (const [owner, server] of Object.entries({
  'a web server': createServer((_request, response) => response.end('{"pid": 1}')),
  'a program that never answers': createTcpServer(() => {}),
})) {
  test(`a port that belongs to ${owner} gets one clear sentence`, async (t) => {
    const options = await place(t);
    await listen(server, options.port);
    t.after(() => server.close());
    await assert.rejects(start(options), (error: unknown) => {
      assert.ok(error instanceof SimulatorRefused);
      assert.equal(
        error.message,
        `Port ${options.port} is in use by another program: free it or set BANK_SIMULATOR_PORT.`,
      );
      return true;
    });
  });
}

test('the bank of another data folder is left alone', async (t) => {
  const [one, other] = [await place(t), await place(t)];
  const theirs = await start(one);
  await assert.rejects(start({ ...other, port: one.port }), SimulatorRefused);
  assert.equal(isAlive(theirs.pid), true);
});

test('a setting that it refuses is told in its own words', async (t) => {
  const options = await place(t);
  const env = { ...options.env, BANK_SIMULATOR_MIN_DELAY: '5' };
  await assert.rejects(start({ ...options, env }), /MIN_DELAY \(5\) is above/);
});

test('nothing of our environment reaches it but its own settings', async (t) => {
  const options = await place(t);
  const env = { ...options.env, JWT_SECRET_KEY: 'not for the bank', LOG_LEVEL: 'info' };
  const bank = await start({ ...options, env });
  assert.match(readFileSync(join(options.dataDir, 'logs/simulator.log'), 'utf8'), /listening/);
  if (!existsSync('/proc/self/environ')) return;
  const given = readFileSync(`/proc/${bank.pid}/environ`, 'utf8').split('\0').filter(Boolean);
  for (const pair of given) assert.match(pair, /^(BANK_SIMULATOR|LOG)_/);
});

test("the request id of a payment stands in the bank's own log", async (t) => {
  const options = await place(t);
  const bank = await start({ ...options, env: { ...options.env, LOG_LEVEL: 'debug' } });
  await submit(bank.url);
  const log = await until(
    () => {
      const text = readFileSync(join(options.dataDir, 'logs/simulator.log'), 'utf8');
      return text.includes('submit answered') ? text : null;
    },
    { what: 'the line of the submit' },
  );
  assert.match(log, /"request_id":"from-a-payment"/);
});

test('a bank whose folder was removed is stopped all the same', async (t) => {
  const options = await place(t);
  const bank = await start(options);
  rmSync(options.dataDir, { recursive: true });
  await bank.stop();
  assert.equal(isAlive(bank.pid), false);
});

/** Every bank that a test starts is stopped before its folder goes. */
const started = new Map<string, SimulatorProcess[]>();

async function start(options: SimulatorOptions): Promise<SimulatorProcess> {
  const bank = await startSimulator(options);
  started.set(options.dataDir, [...(started.get(options.dataDir) ?? []), bank]);
  return bank;
}

async function place(t: TestContext): Promise<SimulatorOptions> {
  const dataDir = mkdtempSync(join(tmpdir(), 'tollgate-simulated-'));
  t.after(async () => {
    for (const bank of started.get(dataDir) ?? []) await bank.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  return {
    dataDir,
    port: await freePort(),
    env: {
      BANK_SIMULATOR_MIN_DELAY: '0',
      BANK_SIMULATOR_MAX_DELAY: '0',
      BANK_SIMULATOR_SUCCESS_RATE: '1',
    },
    log: openLog({ level: 'silent', format: 'json', process: 'test' }),
  };
}

async function submit(url: string): Promise<void> {
  const order = { reference: 'one', kind: 'deposit', amount: '100', currency: 'USD' };
  const path = `${url}/v1/transfers`;
  const headers = { 'x-request-id': 'from-a-payment' };
  const body = JSON.stringify(order);
  const answer = await request(path, { method: 'POST', headers, body, reset: true });
  assert.equal(answer.statusCode, 200, await answer.body.text());
}

async function countMovements(url: string): Promise<number> {
  const answer = await request(`${url}/v1/movements`, { reset: true });
  const body: unknown = await answer.body.json();
  assert.ok(typeof body === 'object' && body !== null && 'movements' in body);
  assert.ok(Array.isArray(body.movements));
  return body.movements.length;
}

async function freePort(): Promise<number> {
  const server = createTcpServer();
  await listen(server, 0);
  // Proven by listen() on a host and a port: only a pipe has a string for an address.
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
}
