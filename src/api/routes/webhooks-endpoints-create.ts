import { Type } from 'typebox';
import { unreachable } from '../../assert.ts';
import { createEndpoint } from '../../webhooks/endpoints.ts';
import { parseEventTypes } from '../../webhooks/event-types.ts';
import { callerOf } from '../auth.ts';
import type { Api, ApiContext } from '../context.ts';
import { doneBy } from '../done-by.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems } from '../schemas.ts';
import { endpointBody, endpointWish, FreshEndpointSchema } from '../webhook-body.ts';

const schema = {
  operationId: 'createWebhookEndpoint',
  tags: ['Webhooks'],
  summary: 'Create a webhook endpoint',
  description: 'Every event from now on is delivered to it. Its secret is shown this once.',
  body: Type.Object(
    {
      url: endpointWish.url,
      description: Type.Optional(endpointWish.description),
      event_types: Type.Optional(endpointWish.event_types),
    },
    { additionalProperties: false },
  ),
  response: {
    201: FreshEndpointSchema,
    ...problems(
      ...guardCodes,
      'validation_failed',
      'malformed_json',
      'too_many_webhook_endpoints',
      'body_too_large',
      'unsupported_media_type',
    ),
  },
};

/** Where a user's events are sent. Its secret is in this answer and never again. */
export function webhooksEndpointsCreate(api: Api, { limits, webhooks }: ApiContext): void {
  api.post(
    '/api/v1/webhooks/endpoints',
    {
      schema,
      config: { access: { role: 'user', scope: 'webhooks:write' } },
      onRequest: limits.global,
    },
    async (request, reply) => {
      const { url, description = null, event_types = null } = request.body;
      const wish = { url, description, eventTypes: parseEventTypes(event_types) ?? null };
      const { userId } = callerOf(request);
      const result = await createEndpoint(webhooks, { userId, wish }, doneBy(request, null));
      switch (result.kind) {
        case 'created':
          return reply.code(201).send({ ...endpointBody(result.endpoint), secret: result.secret });
        case 'url_refused':
          return sendProblem(reply, 'validation_failed', {
            errors: [{ pointer: '#/url', detail: result.detail }],
          });
        case 'too_many':
          return sendProblem(reply, 'too_many_webhook_endpoints');
        default:
          return unreachable(result);
      }
    },
  );
}
