import type { Logger } from '../telemetry/log.ts';
import type { Api } from './context.ts';

/**
 * One line per request, written when the answer has left. It names the route's pattern, never the
 * address that was asked for: addresses carry ids and, from careless clients, secrets.
 */
export function logRequests(api: Api, log: Logger): void {
  // None of these fields can hold a secret, so the line need not be searched for one (3 µs each).
  const line = log.child({}, { redact: [] });
  api.addHook('onResponse', (request, reply, done) => {
    const fields = {
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 100) / 100,
      request_id: request.id,
      user_id: request.caller?.userId,
      key_id: request.caller?.key ?? undefined,
    };
    if (reply.statusCode >= 500) line.warn(fields, 'request');
    else line.info(fields, 'request');
    done();
  });
}
