import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/**
 * A wire to a server that can go dead as cables do: from then on nothing passes either way, on old
 * connections or new ones, and nobody is told. (proxy.ts breaks one connection, at a chosen byte.)
 */
export interface Wire {
  /** The server's URL, through the wire. */
  readonly url: string;
  readonly swallow: () => void;
  /** New connections pass again; those that were swallowed stay dead. */
  readonly heal: () => void;
  readonly close: () => Promise<void>;
}

export async function openWire(serverUrl: string): Promise<Wire> {
  const target = new URL(serverUrl);
  const pairs = new Set<{ isDead: boolean; readonly sockets: readonly Socket[] }>();
  let isDead = false;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    const pair = { isDead, sockets: [client, upstream] };
    pairs.add(pair);
    const pass = (from: Socket, to: Socket): void => {
      from.on('data', (chunk) => {
        if (!pair.isDead) to.write(chunk);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        pairs.delete(pair);
        to.destroy();
      });
    };
    pass(client, upstream);
    pass(upstream, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String(address.port);
  return {
    url: url.href,
    swallow: () => {
      isDead = true;
      for (const pair of pairs) pair.isDead = true;
    },
    heal: () => {
      isDead = false;
    },
    close: async () => {
      for (const { sockets } of pairs) for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
