import { Type } from 'typebox';
import { parseMessageId } from '../../webhooks/message-id.ts';
import { replayRow } from '../../webhooks/replay-store.ts';
import { callerOf } from '../auth.ts';
import type { Api, ApiContext } from '../context.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems } from '../schemas.ts';
import { DeliverySchema } from '../webhook-body.ts';

const schema = {
  operationId: 'replayWebhookDelivery',
  tags: ['Webhooks'],
  summary: 'Deliver a webhook again',
  description:
    'The same message with the same webhook-id, at once. One that is on its way already is not sent twice.',
  params: Type.Object({ id: Type.String() }),
  response: {
    202: Type.Object({ delivery_id: DeliverySchema.properties.id }),
    ...problems(...guardCodes, 'webhook_delivery_not_found', 'webhook_endpoint_disabled'),
  },
};

/** However it ended; one that waits for its next attempt is hurried. */
export function webhooksDeliveriesReplay(
  api: Api,
  { database, limits, webhooks }: ApiContext,
): void {
  api.post(
    '/api/v1/webhooks/deliveries/:id/replay',
    {
      schema,
      config: { access: { role: 'user', scope: 'webhooks:write' } },
      onRequest: limits.global,
    },
    async (request, reply) => {
      const id = parseMessageId(request.params.id);
      const { userId } = callerOf(request);
      const found =
        id === null ? null : await replayRow(database, { id, userId }, webhooks.leaseMs);
      if (found === null) return sendProblem(reply, 'webhook_delivery_not_found');
      if (!found.isEnabled) return sendProblem(reply, 'webhook_endpoint_disabled');
      return reply.code(202).send({ delivery_id: request.params.id });
    },
  );
}
