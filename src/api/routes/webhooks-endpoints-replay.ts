import { Type } from 'typebox';
import { parseId } from '../../ids.ts';
import { parseMessageId, writeMessageId } from '../../webhooks/message-id.ts';
import { replayRange } from '../../webhooks/replay.ts';
import { callerOf } from '../auth.ts';
import type { Api, ApiContext } from '../context.ts';
import { instantFault, parseInstant } from '../instant.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, nullable, problems } from '../schemas.ts';

const schema = {
  operationId: 'replayWebhookEndpoint',
  tags: ['Webhooks'],
  summary: 'Deliver what an endpoint has missed',
  description:
    'All that failed or was cancelled since a moment, or everything of a range of time, with the same webhook-ids. What is on its way already is not sent twice. Where next_cursor is not null, send it with the same body for the rest.',
  params: Type.Object({ id: Type.String() }),
  body: Type.Object(
    {
      since: Type.String({ format: 'date-time', maxLength: 40 }),
      until: Type.Optional(
        nullable<string>('string', {
          format: 'date-time',
          maxLength: 40,
          description: 'Null: until now.',
        }),
      ),
      include_delivered: Type.Optional(
        Type.Boolean({ description: 'Default false: only what did not arrive.' }),
      ),
      cursor: Type.Optional(nullable<string>('string', { maxLength: 64 })),
    },
    { additionalProperties: false },
  ),
  response: {
    202: Type.Object({ replayed: Type.Integer(), next_cursor: nullable<string>('string') }),
    ...problems(
      ...guardCodes,
      'validation_failed',
      'malformed_json',
      'webhook_endpoint_not_found',
      'webhook_endpoint_disabled',
      'body_too_large',
      'unsupported_media_type',
    ),
  },
};

/** By the moment at which the events happened. */
export function webhooksEndpointsReplay(api: Api, { database, limits }: ApiContext): void {
  api.post(
    '/api/v1/webhooks/endpoints/:id/replay',
    {
      schema,
      config: { access: { role: 'user', scope: 'webhooks:write' } },
      onRequest: limits.global,
    },
    async (request, reply) => {
      const endpointId = parseId<'endpoint'>(request.params.id);
      if (endpointId === null) return sendProblem(reply, 'webhook_endpoint_not_found');
      const { since, until = null, include_delivered = false, cursor = null } = request.body;
      const from = parseInstant(since);
      const to = until === null ? null : parseInstant(until);
      const after = cursor === null ? null : parseMessageId(cursor);
      const errors = [
        { pointer: '#/since', isWrong: from === null, detail: instantFault },
        { pointer: '#/until', isWrong: until !== null && to === null, detail: instantFault },
        {
          pointer: '#/cursor',
          isWrong: cursor !== null && after === null,
          detail: 'is not one of ours',
        },
      ].filter(({ isWrong }) => isWrong);
      if (from === null || errors.length > 0)
        return sendProblem(reply, 'validation_failed', {
          errors: errors.map(({ pointer, detail }) => ({ pointer, detail })),
        });
      const result = await replayRange(database, {
        userId: callerOf(request).userId,
        endpointId,
        since: from,
        until: to,
        withDelivered: include_delivered,
        after,
      });
      if (result.kind === 'not_found') return sendProblem(reply, 'webhook_endpoint_not_found');
      if (result.kind === 'disabled') return sendProblem(reply, 'webhook_endpoint_disabled');
      const { replayed, next } = result;
      return reply
        .code(202)
        .send({ replayed, next_cursor: next === null ? null : writeMessageId(next) });
    },
  );
}
