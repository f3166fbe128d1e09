import { Type } from 'typebox';
import { parseId } from '../../ids.ts';
import { rotateSecret } from '../../webhooks/endpoints.ts';
import { callerOf } from '../auth.ts';
import type { Api, ApiContext } from '../context.ts';
import { doneBy } from '../done-by.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems } from '../schemas.ts';
import { endpointBody, FreshEndpointSchema } from '../webhook-body.ts';

const daySeconds = 86_400;

const schema = {
  operationId: 'rotateWebhookSecret',
  tags: ['Webhooks'],
  summary: 'Rotate the secret of a webhook endpoint',
  description:
    'Both secrets sign until the overlap ends. The new one is shown this once; another rotation ends the overlap of the one before.',
  params: Type.Object({ id: Type.String() }),
  body: Type.Object(
    {
      overlap_seconds: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 7 * daySeconds,
          description: 'How long the old secret still signs. Default: a day.',
        }),
      ),
    },
    { additionalProperties: false },
  ),
  response: {
    200: FreshEndpointSchema,
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

/** A new secret, with an overlap in which both sign. */
export function webhooksEndpointsRotate(api: Api, { limits, webhooks }: ApiContext): void {
  api.post(
    '/api/v1/webhooks/endpoints/:id/rotate',
    {
      schema,
      config: { access: { role: 'user', scope: 'webhooks:write' } },
      onRequest: limits.global,
    },
    async (request, reply) => {
      const id = parseId<'endpoint'>(request.params.id);
      if (id === null) return sendProblem(reply, 'webhook_endpoint_not_found');
      const { overlap_seconds: overlapSeconds = daySeconds } = request.body;
      const wanted = { id, userId: callerOf(request).userId, overlapSeconds };
      const result = await rotateSecret(webhooks, wanted, doneBy(request, null));
      if (result.kind === 'not_found') return sendProblem(reply, 'webhook_endpoint_not_found');
      return { ...endpointBody(result.endpoint), secret: result.secret };
    },
  );
}
