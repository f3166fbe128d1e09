import type { onRequestAsyncHookHandler, onRequestHookHandler } from 'fastify';
import type { Role } from '../users/roles.ts';
import type { Scope } from '../users/scopes.ts';
import type { Api, ApiContext } from './context.ts';
import { sendProblem } from './problem.ts';

/**
 * Who may use a route: said once, as data, in the route's `config`. The guard below enforces it,
 * and the generated documents and tests read the same words.
 */
export type Access =
  | { readonly role: 'public'; readonly scope: null }
  | {
      /** The least role. Whose data it is, a route decides by itself: see subject.ts. */
      readonly role: Role;
      /** What an API key needs to be allowed; null: no key will do, only somebody signed in. */
      readonly scope: Scope | null;
      /**
       * `accept`: the accept transaction checks the user itself, so the guard does not ask. Only
       * for what `user` may: the role in a token is as old as the token.
       */
      readonly standing?: 'accept';
    };

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
    /** Refused while we are too busy, before anything else is looked at. */
    sheds?: true;
  }
}

/** The `config` of a route that asks for nothing. */
export const anybody = { access: { role: 'public', scope: null } } as const;

/**
 * Puts a guard before every route registered from here on. A route that does not say who may use it
 * refuses the start: forgetting it would be found by somebody else.
 */
export function guardRoutes(api: Api, context: ApiContext): void {
  api.addHook('onRoute', (route) => {
    const { access, sheds } = route.config ?? {};
    if (access === undefined)
      throw new Error(`${String(route.method)} ${route.url} does not say who may use it`);
    const guards: (onRequestHookHandler | onRequestAsyncHookHandler)[] = [];
    if (sheds === true) guards.push(refuseUnderPressure(context));
    if (access.role !== 'public') guards.push(...context.auth.guards(access));
    route.onRequest = [...guards, ...[route.onRequest ?? []].flat()];
  });
}

/** Shed before anything is read: what cannot be done soon should cost as little as possible. */
function refuseUnderPressure(context: ApiContext): onRequestAsyncHookHandler {
  return async (_request, reply) => {
    const seconds = context.pressure();
    if (seconds === null) return undefined;
    return sendProblem(reply, 'overloaded', { headers: { 'retry-after': String(seconds) } });
  };
}
