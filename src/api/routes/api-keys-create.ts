import { Type } from 'typebox';
import { createKey } from '../../users/api-keys.ts';
import { apiKeyBody, ExpirySchema, FreshApiKeySchema, ScopesSchema } from '../api-key-body.ts';
import { ownerOf, parseExpiry, scopeFaults } from '../api-key-wish.ts';
import { actorOf, callerOf } from '../auth.ts';
import type { Api, ApiContext } from '../context.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems } from '../schemas.ts';

const schema = {
  operationId: 'createApiKey',
  tags: ['API keys'],
  summary: 'Create an API key',
  description: 'A key for a machine. It is shown in this answer and never again.',
  body: Type.Object(
    {
      name: Type.String({ pattern: '\\S', maxLength: 100 }),
      scopes: ScopesSchema,
      expires_at: Type.Optional(ExpirySchema),
    },
    { additionalProperties: false },
  ),
  response: {
    201: FreshApiKeySchema,
    ...problems(
      ...guardCodes,
      'validation_failed',
      'malformed_json',
      'too_many_api_keys',
      'body_too_large',
      'unsupported_media_type',
    ),
  },
};

/** A key for a machine. It is shown in this answer and never again. */
export function apiKeysCreate(api: Api, context: ApiContext): void {
  api.post(
    '/api/v1/api-keys',
    {
      schema,
      config: { access: { role: 'user', scope: 'admin:*' } },
      onRequest: context.limits.global,
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const { name, scopes, expires_at } = request.body;
      const expiry = parseExpiry(expires_at, context.clock);
      const errors = 'faults' in expiry ? expiry.faults : scopeFaults(caller, scopes);
      if ('faults' in expiry || errors.length > 0)
        return sendProblem(reply, 'validation_failed', { errors });
      const wish = { name: name.trim(), scopes, expiresAt: expiry.expiresAt ?? null };
      const by = { actor: actorOf(caller), requestId: request.id };
      const result = await createKey(context.database, ownerOf(caller, context), wish, by);
      if (result.kind === 'too_many') return sendProblem(reply, 'too_many_api_keys');
      return reply.code(201).send({ ...apiKeyBody(result.key), key: result.secret });
    },
  );
}
