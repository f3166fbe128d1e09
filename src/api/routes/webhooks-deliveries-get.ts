import { Type } from 'typebox';
import { selectAttemptsOf, selectDelivery } from '../../webhooks/log-store.ts';
import { parseMessageId } from '../../webhooks/message-id.ts';
import { callerOf } from '../auth.ts';
import type { Api, ApiContext } from '../context.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems } from '../schemas.ts';
import { AttemptSchema, attemptBody, DeliverySchema, deliveryBody } from '../webhook-body.ts';

const schema = {
  operationId: 'getWebhookDelivery',
  tags: ['Webhooks'],
  summary: 'Read a webhook delivery',
  description: 'With its attempts, newest first: what the receiver answered, and how fast.',
  params: Type.Object({ id: Type.String() }),
  response: {
    200: Type.Object({
      ...DeliverySchema.properties,
      log: Type.Array(AttemptSchema, { description: 'The newest 100.' }),
    }),
    ...problems(...guardCodes, 'webhook_delivery_not_found'),
  },
};

const attemptsMax = 100;

/** By what its receiver saw as webhook-id. */
export function webhooksDeliveriesGet(api: Api, { database, limits }: ApiContext): void {
  api.get(
    '/api/v1/webhooks/deliveries/:id',
    { schema, config: { access: { role: 'user', scope: 'read' } }, onRequest: limits.global },
    async (request, reply) => {
      const id = parseMessageId(request.params.id);
      const { userId } = callerOf(request);
      const delivery = id === null ? null : await selectDelivery(database, { id, userId });
      if (delivery === null) return sendProblem(reply, 'webhook_delivery_not_found');
      const attempts = await selectAttemptsOf(database, delivery.id, attemptsMax);
      return { ...deliveryBody(delivery), log: attempts.map(attemptBody) };
    },
  );
}
