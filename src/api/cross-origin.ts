import type { Config } from '../config.ts';
import type { Api } from './context.ts';

/**
 * Which pages of other origins may read our answers (CORS). Everybody's in development, those that
 * are named in production. We take no cookies: an origin that is let in gets no further than its
 * page's own token.
 */
export function allowOrigins(api: Api, config: Pick<Config, 'CORS_ORIGINS' | 'ENVIRONMENT'>): void {
  const named = new Set(config.CORS_ORIGINS.split(',').flatMap((part) => part.trim() || []));
  const isOpen = named.size === 0 && config.ENVIRONMENT === 'development';
  if (!isOpen && named.size === 0) return;
  api.addHook('onSend', (request, reply, payload, done) => {
    // Also where no origin was sent: a cache must not hand that answer to a page.
    if (!isOpen) reply.header('vary', withOrigin(reply.getHeader('vary')));
    const { origin } = request.headers;
    if (origin !== undefined && (isOpen || named.has(origin))) {
      reply.headers({
        'access-control-allow-origin': isOpen ? '*' : origin,
        'access-control-expose-headers': exposed,
      });
      if (request.method === 'OPTIONS') reply.headers(preflight);
    }
    done(null, payload);
  });
}

/** A page may ask again without asking whether it may, for so long. */
const preflightSeconds = 600;

const preflight = {
  'access-control-allow-methods': 'GET, HEAD, POST, PATCH, DELETE',
  'access-control-allow-headers':
    'Authorization, Content-Type, Idempotency-Key, X-Request-ID, Last-Event-ID',
  'access-control-max-age': String(preflightSeconds),
};

/** What a page may read beside the few headers that it always may. */
const exposed = [
  'Content-Disposition',
  'ETag',
  'Idempotent-Replayed',
  'Location',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'WWW-Authenticate',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
  'X-Request-ID',
].join(', ');

function withOrigin(vary: unknown): string {
  return typeof vary === 'string' ? `${vary}, origin` : 'origin';
}
