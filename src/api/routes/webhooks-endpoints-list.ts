import { Type } from 'typebox';
import { selectEndpoints } from '../../webhooks/endpoints-store.ts';
import { callerOf } from '../auth.ts';
import type { Api, ApiContext } from '../context.ts';
import { guardCodes, problems } from '../schemas.ts';
import { EndpointSchema, endpointBody } from '../webhook-body.ts';

const schema = {
  operationId: 'listWebhookEndpoints',
  tags: ['Webhooks'],
  summary: 'List your webhook endpoints',
  description: 'Newest first; there are at most 20.',
  response: {
    200: Type.Object({ items: Type.Array(EndpointSchema) }),
    ...problems(...guardCodes),
  },
};

/** All of the caller's, without their secrets. */
export function webhooksEndpointsList(api: Api, { database, limits }: ApiContext): void {
  api.get(
    '/api/v1/webhooks/endpoints',
    { schema, config: { access: { role: 'user', scope: 'read' } }, onRequest: limits.global },
    async (request, reply) => {
      const endpoints = await selectEndpoints(database, callerOf(request).userId);
      return reply.send({ items: endpoints.map(endpointBody) });
    },
  );
}
