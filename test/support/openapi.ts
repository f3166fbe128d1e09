import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { fastify } from 'fastify';
import { describeRoutes } from '../../src/api/openapi.ts';
import type { OpenApiDocument, Operation } from '../../src/api/openapi-document.ts';
import { routes } from '../../src/api/routes.ts';
import { type ApiDeps, openContext } from '../../src/api/server.ts';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import type { Call } from './api.ts';

/** The document that a server would serve, without a server. */
export function servedOpenApiText(): string {
  const api = fastify().withTypeProvider<TypeBoxTypeProvider>();
  describeRoutes(api);
  // Proven by what registration does: it keeps these and calls none of them.
  const context = openContext({ config: readConfig({}), clock: systemClock } as ApiDeps);
  for (const route of routes) route(api, context);
  return api.openApiText();
}

export interface PlacedOperation {
  readonly method: Call['method'];
  /** `/api/v1/users/{id}/balance` */
  readonly path: string;
  readonly operation: Operation;
}

export function servedDocument(): OpenApiDocument {
  // Proven by openapi.ts, which writes nothing else.
  return JSON.parse(servedOpenApiText()) as OpenApiDocument;
}

export function operationsOf({ paths }: OpenApiDocument): PlacedOperation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      // Proven by HTTP: these are the methods that routes of ours take.
      method: method.toUpperCase() as Call['method'],
      path,
      operation,
    })),
  );
}

/** `POST /api/v1/transactions/{id}/resolve` */
export function nameOf({ method, path }: PlacedOperation): string {
  return `${method} ${path}`;
}
