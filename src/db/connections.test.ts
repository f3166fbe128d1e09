import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { silentLog } from '../../test/support/books.ts';
import { openConnections } from './connections.ts';

const message = (type: string, body: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
};
const welcome = message('R', Buffer.alloc(4));
const ready = message('Z', Buffer.from('I'));
const dying = message('E', Buffer.from('SFATAL\0VFATAL\0C57P01\0Mgoing away\0\0'));

/** Lets everybody in and dies at that moment: the greeting and the farewell are one packet. */
async function startDyingServer(t: TestContext): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(Buffer.concat([welcome, ready, dying])));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  assert(typeof address === 'object' && address !== null);
  return `postgres://role:password@127.0.0.1:${address.port}/books`;
}

test('a server that dies behind its greeting fails who connects, not the process', async (t) => {
  const url = await startDyingServer(t);
  const connections = openConnections({
    url,
    connectionsMax: 1,
    groupConnections: 1,
    log: silentLog,
  });
  await assert.rejects(connections.lanes.use((lane) => lane.send('SELECT 1')));
  const pool = await connections.pool();
  const client = await pool.connect();
  await assert.rejects(client.query('SELECT 1'));
  client.release(true);
  await connections.close();
});
