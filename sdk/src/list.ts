import type { Ask } from './answer.ts';
import type { paths } from './openapi.ts';

/** The addresses that answer page by page; the feed, which has no end, is not among them. */
export type ListPath = {
  [P in keyof paths]: [PageOf<P>] extends [never] ? never : P;
}[keyof paths];

export type ItemOf<P extends ListPath> = PageOf<P>['items'][number];

/** What a list is asked for; in which page one is, is the iteration's to know. */
export interface ListParams<P extends ListPath> {
  readonly query?: Omit<QueryOf<P>, 'cursor' | 'skip' | 'format' | 'include_total'>;
  readonly path?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

type PageOf<P extends keyof paths> = paths[P] extends {
  readonly get: {
    readonly responses: { readonly 200: { content: { readonly 'application/json': infer Body } } };
  };
}
  ? Body extends Page
    ? null extends Body['next_cursor']
      ? Body
      : never
    : never
  : never;

type QueryOf<P extends keyof paths> = paths[P] extends {
  readonly get: { readonly parameters: { readonly query?: infer Query } };
}
  ? NonNullable<Query>
  : never;

interface Page {
  readonly items: readonly unknown[];
  readonly next_cursor: string | null;
}

/**
 * Every item, page by page, and no page before it is wanted. What is added while one reads comes
 * before the first item, so nothing is left out or told twice.
 */
export async function* listItems<P extends ListPath>(
  ask: Ask,
  path: P,
  params: ListParams<P> = {},
): AsyncGenerator<ItemOf<P>, void, undefined> {
  let cursor: string | null = null;
  do {
    const query = { ...params.query, ...(cursor === null ? {} : { cursor }) };
    // Proven by ListPath, which has no other addresses.
    const page = (await ask('GET', path, {
      params: { query, path: params.path ?? {} },
      signal: params.signal,
    })) as Page;
    // Proven by the same.
    yield* page.items as readonly ItemOf<P>[];
    cursor = page.next_cursor;
  } while (cursor !== null);
}
