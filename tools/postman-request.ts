import { present } from '../src/assert.ts';

/** What of docs/openapi.json a request in Postman is made of. */
export interface ApiDocument {
  readonly info: { readonly title: string; readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly parameters: Readonly<Record<string, Parameter>>;
    readonly schemas: Readonly<Record<string, unknown>>;
  };
}

export interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly security: readonly unknown[];
  readonly parameters: readonly (Parameter | { readonly $ref: string })[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly example?: unknown }>>;
  };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: unknown }>> }>
  >;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly example?: unknown;
}

/** Where it stands in the document. */
export interface Place {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

/** What a step sends in place of the document's examples. `{{name}}` is Postman's own. */
export interface Sent {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
}

export function placesOf(document: ApiDocument): Place[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
}

/** As Postman's format 2.1 has it. */
export function requestOf(document: ApiDocument, place: Place, sent: Sent = {}): object {
  const { path, method, operation } = place;
  const parameters = operation.parameters.map((each) =>
    '$ref' in each
      ? present(document.components.parameters[each.$ref.split('/').at(-1) ?? ''], each.$ref)
      : each,
  );
  const body = bodyOf(operation, sent);
  return {
    method: method.toUpperCase(),
    ...(operation.security.length === 0 ? { auth: { type: 'noauth' } } : {}),
    header: [
      ...(body === null ? [] : [{ key: 'Content-Type', value: body.mediaType }]),
      ...parameters.filter((each) => each.in === 'header').flatMap((each) => headerOf(each, sent)),
    ],
    ...(body === null ? {} : { body: body.body }),
    url: urlOf(path, parameters, sent),
    description: operation.description,
  };
}

function headerOf({ name, required = false, description, example }: Parameter, sent: Sent): object {
  const known = sent.headers?.[name];
  // A new one for each click, as for each payment.
  const value = known ?? (name === 'Idempotency-Key' ? '{{$guid}}' : writeExample(example));
  return { key: name, value, description, ...(required || known !== undefined ? {} : off) };
}

const off = { disabled: true } as const;

function urlOf(path: string, parameters: readonly Parameter[], sent: Sent): object {
  const parts = path
    .slice(1)
    .split('/')
    .map((part) => part.replace(/^\{(.+)\}$/, ':$1'));
  const ids = parameters.filter((each) => each.in === 'path');
  const query = parameters
    .filter((each) => each.in === 'query')
    .map(({ name, description, example }) => {
      const known = sent.query?.[name];
      const value = known ?? writeExample(example);
      return { key: name, value, description, ...(known === undefined ? off : {}) };
    });
  const enabled = query.filter((each) => !('disabled' in each));
  const raw = `{{base_url}}/${parts.join('/')}`;
  return {
    raw: enabled.length === 0 ? raw : `${raw}?${enabled.map(writeField).join('&')}`,
    host: ['{{base_url}}'],
    path: parts,
    ...(query.length === 0 ? {} : { query }),
    ...(ids.length === 0
      ? {}
      : {
          variable: ids.map(({ name, description, example }) => ({
            key: name,
            value: sent.path?.[name] ?? (path.startsWith('/api/v1/users/') ? 'me' : example),
            description,
          })),
        }),
  };
}

/** In a header and in an address everything is text. */
function writeExample(example: unknown): string {
  return typeof example === 'string' ? example : JSON.stringify(example ?? '').replaceAll('"', '');
}

function writeField({ key, value }: { readonly key: string; readonly value: string }): string {
  return `${key}=${value}`;
}

function bodyOf(
  { requestBody }: Operation,
  sent: Sent,
): { readonly mediaType: string; readonly body: object } | null {
  const [found] = Object.entries(requestBody?.content ?? {});
  if (found === undefined) return null;
  const [mediaType, { example }] = found;
  const value = sent.body ?? example ?? {};
  const isJson = mediaType === 'application/json';
  const raw = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  const options = { raw: { language: isJson ? 'json' : 'text' } };
  return { mediaType, body: { mode: 'raw', raw, options } };
}
