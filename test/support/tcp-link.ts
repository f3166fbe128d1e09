import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A link between two processes whose every byte a test decides over. */
export interface OpenLink {
  readonly port: number;
}

/** One connection through it, seen by what decides over its bytes. */
export interface Link {
  readonly toServer: (bytes: Buffer) => void;
  readonly toClient: (bytes: Buffer) => void;
  /** Both ends see the connection break. */
  readonly cut: () => void;
  /** Only the client does; the server's end stays open for what is still to come. */
  readonly leave: () => void;
}

export interface LinkRules {
  readonly fromClient: (bytes: Buffer) => void;
  readonly fromServer: (bytes: Buffer) => void;
}

/** Every connection gets rules of its own, which pass bytes on, keep them, or cut. */
export async function startLink(
  t: TestContext,
  target: { readonly host: string; readonly port: number },
  rulesOf: (link: Link) => LinkRules,
): Promise<OpenLink> {
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ ...target, noDelay: true });
    let hasLeft = false;
    const cut = (): void => {
      client.destroy();
      if (!hasLeft) upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('close', () => {
        open.delete(socket);
        cut();
      });
      // The end of one side is the end of the other: that is all an error means here.
      socket.on('error', cut);
    }
    const rules = rulesOf({
      toServer: (bytes) => upstream.write(bytes),
      toClient: (bytes) => client.write(bytes),
      cut,
      leave: () => {
        hasLeft = true;
        client.destroy();
      },
    });
    client.on('data', rules.fromClient);
    upstream.on('data', rules.fromServer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the link has no port');
  return { port: address.port };
}
