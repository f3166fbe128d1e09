import { createServer } from 'node:net';

const loopback = '127.0.0.1';

export async function isPortFree(port: number, host = loopback): Promise<boolean> {
  return (await tryListen(port, host)) !== 'taken';
}

/** `no_address`: the host is no address of this machine, or no address at all. */
export async function askPort(
  port: number,
  host: string,
): Promise<'free' | 'taken' | 'no_address'> {
  const answer = await tryListen(port, host);
  return typeof answer === 'number' ? 'free' : answer;
}

/** A port of the loopback address that nobody has right now. */
export async function takeFreePort(): Promise<number> {
  const port = await tryListen(0, loopback);
  if (typeof port !== 'number') throw new Error(`no port of ${loopback} is free`);
  return port;
}

type Refusal = 'taken' | 'no_address';

/**
 * @returns the port, or why there is none. Other faults are the listener's.
 */
function tryListen(port: number, host: string): Promise<number | Refusal> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      const refusal = refusals[error.code ?? ''];
      resolve(refusal ?? port);
    });
    server.listen({ port, host, exclusive: true }, () => {
      const bound = server.address();
      const taken = typeof bound === 'object' && bound !== null ? bound.port : port;
      server.close(() => resolve(taken));
    });
  });
}

const refusals: Readonly<Record<string, Refusal>> = {
  EADDRINUSE: 'taken',
  EADDRNOTAVAIL: 'no_address',
  ENOTFOUND: 'no_address',
  EAI_AGAIN: 'no_address',
};
