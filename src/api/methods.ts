import type { HTTPMethods } from 'fastify';
import { anybody } from './access.ts';
import type { Api } from './context.ts';
import { sendProblem } from './problem.ts';

const methods: readonly HTTPMethods[] = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
];

/**
 * Registers the routes, and on each of their addresses a 405 for every method that it does not
 * take.
 */
export function answerUnknownMethods(api: Api, registerRoutes: () => void): void {
  const taken = new Map<string, Set<HTTPMethods>>();
  let isOurs = true;
  api.addHook('onRoute', ({ url, method }) => {
    if (!isOurs) return;
    const known = taken.get(url) ?? new Set<HTTPMethods>();
    for (const one of [method].flat()) known.add(one);
    taken.set(url, known);
  });
  registerRoutes();
  isOurs = false;
  for (const [url, known] of taken) refuseOthers(api, url, known);
}

function refuseOthers(api: Api, url: string, known: ReadonlySet<HTTPMethods>): void {
  const allow = methods.filter((one) => known.has(one) || one === 'OPTIONS').join(', ');
  // What an address takes; and before a page of another origin calls us, whether it may.
  api.options(url, { config: { ...anybody, undocumented: true } }, (_request, reply) =>
    reply.code(204).header('allow', allow).send(),
  );
  api.route({
    url,
    method: methods.filter((method) => !known.has(method) && method !== 'OPTIONS'),
    config: { ...anybody, undocumented: true },
    // Before the body is read: nobody wants it.
    onRequest: (_request, reply) =>
      void sendProblem(reply, 'method_not_allowed', { values: { allow }, headers: { allow } }),
    handler: (_request, reply) => sendProblem(reply, 'method_not_allowed', { values: { allow } }),
  });
}
