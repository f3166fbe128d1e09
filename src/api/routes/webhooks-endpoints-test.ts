import { Type } from 'typebox';
import { unreachable } from '../../assert.ts';
import { parseId } from '../../ids.ts';
import { sendTest } from '../../webhooks/endpoints.ts';
import { writeMessageId } from '../../webhooks/message-id.ts';
import { callerOf } from '../auth.ts';
import type { Api, ApiContext } from '../context.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems } from '../schemas.ts';
import { DeliverySchema } from '../webhook-body.ts';

const schema = {
  operationId: 'sendTestWebhook',
  tags: ['Webhooks'],
  summary: 'Send a test event',
  description: 'A test.ping, whatever the endpoint asks for. What became of it is in the log.',
  params: Type.Object({ id: Type.String() }),
  response: {
    202: Type.Object({ delivery_id: DeliverySchema.properties.id }),
    ...problems(...guardCodes, 'webhook_endpoint_not_found', 'webhook_endpoint_disabled'),
  },
};

/** Delivered, tried again and logged like any other event. */
export function webhooksEndpointsTest(api: Api, { database, limits }: ApiContext): void {
  api.post(
    '/api/v1/webhooks/endpoints/:id/test',
    {
      schema,
      config: { access: { role: 'user', scope: 'webhooks:write' } },
      onRequest: limits.global,
    },
    async (request, reply) => {
      const id = parseId<'endpoint'>(request.params.id);
      if (id === null) return sendProblem(reply, 'webhook_endpoint_not_found');
      const result = await sendTest(database, { id, userId: callerOf(request).userId });
      switch (result.kind) {
        case 'due':
          return reply.code(202).send({ delivery_id: writeMessageId(result.id) });
        case 'not_found':
          return sendProblem(reply, 'webhook_endpoint_not_found');
        case 'disabled':
          return sendProblem(reply, 'webhook_endpoint_disabled');
        default:
          return unreachable(result);
      }
    },
  );
}
