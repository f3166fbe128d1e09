import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { fastify } from 'fastify';
import { describeRoutes } from '../../src/api/openapi.ts';
import { routes } from '../../src/api/routes.ts';
import { type ApiDeps, openContext } from '../../src/api/server.ts';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';

/** The document that a server would serve, without a server. */
export function servedOpenApiText(): string {
  const api = fastify().withTypeProvider<TypeBoxTypeProvider>();
  describeRoutes(api);
  // Proven by what registration does: it keeps these and calls none of them.
  const context = openContext({ config: readConfig({}), clock: systemClock } as ApiDeps);
  for (const route of routes) route(api, context);
  return api.openApiText();
}
