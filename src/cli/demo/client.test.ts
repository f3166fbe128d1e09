import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { openClient, type Send } from './client.ts';
import { StoryEnded } from './story-ended.ts';

test('a 429 is obeyed: it waits as long as Retry-After says, and sends the same again', async (t) => {
  const { send, waits, keys } = await open(t, [429, 429, 202]);
  const answer = await send({ method: 'POST', path: '/x', key: 'k', body: { amount: '1.00' } });
  assert.equal(answer.status, 202);
  assert.deepEqual(waits, [7_000, 7_000]);
  assert.deepEqual(keys, ['k', 'k', 'k']);
});

test('a gateway that never lets us through ends the story', async (t) => {
  const { send, waits } = await open(t, [503, 503, 503, 503, 503]);
  await assert.rejects(send({ method: 'GET', path: '/x' }), StoryEnded);
  assert.equal(waits.length, 3);
});

test('a gateway that stops answering ends the story in a sentence', async (t) => {
  const { send } = await open(t, []);
  await assert.rejects(send({ method: 'GET', path: '/x' }), /stopped answering: "make status"/);
});

/** A server that answers with these statuses in turn, and then hangs up. */
async function open(
  t: TestContext,
  statuses: readonly number[],
): Promise<{ send: Send; waits: number[]; keys: unknown[] }> {
  const left = [...statuses];
  const waits: number[] = [];
  const keys: unknown[] = [];
  const server = createServer((request, response) => {
    keys.push(request.headers['idempotency-key']);
    const status = left.shift();
    if (status === undefined) request.socket.destroy();
    else response.writeHead(status, { 'retry-after': '7' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  // Proven by the address that it listens on: a TCP one.
  const { port } = server.address() as AddressInfo;
  const send = openClient({
    url: `http://127.0.0.1:${port}`,
    wait: async (ms) => void waits.push(ms),
    onHeldBack: () => undefined,
  });
  return { send, waits, keys };
}
