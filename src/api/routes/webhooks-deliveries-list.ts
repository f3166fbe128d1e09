import { Type } from 'typebox';
import { parseId } from '../../ids.ts';
import { selectDeliveries } from '../../webhooks/log-store.ts';
import { parseMessageId, writeMessageId } from '../../webhooks/message-id.ts';
import { callerOf } from '../auth.ts';
import type { Api, ApiContext } from '../context.ts';
import { readListNumbers } from '../payment-list.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, nullable, problems } from '../schemas.ts';
import { DeliverySchema, deliveryBody, deliveryStates } from '../webhook-body.ts';

const schema = {
  operationId: 'listWebhookDeliveries',
  tags: ['Webhooks'],
  summary: 'List webhook deliveries',
  description: 'Newest first: what was sent to your endpoints, what waits, and what failed.',
  querystring: Type.Object(
    {
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'Default 20.' })),
      cursor: Type.Optional(
        Type.String({ maxLength: 64, description: 'The next_cursor of the page before.' }),
      ),
      transaction_id: Type.Optional(Type.String({ maxLength: 36 })),
      endpoint_id: Type.Optional(Type.String({ maxLength: 36 })),
      status: Type.Optional(Type.Enum([...deliveryStates])),
    },
    { additionalProperties: false },
  ),
  response: {
    200: Type.Object({
      items: Type.Array(DeliverySchema),
      next_cursor: nullable<string>('string'),
      limit: Type.Integer(),
    }),
    ...problems(...guardCodes, 'validation_failed'),
  },
};

/** The caller's, newest first. */
export function webhooksDeliveriesList(api: Api, { database, limits }: ApiContext): void {
  api.get(
    '/api/v1/webhooks/deliveries',
    {
      schema,
      config: { access: { role: 'user', scope: 'read' } },
      onRequest: limits.global,
      preValidation: readListNumbers,
    },
    async (request, reply) => {
      const { limit = 20, cursor, transaction_id, endpoint_id, status } = request.query;
      const before = cursor === undefined ? null : parseMessageId(cursor);
      const paymentId = transaction_id === undefined ? null : parseId<'payment'>(transaction_id);
      const endpointId = endpoint_id === undefined ? null : parseId<'endpoint'>(endpoint_id);
      const errors = [
        { parameter: 'cursor', isWrong: cursor !== undefined && before === null },
        { parameter: 'transaction_id', isWrong: transaction_id !== undefined && !paymentId },
        { parameter: 'endpoint_id', isWrong: endpoint_id !== undefined && !endpointId },
      ]
        .filter(({ isWrong }) => isWrong)
        .map(({ parameter }) => ({ parameter, detail: 'is not one of ours' }));
      if (errors.length > 0) return sendProblem(reply, 'validation_failed', { errors });
      const rows = await selectDeliveries(database, {
        userId: callerOf(request).userId,
        endpointId,
        paymentId,
        state: status ?? null,
        before,
        limit: limit + 1,
      });
      const items = rows.slice(0, limit);
      const last = rows.length > limit ? items.at(-1) : undefined;
      return {
        items: items.map(deliveryBody),
        next_cursor: last === undefined ? null : writeMessageId(last.id),
        limit,
      };
    },
  );
}
