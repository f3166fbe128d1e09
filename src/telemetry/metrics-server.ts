import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';

export interface MetricsServerOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/**
 * A listener of its own: what it tells is for whoever runs the gateway, and the public port never
 * serves it. Every role has one.
 *
 * @throws where the port is taken
 */
export async function startMetricsServer(
  options: MetricsServerOptions,
): Promise<{ readonly name: string; readonly stop: () => Promise<void> }> {
  const server = createServer({ headersTimeout: 5_000, requestTimeout: 10_000 });
  server.on('request', (request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      options.log.warn({ err: error }, 'a scrape failed');
      response.destroy();
    });
  });
  server.maxConnections = 50;
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(options.port, options.host, listening);
  });
  return {
    name: 'metrics',
    stop: () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      return closed;
    },
  };
}

async function answer(
  { metrics }: MetricsServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead || request.url?.split('?')[0] !== '/metrics') {
    response.writeHead(404, { 'content-type': 'text/plain' });
    response.end('Only GET /metrics is here.\n');
    return;
  }
  const text = await metrics.scrape();
  response.writeHead(200, { 'content-type': metrics.contentType, 'cache-control': 'no-store' });
  response.end(request.method === 'HEAD' ? undefined : text);
}
