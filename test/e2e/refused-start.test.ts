import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openClient } from '../support/client.ts';
import {
  type RefusedStart,
  type Settings,
  startRefused,
  startTestGateway,
} from '../support/gateway.ts';
import { testModes } from '../support/test-mode.ts';

test('a start that cannot work says why in one sentence', async (t) => {
  const busy = await listen(t);
  const cases: readonly (readonly [what: string, env: Settings, sentence: RegExp])[] = [
    ['a busy PORT', { PORT: busy }, new RegExp(`^Port ${busy} is in use .*PORT`)],
    [
      'a busy BANK_SIMULATOR_PORT',
      { BANK_SIMULATOR_PORT: busy },
      new RegExp(`^Port ${busy} is in use .*BANK_SIMULATOR_PORT`),
    ],
    [
      'a HOST of another machine',
      { HOST: '192.0.2.1', JWT_SECRET_KEY: 'a secret of ours, of thirty-two letters or more' },
      /^HOST \(192\.0\.2\.1\) is no address/,
    ],
    [
      'a busy DATABASE_PORT',
      { DATABASE_PORT: busy },
      new RegExp(`^Port ${busy} is in use.*DATABASE_PORT`),
    ],
    [
      'a lease that ends during the call',
      { PAYMENT_LEASE_SECONDS: '1' },
      /^PAYMENT_LEASE_SECONDS \(1\) must be .* BANK_CALL_TIMEOUT_SECONDS/,
    ],
    ['a word that is no level', { LOG_LEVEL: 'loud' }, /^LOG_LEVEL .*loud/],
    [
      'production with a default secret',
      {
        ENVIRONMENT: 'production',
        BANK_URL: 'https://bank.example',
        RATE_LIMIT_ENABLED: 'true',
        PASSWORD_BCRYPT_COST: '12',
        BANK_WEBHOOK_SECRET: 'a secret that is not the default one',
        WEBHOOK_ENCRYPTION_KEY: 'a key of ours, of thirty-two letters or more',
      },
      /^ENVIRONMENT=production refuses the default JWT_SECRET_KEY/,
    ],
    [
      'production with a kill point',
      {
        ENVIRONMENT: 'production',
        BANK_URL: 'https://bank.example',
        RATE_LIMIT_ENABLED: 'true',
        PASSWORD_BCRYPT_COST: '12',
        BANK_WEBHOOK_SECRET: 'a secret that is not the default one',
        JWT_SECRET_KEY: 'a secret of ours, of thirty-two letters or more',
        WEBHOOK_ENCRYPTION_KEY: 'a key of ours, of thirty-two letters or more',
        KILL_POINT: 'settle.after_commit:1',
      },
      /^ENVIRONMENT=production refuses KILL_POINT/,
    ],
    [
      'a database that nobody serves',
      { DATABASE: 'external', DATABASE_URL: 'postgres://nobody:none@127.0.0.1:9/none' },
      /DATABASE_URL/,
    ],
  ];
  for (const [what, env, sentence] of cases) {
    await t.test(what, async (each) => assertRefused(await startRefused(each, env), sentence));
  }
});

test('a second gateway on one data folder is refused, and the first goes on', async (t) => {
  const gateway = await startTestGateway(t, { mode: testModes.embedded });
  const second = await startRefused(t, {}, gateway);
  assertRefused(second, /^Tollgate is already running on .* \(process \d+\)\.$/);
  const client = openClient(gateway.url);
  t.after(client.close);
  await (await client.register()).fund('1.00');
});

test('a damaged database folder is refused, and not touched', async (t) => {
  const gateway = await startTestGateway(t, { mode: testModes.embedded, database: 'embedded' });
  const { dataDir } = gateway;
  await gateway.stop();
  const version = join(dataDir, 'postgres', 'PG_VERSION');
  rmSync(version);
  assertRefused(
    await startRefused(t, {}, gateway),
    /^The database folder .* is damaged \(PG_VERSION/,
  );
  writeFileSync(version, '18\n');
  await gateway.restart();
});

function assertRefused({ ended, said }: RefusedStart, sentence: RegExp): void {
  assert.match(said.trim(), sentence);
  assert.equal(said.trim().split('\n').length, 1, `one sentence: ${said}`);
  assert.deepEqual(ended, { code: 1, signal: null });
}

/** A program of somebody else's on a port. */
async function listen(t: TestContext): Promise<string> {
  const server: Server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  assert(typeof address === 'object' && address !== null);
  return String(address.port);
}
