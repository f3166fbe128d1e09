import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { openClient } from '../support/client.ts';
import { startTestGateway } from '../support/gateway.ts';
import { proveConverged, registerFunded, startLoad } from '../support/load.ts';
import { type Draws, openDraws } from '../support/random.ts';
import { type Link, type LinkRules, startLink } from '../support/tcp-link.ts';

const users = 4;
const payments = 200;
const cutsMax = 12;
const cutShare = 0.25;

test('P3 the connection breaks and the COMMIT never arrives: nothing is stored twice', (t) =>
  surviveCuts(t, 'request'));

test('P3 the COMMIT arrives and its answer is lost: nothing is stored twice', (t) =>
  surviveCuts(t, 'reply'));

type Lost = 'request' | 'reply';

async function surviveCuts(t: TestContext, lost: Lost): Promise<void> {
  const draws = openDraws(t);
  const cuts = { isArmed: false, count: 0 };
  const gateway = await startTestGateway(t, {
    env: { BANK_SIMULATOR_SUCCESS_RATE: '0.9' },
    databaseUrl: async (url) => {
      const real = new URL(url);
      const target = { host: real.hostname, port: Number(real.port) };
      const rulesOf = (link: Link): LinkRules => cutAtCommit(link, lost, draws, cuts);
      real.port = String((await startLink(t, target, rulesOf)).port);
      return real.href;
    },
  });
  const client = openClient(gateway.url);
  t.after(client.close);
  const people = await registerFunded(client, users);
  cuts.isArmed = true;
  const load = startLoad({ users: people, payments, lanes: 30, draws });
  await load.done;
  cuts.isArmed = false;
  assert(cuts.count >= 3, `the connection was cut ${cuts.count} times`);
  const { succeeded, failed } = await proveConverged({ ...gateway, load });
  assert.equal(succeeded + failed, users + payments);
}

/** As text in a simple query: so the gateway sends it, alone or behind a group's writes. */
const commit = Buffer.from('COMMIT\0');

function cutAtCommit(
  link: Link,
  lost: Lost,
  draws: Draws,
  cuts: { isArmed: boolean; count: number },
): LinkRules {
  let isMute = false;
  return {
    fromClient: (bytes) => {
      const isChosen =
        cuts.isArmed && cuts.count < cutsMax && bytes.includes(commit) && draws.share() < cutShare;
      if (!isChosen) {
        link.toServer(bytes);
        return;
      }
      cuts.count += 1;
      if (lost === 'request') {
        link.cut();
        return;
      }
      isMute = true;
      link.toServer(bytes);
    },
    // The server has answered, so it has committed: that much is certain, and nobody learns it.
    fromServer: (bytes) => (isMute ? link.cut() : link.toClient(bytes)),
  };
}
