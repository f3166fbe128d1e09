import { Type } from 'typebox';
import { unreachable } from '../../assert.ts';
import { parseId } from '../../ids.ts';
import { rotateKey } from '../../users/api-keys.ts';
import { ApiKeySchema, apiKeyBody, ExpirySchema, FreshApiKeySchema } from '../api-key-body.ts';
import { ownerOf, parseExpiry } from '../api-key-wish.ts';
import { actorOf, callerOf } from '../auth.ts';
import type { Api, ApiContext } from '../context.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems } from '../schemas.ts';

const daySeconds = 86_400;

const schema = {
  operationId: 'rotateApiKey',
  tags: ['API keys'],
  summary: 'Rotate an API key',
  description: 'A successor with the same name and scopes. Both keys count until the overlap ends.',
  params: Type.Object({ id: Type.String() }),
  body: Type.Object(
    {
      overlap_seconds: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 7 * daySeconds,
          description: 'How long the old key still counts. Default: a day.',
        }),
      ),
      expires_at: Type.Optional(ExpirySchema),
    },
    { additionalProperties: false },
  ),
  response: {
    201: Type.Object({ ...FreshApiKeySchema.properties, replaced: ApiKeySchema }),
    ...problems(
      ...guardCodes,
      'validation_failed',
      'malformed_json',
      'api_key_not_found',
      'api_key_not_active',
      'too_many_api_keys',
      'body_too_large',
      'unsupported_media_type',
    ),
  },
};

/**
 * A successor with the same name and scopes. Both keys count until the overlap ends, so that no
 * machine is shut out while it changes over.
 */
export function apiKeysRotate(api: Api, context: ApiContext): void {
  api.post(
    '/api/v1/api-keys/:id/rotate',
    {
      schema,
      config: { access: { role: 'user', scope: 'admin:*' } },
      onRequest: context.limits.global,
    },
    async (request, reply) => {
      const { overlap_seconds: overlapSeconds = daySeconds, expires_at } = request.body;
      const expiry = parseExpiry(expires_at, context.clock);
      if ('faults' in expiry)
        return sendProblem(reply, 'validation_failed', { errors: expiry.faults });
      const id = parseId<'apiKey'>(request.params.id);
      if (id === null) return sendProblem(reply, 'api_key_not_found');
      const caller = callerOf(request);
      const { expiresAt } = expiry;
      const wish = { id, overlapSeconds, ...(expiresAt === undefined ? {} : { expiresAt }) };
      const by = { actor: actorOf(caller), requestId: request.id };
      const result = await rotateKey(context.database, ownerOf(caller, context), wish, by);
      switch (result.kind) {
        case 'created': {
          const fresh = { ...apiKeyBody(result.key), key: result.secret };
          return reply.code(201).send({ ...fresh, replaced: apiKeyBody(result.replaced) });
        }
        case 'not_found':
          return sendProblem(reply, 'api_key_not_found');
        case 'not_active':
          return sendProblem(reply, 'api_key_not_active');
        case 'too_many':
          return sendProblem(reply, 'too_many_api_keys');
        default:
          return unreachable(result);
      }
    },
  );
}
