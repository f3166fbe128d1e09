import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { openClient } from '../support/client.ts';
import { startTestGateway } from '../support/gateway.ts';
import { proveMoney } from '../support/proof.ts';
import { openDraws } from '../support/random.ts';

const requests = 60;

test('A7 a client that hangs up at any byte leaves a whole payment or none', async (t) => {
  const draws = openDraws(t);
  const gateway = await startTestGateway(t);
  const client = openClient(gateway.url);
  t.after(client.close);
  const user = await client.register();
  const { hostname, port } = new URL(gateway.url);
  const body = JSON.stringify({ amount: '1.00' });
  await Promise.all(
    Array.from({ length: requests }, async (_, index) => {
      const head = [
        'POST /api/v1/deposits HTTP/1.1',
        `host: ${hostname}`,
        `authorization: ${user.authorization}`,
        `idempotency-key: cut-${index}`,
        'content-type: application/json',
        `content-length: ${body.length}`,
      ];
      const bytes = `${head.join('\r\n')}\r\n\r\n${body}`;
      // Half of them hang up when everything is sent, which is when the gateway is at work.
      const cut = index % 2 === 0 ? bytes.length : draws.whole(1, bytes.length - 1);
      const socket = connect({ host: hostname, port: Number(port) });
      await once(socket, 'connect');
      await new Promise((resolve) => socket.write(bytes.slice(0, cut), resolve));
      socket.destroy();
    }),
  );
  const answers = await Promise.all(
    Array.from({ length: requests }, (_, index) => user.deposit('1.00', { key: `cut-${index}` })),
  );
  assert(answers.every((answer) => answer.status === 202));
  await Promise.all(answers.map((answer) => user.untilFinal(answer)));
  assert.equal((await user.balance()).balance, `${requests}.00`);
  await proveMoney({ ...gateway, settled: true });
});
