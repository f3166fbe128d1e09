import type { RouteOptions } from 'fastify';
import { present } from '../assert.ts';
import type { Access } from './access.ts';
import { describeAnswers } from './openapi-answers.ts';
import type { Components } from './openapi-components.ts';
import type { Json, JsonObject, Operation } from './openapi-document.ts';
import { exampleOf } from './openapi-examples.ts';

declare module 'fastify' {
  /** What the document says of a route beside its schemas. */
  interface FastifySchema {
    operationId?: string;
    tags?: readonly string[];
    summary?: string;
    description?: string;
    /** Where the body is no JSON that a schema could check: by media type, what it is. */
    bodies?: Readonly<Record<string, { readonly description: string; readonly example: string }>>;
    /** Headers of the request that the route reads by itself, and what they are. */
    requestHeaders?: Readonly<
      Record<string, { readonly description: string; readonly example: string }>
    >;
  }
  interface FastifyContextConfig {
    /** A page for people or a part of one: no operation of the API. */
    undocumented?: true;
  }
}

/** A route as it was registered: one method at one address. */
export type DescribedRoute = Pick<RouteOptions, 'url' | 'schema' | 'config'> & {
  readonly method: string;
};

export function describeOperation(route: DescribedRoute, components: Components): Operation {
  const { schema = {}, config } = route;
  const access = present(config?.access, 'the guard refuses a route that says nothing of access');
  const declared = objectOf(schema.response);
  const parameters = [
    ...idParameters(route.url),
    ...headerParameters(schema, declared),
    ...schemaParameters('header', schema.headers),
    ...schemaParameters('query', schema.querystring),
  ];
  const answers = describeAnswers(declared, {
    components,
    hasId: route.url.includes(':'),
    isFile: isFile(schema.querystring),
  });
  const name = `${route.method} ${route.url}`;
  return {
    operationId: schema.operationId ?? name,
    tags: schema.tags ?? [],
    summary: schema.summary ?? name,
    description: schema.description ?? '',
    security: securityOf(access),
    parameters,
    ...bodyOf(route, components),
    responses: answers,
    'x-access': { role: access.role, scope: access.scope },
  };
}

/** Either will do, where a key may be used at all. */
function securityOf(access: Access): Operation['security'] {
  if (access.role === 'public') return [];
  const byToken = { access_token: [] };
  return access.scope === null ? [byToken] : [byToken, { api_key: [] }];
}

/** Whose id stands after which word of an address. */
const idWords: Readonly<Record<string, string>> = {
  users: 'The user’s id, or `me`.',
  accounts: 'The account’s id.',
  deposits: 'The deposit’s id.',
  withdrawals: 'The withdrawal’s id.',
  transactions: 'The payment’s id.',
  'failed-tasks': 'The failed task’s id.',
  runs: 'The run’s id.',
  breaks: 'The break’s id.',
  'api-keys': 'The API key’s id.',
};

function idParameters(url: string): JsonObject[] {
  const parts = url.split('/');
  return parts.flatMap((part, at) => {
    if (!part.startsWith(':')) return [];
    const before = parts[at - 1] ?? '';
    return {
      name: part.slice(1),
      in: 'path',
      required: true,
      description: idWords[before] ?? 'Its id.',
      schema: { type: 'string', maxLength: 128 },
      example: '01890a5d-ac96-774b-bcce-b302099a8057',
    };
  });
}

function headerParameters(
  schema: NonNullable<RouteOptions['schema']>,
  declared: JsonObject,
): JsonObject[] {
  const key = { $ref: '#/components/parameters/IdempotencyKey' };
  const isMoney = JSON.stringify(declared['400'] ?? null).includes('"idempotency_key_missing"');
  const others = Object.entries(schema.requestHeaders ?? {}).map(([name, words]) => ({
    name,
    in: 'header',
    required: true,
    schema: { type: 'string' },
    ...words,
  }));
  return [...(isMoney ? [key] : []), ...others];
}

function schemaParameters(place: 'query' | 'header', whole: unknown): JsonObject[] {
  const { properties, required } = objectOf(whole);
  const names = Array.isArray(required) ? required : [];
  return Object.entries(objectOf(properties)).map(([name, member]) => {
    const { description, examples: _examples, ...schema } = objectOf(member);
    const described = description ?? queryWords[name];
    return {
      name,
      in: place,
      required: names.includes(name),
      ...(described === undefined ? {} : { description: described }),
      schema,
      example: exampleOf(member, name),
    };
  });
}

/** What a parameter means on every list, where its schema does not say. */
const queryWords: Readonly<Record<string, string>> = {
  bank_transaction_id: 'The bank’s own number.',
  currency: 'ISO 4217.',
  idempotency_key: 'The key it was asked for with.',
  include_total: 'Whether `total` is counted.',
  skip: 'How many to leave out; a cursor is faster, and stable while rows are added.',
  status: 'Only those with this status.',
  type: 'Only those of this kind.',
};

/** A list that can be had as a file says so with its `format`. */
function isFile(query: unknown): boolean {
  const { enum: formats } = objectOf(objectOf(objectOf(query)['properties'])['format']);
  return Array.isArray(formats) && formats.includes('csv');
}

function bodyOf(
  { schema = {} }: DescribedRoute,
  components: Components,
): { readonly requestBody?: JsonObject } {
  if (schema.body !== undefined) {
    const example = exampleOf(JSON.parse(JSON.stringify(schema.body)));
    const content = { 'application/json': { schema: components.refer(schema.body), example } };
    return { requestBody: { required: true, content } };
  }
  if (schema.bodies === undefined) return {};
  const content = Object.entries(schema.bodies).map(([type, { description, example }]) => {
    return [
      type,
      { schema: { type: bodyType(type), description }, example: exampleBody(type, example) },
    ];
  });
  return { requestBody: { required: true, content: Object.fromEntries(content) } };
}

const bodyType = (type: string): string => (type === 'application/json' ? 'object' : 'string');

const exampleBody = (type: string, example: string): Json =>
  type === 'application/json' ? JSON.parse(example) : example;

/** As JSON, which a schema is; what is none is empty. */
function objectOf(value: unknown): JsonObject {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? JSON.parse(JSON.stringify(value)) : {};
}
