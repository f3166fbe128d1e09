import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Somebody's receiver, in a process of its own: it keeps what it got, and misbehaves as the path
 * says. `/received?after=n` tells what came, `/become?path=/x` changes what `/hook` does.
 */
export interface ReceivedMessage {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Milliseconds of its own clock. */
  readonly at: number;
}

const received: ReceivedMessage[] = [];
let hook = '/ok';

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://receiver');
  if (url.pathname === '/received') {
    const after = Number(url.searchParams.get('after') ?? '0');
    response.end(JSON.stringify(received.slice(after)));
    return;
  }
  if (url.pathname === '/become') {
    hook = url.searchParams.get('path') ?? '/ok';
    response.end('{}');
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    received.push({
      path: url.pathname,
      headers: textHeaders(request),
      body: Buffer.concat(chunks).toString('utf8'),
      at: performance.now(),
    });
    const become = url.pathname === '/hook' ? new URL(hook, 'http://receiver') : url;
    behave(become, request, response);
  });
});

function behave(url: URL, request: IncomingMessage, response: ServerResponse): void {
  const [, word = '', argument = ''] = url.pathname.split('/');
  switch (word) {
    case 'status':
      response.statusCode = Number(argument);
      for (const [name, value] of url.searchParams) response.setHeader(name, value);
      response.end(`answered ${argument}`);
      return;
    // Never answers.
    case 'hang':
      return;
    // Answers at once, and then a byte a second for ever.
    case 'trickle': {
      response.writeHead(200);
      const timer = setInterval(() => response.write('.'), 1_000);
      response.on('close', () => clearInterval(timer));
      return;
    }
    // Headers at once, the body never.
    case 'half':
      response.writeHead(200, { 'content-length': '10' });
      response.write('half');
      return;
    case 'huge':
      response.writeHead(200);
      response.end(Buffer.alloc(10_000_000, 'x'));
      return;
    case 'reset':
      request.socket.destroy();
      return;
    case 'garbage':
      request.socket.end('this is no HTTP\r\n\r\n');
      return;
    default:
      response.end('thanks');
  }
}

function textHeaders(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
}

server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  // Proven by listen: a TCP server has a port.
  process.send?.({ port: (server.address() as AddressInfo).port });
});
