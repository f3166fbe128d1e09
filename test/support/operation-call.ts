import type { JsonObject } from '../../src/api/openapi-document.ts';
import type { PlacedOperation } from './openapi.ts';

/** What is sent for an operation, wherever it is sent. */
export interface OperationCall {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** The request that the document shows, for these ids. */
export function exampleCall(
  { method, path, operation }: PlacedOperation,
  ids: Readonly<Record<string, string>>,
): OperationCall {
  const url = path.replaceAll(/\{(\w+)\}/g, (place, name: string) => ids[name] ?? place);
  const [type, media] = Object.entries(objectOf(operation.requestBody?.['content']))[0] ?? [];
  const example = objectOf(media)['example'];
  const body = typeof example === 'string' ? example : JSON.stringify(example);
  return {
    method,
    url,
    headers: {
      ...(type === undefined ? {} : { 'content-type': type }),
      ...Object.fromEntries(
        operation.parameters.flatMap((parameter) => {
          const isKey = parameter['$ref'] === '#/components/parameters/IdempotencyKey';
          return isKey ? [['idempotency-key', `key-${++keys}`] as const] : [];
        }),
      ),
    },
    body: type === undefined ? null : body,
  };
}

let keys = 0;

export interface Heard {
  readonly status: number;
  readonly mediaType: string;
  readonly headers: Headers;
  readonly text: string;
}

/** Sends it over a socket. Of a stream that does not end only the head is heard. */
export async function send(
  baseUrl: string,
  call: OperationCall,
  token: string | null,
): Promise<Heard> {
  const response = await fetch(`${baseUrl}${call.url}`, {
    method: call.method,
    redirect: 'manual',
    headers: { ...call.headers, ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
    ...(call.body === null ? {} : { body: call.body }),
  });
  const { status, headers } = response;
  const mediaType = headers.get('content-type')?.split(';')[0] ?? '';
  if (mediaType !== 'text/event-stream')
    return { status, mediaType, headers, text: await response.text() };
  await response.body?.cancel();
  return { status, mediaType, headers, text: '' };
}

/** The word of a refusal; empty: it is none. */
export function codeOf({ mediaType, text }: Heard): string {
  if (mediaType !== 'application/problem+json') return '';
  const problem: { code: string } = JSON.parse(text);
  return problem.code;
}

export function objectOf(value: unknown): JsonObject {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  // Proven by the line above, and by where it comes from: a document of JSON.
  return isObject ? (value as JsonObject) : {};
}
