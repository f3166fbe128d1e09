import { createServer } from 'node:net';

const address = '127.0.0.1';

export async function isPortFree(port: number): Promise<boolean> {
  return (await tryListen(port)) !== null;
}

/** A port that nobody has right now. */
export async function takeFreePort(): Promise<number> {
  const port = await tryListen(0);
  if (port === null) throw new Error(`no port of ${address} is free`);
  return port;
}

function tryListen(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen({ port, host: address, exclusive: true }, () => {
      const bound = server.address();
      const taken = typeof bound === 'object' && bound !== null ? bound.port : null;
      server.close(() => resolve(taken));
    });
  });
}
