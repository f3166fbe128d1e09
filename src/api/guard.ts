import type { onRequestAsyncHookHandler, onRequestHookHandler } from 'fastify';
import type { Api, ApiContext } from './context.ts';
import { sendProblem } from './problem.ts';

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
