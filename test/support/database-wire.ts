import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/**
 * A wire to PostgreSQL that can break at a chosen moment. What has passed has passed: a reply that
 * is dropped belongs to a request that the server has carried out.
 */
export interface DatabaseWire {
  /** The server's URL, through the wire. */
  readonly url: string;
  /** Arms the wire once: the next request or reply that contains `bytes` meets `fault`. */
  readonly arm: (fault: Fault, bytes: string) => { readonly fired: Promise<void> };
  readonly close: () => Promise<void>;
}

export type Fault =
  /** The request never arrives, and the connection is cut. */
  | 'cut_request'
  /**
   * The request arrives; what the server answers from then on is lost, and the connection is cut.
   */
  | 'cut_reply'
  /** The request arrives, the connection stays, and no answer ever comes. */
  | 'stall_reply'
  /** The request does not arrive, and nobody is told. */
  | 'stall_request';

interface Armed {
  readonly fault: Fault;
  readonly bytes: string;
  readonly fire: () => void;
}

export async function openDatabaseWire(serverUrl: string): Promise<DatabaseWire> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let armed: Armed | null = null;

  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    let isSilent = false;
    let isDeaf = false;
    let isCutOnReply = false;
    const cut = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', cut);
      socket.on('close', () => {
        sockets.delete(socket);
        cut();
      });
    }
    client.on('data', (chunk) => {
      if (isDeaf) return;
      if (armed !== null && chunk.includes(armed.bytes)) {
        const { fault, fire } = armed;
        armed = null;
        fire();
        if (fault === 'cut_request') return cut();
        if (fault === 'stall_request') isDeaf = true;
        isSilent = true;
        isCutOnReply = fault === 'cut_reply';
        if (isDeaf) return;
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (isCutOnReply) cut();
      else if (!isSilent) client.write(chunk);
    });
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
    arm: (fault, bytes) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      armed = { fault, bytes, fire: resolve };
      return { fired: promise };
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
