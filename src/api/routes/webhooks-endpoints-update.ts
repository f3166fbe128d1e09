import { Type } from 'typebox';
import { unreachable } from '../../assert.ts';
import { parseId } from '../../ids.ts';
import { changeEndpoint } from '../../webhooks/endpoints.ts';
import { parseEventTypes } from '../../webhooks/event-types.ts';
import { callerOf } from '../auth.ts';
import type { Api, ApiContext } from '../context.ts';
import { doneBy } from '../done-by.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems } from '../schemas.ts';
import { EndpointSchema, endpointBody, endpointWish } from '../webhook-body.ts';

const schema = {
  operationId: 'updateWebhookEndpoint',
  tags: ['Webhooks'],
  summary: 'Change a webhook endpoint',
  description:
    'What is left out stays. While it is disabled nothing is sent and nothing is kept for it.',
  params: Type.Object({ id: Type.String() }),
  body: Type.Object(
    {
      url: Type.Optional(endpointWish.url),
      description: Type.Optional(endpointWish.description),
      event_types: Type.Optional(endpointWish.event_types),
      enabled: Type.Optional(Type.Boolean()),
    },
    { additionalProperties: false },
  ),
  response: {
    200: EndpointSchema,
    ...problems(
      ...guardCodes,
      'validation_failed',
      'malformed_json',
      'webhook_endpoint_not_found',
      'body_too_large',
      'unsupported_media_type',
    ),
  },
};

/** Switching it on again begins its five days anew. */
export function webhooksEndpointsUpdate(api: Api, { limits, webhooks }: ApiContext): void {
  api.patch(
    '/api/v1/webhooks/endpoints/:id',
    {
      schema,
      config: { access: { role: 'user', scope: 'webhooks:write' } },
      onRequest: limits.global,
    },
    async (request, reply) => {
      const id = parseId<'endpoint'>(request.params.id);
      if (id === null) return sendProblem(reply, 'webhook_endpoint_not_found');
      const { url, description, event_types, enabled } = request.body;
      const eventTypes = event_types === undefined ? undefined : parseEventTypes(event_types);
      const patch = {
        ...(url === undefined ? {} : { url }),
        ...(description === undefined ? {} : { description }),
        ...(eventTypes === undefined ? {} : { eventTypes }),
        ...(enabled === undefined ? {} : { enabled }),
      };
      const { userId } = callerOf(request);
      const result = await changeEndpoint(webhooks, { id, userId, patch }, doneBy(request, null));
      switch (result.kind) {
        case 'changed':
          return endpointBody(result.endpoint);
        case 'url_refused':
          return sendProblem(reply, 'validation_failed', {
            errors: [{ pointer: '#/url', detail: result.detail }],
          });
        case 'not_found':
          return sendProblem(reply, 'webhook_endpoint_not_found');
        default:
          return unreachable(result);
      }
    },
  );
}
