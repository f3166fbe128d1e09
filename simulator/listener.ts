import type { Server } from 'node:http';

/** A server that can refuse connections for a while, and then listens where it did. */
export interface Listener {
  readonly server: Server;
  readonly open: (listening: (port: number) => void) => void;
  /** Refuses connections or takes them again, whatever it did before. */
  readonly setRefusing: (isRefusing: boolean) => void;
  readonly close: () => void;
  /** 0 before it listens. */
  readonly port: () => number;
}

export interface Place {
  readonly host: string;
  /** 0 takes a free one; it keeps what it took. */
  readonly port: number;
}

export function createListener(server: Server, place: Place): Listener {
  let { port } = place;
  let state: 'new' | 'listening' | 'refusing' | 'closed' = 'new';

  const listen = (listening: () => void): void => {
    state = 'listening';
    // Thousands of connections arrive at once; a full backlog would cost each a second.
    server.listen({ host: place.host, port, backlog: 4096 }, listening);
  };

  return {
    server,
    open: (listening) => {
      listen(() => {
        const address = server.address();
        if (typeof address === 'object' && address !== null) port = address.port;
        listening(port);
      });
    },
    setRefusing: (isRefusing) => {
      if (isRefusing && state === 'listening') {
        state = 'refusing';
        server.close();
        server.closeAllConnections();
      } else if (!isRefusing && state === 'refusing') listen(() => {});
    },
    close: () => {
      if (state === 'listening') server.close();
      state = 'closed';
    },
    port: () => port,
  };
}
