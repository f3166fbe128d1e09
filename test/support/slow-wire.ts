import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { until } from './wait.ts';

/** A wire to a server on this machine that is slow, or dead without anybody being told. */
export interface SlowWire {
  readonly port: number;
  /** Each answer of the server waits so long from now on. */
  readonly setDelay: (ms: number) => void;
  /** The connections of this moment stay open and carry nothing any more; later ones are well. */
  readonly abandon: () => void;
  readonly close: () => Promise<void>;
}

export async function openSlowWire(serverPort: number): Promise<SlowWire> {
  const sockets = new Set<Socket>();
  let delayMs = 0;
  let abandoned = new WeakSet<Socket>();
  let connections: Socket[] = [];

  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port: serverPort, host: '127.0.0.1', noDelay: true });
    connections.push(client);
    let last: Promise<unknown> = Promise.resolve();
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      // The end of one side is the end of the other: that is all an error means here.
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (bytes) => {
      if (!abandoned.has(client)) upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      const dueAt = performance.now() + delayMs;
      last = last.then(async () => {
        const isDue = () => performance.now() >= dueAt;
        if (!isDue()) await until(isDue, { what: 'the answer to be due', everyMs: 5 });
        if (!abandoned.has(client) && !client.destroyed) client.write(bytes);
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return {
    port: address.port,
    setDelay: (ms) => {
      delayMs = ms;
    },
    abandon: () => {
      abandoned = new WeakSet(connections);
      connections = [];
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
