import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export interface Received {
  readonly signature: string | undefined;
  readonly raw: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Whether the submit had been answered when it came. */
  readonly wasAnswered: boolean;
}

/** Somebody whom a bank calls back, and what he got. */
export interface Receiver {
  readonly url: string;
  readonly received: () => readonly Received[];
  readonly noteAnswer: () => void;
  readonly close: () => Promise<void>;
}

/** Answers with these in turn, and with 200 after them. */
export async function openReceiver(
  t: TestContext,
  answers: readonly (number | 'never')[] = [],
): Promise<Receiver> {
  const received: Received[] = [];
  let wasAnswered = false;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const raw = Buffer.concat(chunks).toString('utf8');
      const signature = request.headers['x-bank-signature'];
      received.push({
        signature: typeof signature === 'string' ? signature : undefined,
        raw,
        // Proven by the contract, which this suite tests.
        body: JSON.parse(raw) as Record<string, unknown>,
        wasAnswered,
      });
      const answer = answers[received.length - 1] ?? 200;
      if (answer !== 'never') response.writeHead(answer).end('seen');
    });
  });
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  t.after(close);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Proven by listen() on a host and a port: only a pipe has a string for an address.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/webhooks/bank-callback`,
    received: () => received,
    noteAnswer: () => {
      wasAnswered = true;
    },
    close,
  };
}
