import { Type } from 'typebox';
import { parseId } from '../../ids.ts';
import { deleteEndpoint } from '../../webhooks/endpoints.ts';
import { callerOf } from '../auth.ts';
import type { Api, ApiContext } from '../context.ts';
import { doneBy } from '../done-by.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems } from '../schemas.ts';

const schema = {
  operationId: 'deleteWebhookEndpoint',
  tags: ['Webhooks'],
  summary: 'Delete a webhook endpoint',
  description: 'Nothing is sent to it from now on. Its deliveries stay in the log.',
  params: Type.Object({ id: Type.String() }),
  response: { 204: Type.Null(), ...problems(...guardCodes, 'webhook_endpoint_not_found') },
};

/** For good: its secret is gone at once. */
export function webhooksEndpointsDelete(api: Api, { database, limits }: ApiContext): void {
  api.delete(
    '/api/v1/webhooks/endpoints/:id',
    {
      schema,
      config: { access: { role: 'user', scope: 'webhooks:write' } },
      onRequest: limits.global,
    },
    async (request, reply) => {
      const id = parseId<'endpoint'>(request.params.id);
      const { userId } = callerOf(request);
      const isFound =
        id !== null && (await deleteEndpoint(database, { id, userId }, doneBy(request, null)));
      if (!isFound) return sendProblem(reply, 'webhook_endpoint_not_found');
      return reply.code(204).send(null);
    },
  );
}
