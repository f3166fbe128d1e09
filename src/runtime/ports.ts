import { createServer } from 'node:net';

const loopback = '127.0.0.1';

export async function isPortFree(port: number, host = loopback): Promise<boolean> {
  return (await tryListen(port, host)) !== null;
}

/** A port of the loopback address that nobody has right now. */
export async function takeFreePort(): Promise<number> {
  const port = await tryListen(0, loopback);
  if (port === null) throw new Error(`no port of ${loopback} is free`);
  return port;
}

/**
 * @returns the port, or null where it is taken. Other faults (an unknown host) are the listener's.
 */
function tryListen(port: number, host: string): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EADDRINUSE' ? null : port),
    );
    server.listen({ port, host, exclusive: true }, () => {
      const bound = server.address();
      const taken = typeof bound === 'object' && bound !== null ? bound.port : null;
      server.close(() => resolve(taken));
    });
  });
}
