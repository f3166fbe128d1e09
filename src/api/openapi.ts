import { Type } from 'typebox';
import type { Api } from './context.ts';
import { type ErrorCode, errors } from './errors.ts';
import { answerHeaders, problemExamples } from './openapi-answers.ts';
import { openComponents, plain } from './openapi-components.ts';
import type { Json, JsonObject, OpenApiDocument, Operation } from './openapi-document.ts';
import { type DescribedRoute, describeOperation } from './openapi-operation.ts';
import { describeWebhooks, signatureHeaders } from './openapi-webhooks.ts';
import { FaultSchema } from './schemas.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** The document of all routes, as text; there once the server is ready. */
    openApiText: () => string;
  }
}

/**
 * Watches the routes that are registered from here on, and describes them once the server is ready:
 * what is served and what is written are one thing.
 */
export function describeRoutes(api: Api): void {
  const routes: DescribedRoute[] = [];
  let text: string | null = null;
  api.addHook('onRoute', (route) => {
    const { url, schema, config } = route;
    if (config?.undocumented === true) return;
    for (const method of [route.method].flat())
      if (method !== 'HEAD')
        routes.push({
          method,
          url,
          ...(schema === undefined ? {} : { schema }),
          ...(config === undefined ? {} : { config }),
        });
  });
  api.decorate('openApiText', () => (text ??= openApiText(describeApi(routes))));
  api.addHook('onReady', (done) => {
    api.openApiText();
    done();
  });
}

/** As it is served, and as it stands in docs/openapi.json. */
export function openApiText(document: OpenApiDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

export function describeApi(routes: readonly DescribedRoute[]): OpenApiDocument {
  const components = openComponents();
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) {
    const path = route.url.replaceAll(/:(\w+)/g, '{$1}');
    const atPath = (paths[path] ??= {});
    atPath[route.method.toLowerCase()] = describeOperation(route, components);
  }
  const webhooks = describeWebhooks(components);
  const responses = components.usedResponses();
  return {
    openapi: '3.1.0',
    info,
    servers: [{ url: '/', description: 'This gateway.' }],
    tags: usedTags(paths),
    paths,
    webhooks,
    components: {
      responses,
      securitySchemes,
      parameters: { ...parameters, ...signatureHeaders },
      headers: answerHeaders,
      examples: problemExamples(usedCodes(responses)),
      schemas: { ...components.used(), Problem: problemSchema() },
    },
  };
}

const info: JsonObject = {
  title: 'Tollgate',
  // The API's, not the program's: it changes where what a client sees does.
  version: '1.0.0',
  summary: 'An asynchronous payment gateway.',
  description: [
    'A payment is accepted at once (202) and taken to the bank afterwards; a signed webhook, the feed',
    'and `GET` tell how it ended.',
    '',
    '- **Amounts** are decimal strings (`"100.00"`), times RFC 3339 in UTC, ids UUIDs.',
    '- **Money is moved once**: a request that moves it has an `Idempotency-Key`. The same key gets',
    '  the same answer to the byte (`Idempotent-Replayed: true`); with another request it is refused.',
    '- **Refusals** are `application/problem+json` (RFC 9457) with a stable `code`. Beside those an',
    '  operation names, any address may answer 404 `route_not_found`, 405 `method_not_allowed` and',
    '  408 `request_timeout`.',
    '- **Limits** are told in `RateLimit` and `RateLimit-Policy`; a 429 says in `Retry-After` when.',
    '- **Every answer** has `X-Request-ID`; who writes to us about one should name it.',
    '- **HEAD** is answered wherever GET is; OPTIONS says in `Allow` what an address takes.',
    '- **Versions**: within `/api/v1` fields, codes and operations are added, and nothing is taken',
    '  away or changes its meaning: ignore what you do not know. What is to go is first marked',
    '  `deprecated` here and answers with `Deprecation` (RFC 9745) and `Sunset` (RFC 8594) for at',
    '  least twelve months; anything incompatible comes as `/api/v2` beside it.',
  ].join('\n'),
  license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0.html' },
  contact: { name: 'Tollgate', url: 'https://tollgate.dev' },
};

const tagWords: Readonly<Record<string, string>> = {
  'Sign-in': 'Registering, signing in and staying so.',
  Users: 'People, and what they may do.',
  Accounts: 'Balances and statements.',
  Payments: 'Money in and out.',
  'API keys': 'Keys for machines.',
  Webhooks: 'Where we tell how payments ended.',
  Events: 'What happened, as it happens.',
  Operations: 'For operators: decisions, dead letters, reconciliation, the audit log.',
  Bank: 'For the bank.',
  Health: 'For balancers and supervisors.',
  Documents: 'This document.',
};

function usedTags(paths: OpenApiDocument['paths']): JsonObject[] {
  const used = new Set(operationsOf(paths).flatMap(({ tags }) => tags));
  const unknown = [...used].filter((tag) => !Object.hasOwn(tagWords, tag));
  if (unknown.length > 0) throw new Error(`openapi.ts has no words for: ${unknown.join(', ')}`);
  return Object.entries(tagWords)
    .filter(([tag]) => used.has(tag) || tag === 'Webhooks')
    .map(([name, description]) => ({ name, description }));
}

function usedCodes(responses: JsonObject): ErrorCode[] {
  const text = JSON.stringify(responses);
  // Proven by Object.keys: errors has these keys and no other.
  const codes = Object.keys(errors) as ErrorCode[];
  return codes.filter((code) => text.includes(`"#/components/examples/${code}"`));
}

function operationsOf(paths: OpenApiDocument['paths']): Operation[] {
  return Object.values(paths).flatMap((methods) => Object.values(methods));
}

const securitySchemes: JsonObject = {
  access_token: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The `access_token` of signing in. What it may do is its user’s role.',
  },
  api_key: {
    type: 'http',
    scheme: 'bearer',
    description:
      'An API key, sent as a token is. It may do what both its scopes and its owner’s role allow.',
  },
};

const parameters: JsonObject = {
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    required: true,
    description:
      'A new one for a new payment, the same one to repeat a request: 1 to 255 visible ASCII characters, bare or in quotes.',
    schema: { type: 'string', minLength: 1, maxLength: 257 },
    example: '8e03978e-40d5-43dd-bc93-6894a57f9324',
  },
};

/** RFC 9457, with `error` and `message` for simple clients. */
function problemSchema(): Json {
  return plain(
    Type.Object(
      {
        type: Type.String({ format: 'uri', description: 'The same for every one of this code.' }),
        title: Type.String({ description: 'The same for every one of this code.' }),
        status: Type.Integer(),
        detail: Type.String({ description: 'This occurrence.' }),
        instance: Type.String({ format: 'uri', description: 'This request.' }),
        code: Type.String({ description: 'Stable: what a program should look at.' }),
        errors: Type.Optional(Type.Array(FaultSchema)),
        request_id: Type.String(),
        error: Type.String({ description: 'As `code`.' }),
        message: Type.String({ description: 'As `detail`.' }),
      },
      { additionalProperties: true },
    ),
  );
}
