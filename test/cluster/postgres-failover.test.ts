import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openClient, type TestUser } from '../support/client.ts';
import { startTestGateway } from '../support/gateway.ts';
import { proveConverged, registerFunded, startLoad, surelyPaid } from '../support/load.ts';
import {
  type OwnPostgres,
  startOwnPostgres,
  startSynchronousStandby,
} from '../support/own-postgres.ts';
import { openDraws } from '../support/random.ts';
import { until } from '../support/wait.ts';

const users = 4;
const payments = 600;

test('P4 the primary is killed under load and its synchronous standby promoted: nothing accepted is lost, nothing is paid twice', async (t) => {
  const draws = openDraws(t);
  const primary = await startOwnPostgres(t);
  const standby = await startSynchronousStandby(t, primary);
  const gateway = await startTestGateway(t, {
    database: 'embedded',
    env: {
      DATABASE: 'external',
      DATABASE_URL: urlOfBoth('app', primary, standby),
      DATABASE_OWNER_URL: urlOfBoth('owner', primary, standby),
      BANK_SIMULATOR_SUCCESS_RATE: '0.9',
    },
  });
  const client = openClient(gateway.url);
  t.after(client.close);
  const people = await registerFunded(client, users);
  const load = startLoad({ users: people, payments, lanes: 30, draws });
  const moment = draws.whole(50, 250);
  await until(() => load.answered.length >= moment, { what: `${moment} answers`, everyMs: 1 });

  await primary.kill9();
  const before = load.answered.length;
  const promotedAt = performance.now();
  await standby.sql('SELECT pg_promote(true, 10)');
  await until(() => load.answered.length > before, { what: 'the next answer', everyMs: 1 });
  const gapMs = Math.round(performance.now() - promotedAt);
  t.diagnostic(`${before} answers before; the next came ${gapMs} ms after pg_promote was called`);
  assert.ok(gapMs < 3_000, `${gapMs} ms without an answer after the promotion`);

  const proof = { ownerUrl: standby.url('owner'), simulatorUrl: gateway.simulatorUrl, load };
  const { succeeded, failed } = await proveConverged(proof);
  assert.equal(succeeded + failed, users + payments);
  await proveOldPrimaryIsLeftAlone(primary, standby, () => payOnce(people));
});

async function payOnce(people: readonly TestUser[]): Promise<void> {
  await Promise.all(people.map((person) => person.fund(surelyPaid)));
}

/** Somebody starts the dead primary again: it believes that it is the one, on an old timeline. */
async function proveOldPrimaryIsLeftAlone(
  primary: OwnPostgres,
  standby: OwnPostgres,
  pay: () => Promise<unknown>,
): Promise<void> {
  await primary.restart();
  await standby.sql(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tollgate_app'`,
  );
  await until(() => pay().then(() => true), { what: 'a payment on the new primary' });
  const sessions = `SELECT FROM pg_stat_activity WHERE usename = 'tollgate_app'
    AND application_name = 'tollgate'`;
  assert.equal((await primary.sql(sessions)).length, 0);
  assert.ok((await standby.sql(sessions)).length > 0);
}

function urlOfBoth(role: 'app' | 'owner', one: OwnPostgres, other: OwnPostgres): string {
  const url = new URL(one.url(role));
  const hosts = `${url.host},${new URL(other.url(role)).host}`;
  return `${url.href.replace(url.host, hosts)}?target_session_attrs=read-write`;
}
