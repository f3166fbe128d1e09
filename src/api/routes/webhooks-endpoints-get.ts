import { Type } from 'typebox';
import { parseId } from '../../ids.ts';
import { selectEndpoint } from '../../webhooks/endpoints-store.ts';
import { callerOf } from '../auth.ts';
import type { Api, ApiContext } from '../context.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems } from '../schemas.ts';
import { EndpointSchema, endpointBody } from '../webhook-body.ts';

const schema = {
  operationId: 'getWebhookEndpoint',
  tags: ['Webhooks'],
  summary: 'Read a webhook endpoint',
  description: 'How it stands: whether it is enabled, and since when it fails.',
  params: Type.Object({ id: Type.String() }),
  response: { 200: EndpointSchema, ...problems(...guardCodes, 'webhook_endpoint_not_found') },
};

/** One of the caller's. */
export function webhooksEndpointsGet(api: Api, { database, limits }: ApiContext): void {
  api.get(
    '/api/v1/webhooks/endpoints/:id',
    { schema, config: { access: { role: 'user', scope: 'read' } }, onRequest: limits.global },
    async (request, reply) => {
      const id = parseId<'endpoint'>(request.params.id);
      const { userId } = callerOf(request);
      const endpoint = id === null ? null : await selectEndpoint(database, { id, userId });
      if (endpoint === null) return sendProblem(reply, 'webhook_endpoint_not_found');
      return endpointBody(endpoint);
    },
  );
}
