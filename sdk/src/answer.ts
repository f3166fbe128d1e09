import createClient, { type Client } from 'openapi-fetch';
import { keyedPaths, type paths } from './openapi.ts';
import { keyHeader, TollgateError } from './problem.ts';
import type { Exchange } from './retry.ts';

/** Sends a request and gives the answer's body. @throws TollgateError where it was refused */
export type Ask = (method: 'GET' | 'POST', path: keyof paths, init: AskInit) => Promise<unknown>;

export interface AskInit {
  readonly params?: object;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

export interface ApiOptions {
  readonly baseUrl: string;
  readonly exchange: Exchange;
  readonly newKey: () => string;
}

export interface Api {
  readonly api: Client<paths>;
  readonly ask: Ask;
}

/** The typed client, which gives each request that moves money a key, and who throws refusals. */
export function openApi({ baseUrl, exchange, newKey }: ApiOptions): Api {
  // A redirected payment would be sent to whoever the redirect names, with our token.
  const api = createClient<paths>({ baseUrl, fetch: exchange, redirect: 'error' });
  const keys = new WeakMap<Response, string>();
  api.use({
    onRequest: ({ request, schemaPath }) => {
      const isKeyed = request.method === 'POST' && keyedPaths.has(schemaPath);
      if (isKeyed && !request.headers.has(keyHeader)) request.headers.set(keyHeader, newKey());
    },
    onResponse: ({ request, response }) => {
      const key = request.headers.get(keyHeader);
      if (key !== null) keys.set(response, key);
    },
  });
  // Proven by openapi-fetch itself, whose types say of each address what this says of all of them.
  const request = api.request as unknown as Request;
  const ask: Ask = async (method, path, { signal, ...init }) => {
    const sent = signal === undefined ? init : { ...init, signal };
    const { data, error, response } = await request(method.toLowerCase(), path, sent);
    if (!response.ok) throw new TollgateError(response, error, keys.get(response) ?? null);
    return data;
  };
  return { api, ask };
}

type Request = (
  method: string,
  path: string,
  init: AskInit,
) => Promise<{ readonly data?: unknown; readonly error?: unknown; readonly response: Response }>;
