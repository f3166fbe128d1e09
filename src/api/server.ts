import type { AddressInfo } from 'node:net';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { fastify } from 'fastify';
import { present } from '../assert.ts';
import { openFeed } from '../feed/feed.ts';
import { openAccounts } from '../ledger/accounts.ts';
import { openFilesMax } from '../runtime/open-files.ts';
import { openKeyStandings } from '../users/key-standing.ts';
import { openPasswords } from '../users/passwords.ts';
import { openSessions } from '../users/sessions.ts';
import { openStandings } from '../users/standing.ts';
import { openTokens } from '../users/tokens.ts';
import { openWebhookDesk } from '../webhooks/desk.ts';
import { logRequests } from './access-log.ts';
import { setAnswerHeaders } from './answer-headers.ts';
import { openAuth } from './auth.ts';
import { limitConnections } from './connections.ts';
import type { Api, ApiContext, ApiDeps, Route } from './context.ts';
import { allowOrigins } from './cross-origin.ts';
import { openExports } from './export.ts';
import { answerFailure } from './failures.ts';
import { guardRoutes } from './guard.ts';
import { acceptJsonBodies } from './json-body.ts';
import { openLimits } from './limits.ts';
import { answerUnknownMethods } from './methods.ts';
import { describeRoutes } from './openapi.ts';
import { sendProblem } from './problem.ts';
import { hasOneHost, refuseMalformed } from './raw-refusals.ts';
import { requestId } from './request-id.ts';
import { routes } from './routes.ts';
import { trustedProxies } from './trusted-proxies.ts';

export type { ApiDeps, HealthReport } from './context.ts';

export interface ApiServer {
  /** @returns the URL it answers at. */
  readonly listen: () => Promise<string>;
  /** Takes no new connection and resolves when the requests under way are answered. */
  readonly close: () => Promise<void>;
  readonly inject: Api['inject'];
}

/**
 * The gateway's public face: HTTP in, commands and queries out. Nothing listens before `listen`.
 */
export async function openServer(
  deps: ApiDeps,
  served: readonly Route[] = routes,
): Promise<ApiServer> {
  const api = openFastify(deps);
  const context = openContext(deps);

  acceptJsonBodies(api);
  api.decorateRequest('caller', null);
  api.decorateRequest('paymentHint', null);
  api.addHook('onRequest', (request, reply, done) => {
    setAnswerHeaders(reply);
    if (hasOneHost(request.raw)) return done();
    return void sendProblem(reply, 'malformed_request', { headers: { connection: 'close' } });
  });
  logRequests(api, deps.log);
  allowOrigins(api, deps.config);
  api.setErrorHandler((error, _request, reply) => answerFailure(error, reply, deps.log));
  api.setNotFoundHandler((_request, reply) => sendProblem(reply, 'route_not_found'));
  guardRoutes(api, context);
  describeRoutes(api);
  answerUnknownMethods(api, () => {
    for (const route of served) route(api, context);
  });
  api.addHook('preClose', async () => {
    context.exports.end();
    await context.feed.stop();
  });
  limitConnections(api.server, {
    perAddressMax: deps.config.API_CONNECTIONS_PER_ADDRESS_MAX,
    proxies: trustedProxies(deps.config.TRUSTED_PROXIES),
  });
  await api.ready();

  return {
    listen: async () => {
      api.server.maxConnections = Math.min(
        deps.config.API_CONNECTIONS_MAX,
        Math.floor(openFilesMax() / 2),
      );
      await api.listen({ host: deps.config.HOST, port: deps.config.PORT });
      return urlOf(deps.config.HOST, api.server.address());
    },
    close: () => api.close(),
    // Bound by hand: Fastify's method is overloaded and needs its instance.
    inject: api.inject.bind(api),
  };
}

/** What the routes share, made once from what the API is given. */
export function openContext(deps: ApiDeps): ApiContext {
  const { config, clock, database, coordination, log } = deps;
  const tokens = openTokens({
    secret: config.JWT_SECRET_KEY,
    expireMinutes: config.JWT_ACCESS_TOKEN_EXPIRE_MINUTES,
    clock,
  });
  return {
    ...deps,
    tokens,
    passwords: openPasswords(config.PASSWORD_BCRYPT_COST),
    accounts: openAccounts(database, clock),
    sessions: openSessions(database, { days: config.REFRESH_TOKEN_EXPIRE_DAYS }),
    auth: openAuth({
      tokens,
      standings: openStandings(database, clock),
      keys: openKeyStandings(database, clock, log),
    }),
    limits: openLimits(config, coordination, clock),
    exports: openExports(deps.log),
    webhooks: openWebhookDesk(config, database, deps.resolveName),
    feed: openFeed({
      database,
      coordination,
      clock,
      log,
      retentionMs: config.EVENT_RETENTION_DAYS * 86_400_000,
      streamsMax: config.EVENT_STREAMS_MAX,
      streamsPerUserMax: config.EVENT_STREAMS_PER_USER_MAX,
      // Before somebody between us and the client takes the silence for an end.
      heartbeatMs: Math.min(15_000, config.API_SILENCE_MAX_SECONDS * 500),
      stalledMsMax: config.EVENT_STREAM_STALL_MAX_SECONDS * 1000,
    }),
  };
}

function openFastify(deps: ApiDeps): Api {
  const headersTimeoutMs = deps.config.API_HEADERS_MAX_SECONDS * 1000;
  const requestTimeoutMs = deps.config.API_REQUEST_MAX_SECONDS * 1000;
  return fastify({
    // Ours is one line a request, without a logger per request: see access-log.ts.
    logger: false,
    genReqId: requestId,
    requestIdHeader: false,
    trustProxy: trustedProxies(deps.config.TRUSTED_PROXIES),
    bodyLimit: 65_536,
    // The whole request has arrived by then, however slowly it is sent.
    requestTimeout: requestTimeoutMs,
    // Nothing came or went for so long: whoever never reads his answer would stay for ever.
    connectionTimeout: deps.config.API_SILENCE_MAX_SECONDS * 1000,
    // Longer than a load balancer keeps an idle connection (60 s), so that it never loses a race.
    keepAliveTimeout: 72_000,
    http: {
      headersTimeout: headersTimeoutMs,
      connectionsCheckingInterval: Math.min(5_000, headersTimeoutMs / 2),
      maxHeaderSize: 16_384,
      // Ours to refuse, with a problem: see hasOneHost.
      requireHostHeader: false,
    },
    routerOptions: { maxParamLength: 128, caseSensitive: true, ignoreTrailingSlash: false },
    // Requests that arrive on open connections while closing are still answered.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    // Before any hook has run: an address that cannot be decoded, for one.
    frameworkErrors: (error, _request, reply) => {
      setAnswerHeaders(reply);
      answerFailure(error, reply, deps.log);
    },
    clientErrorHandler: refuseMalformed,
    ajv: {
      customOptions: {
        // Nothing is bent into shape: a client that sends the wrong thing hears of it.
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: false,
        // Bounded by the body limit, and only the first faults are told.
        allErrors: true,
        allowUnionTypes: true,
      },
    },
  }).withTypeProvider<TypeBoxTypeProvider>();
}

function urlOf(host: string, address: string | AddressInfo | null): string {
  const bound = present(address, 'a listening server has an address');
  const port = typeof bound === 'string' ? bound : bound.port;
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`;
}
