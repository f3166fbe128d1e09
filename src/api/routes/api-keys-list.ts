import { Type } from 'typebox';
import { parseId } from '../../ids.ts';
import { selectKeys } from '../../users/api-keys-store.ts';
import { ApiKeySchema, apiKeyBody } from '../api-key-body.ts';
import { callerOf } from '../auth.ts';
import type { Api, ApiContext } from '../context.ts';
import { readListNumbers } from '../payment-list.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, nullable, problems } from '../schemas.ts';

const schema = {
  operationId: 'listApiKeys',
  tags: ['API keys'],
  summary: 'List API keys',
  description: 'The caller’s keys, newest first, those that no longer count among them.',
  querystring: Type.Object(
    {
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'Default 20.' })),
      cursor: Type.Optional(
        Type.String({ maxLength: 64, description: 'The next_cursor of the page before.' }),
      ),
    },
    { additionalProperties: false },
  ),
  response: {
    200: Type.Object({
      items: Type.Array(ApiKeySchema),
      next_cursor: nullable<string>('string'),
      limit: Type.Integer(),
    }),
    ...problems(...guardCodes, 'validation_failed'),
  },
};

/** The caller's keys, newest first, those that no longer count among them. */
export function apiKeysList(api: Api, { database, limits }: ApiContext): void {
  api.get(
    '/api/v1/api-keys',
    {
      schema,
      config: { access: { role: 'user', scope: 'read' } },
      onRequest: limits.global,
      preValidation: readListNumbers,
    },
    async (request, reply) => {
      const { limit = 20, cursor } = request.query;
      const before = cursor === undefined ? null : parseId<'apiKey'>(cursor);
      if (cursor !== undefined && before === null)
        return sendProblem(reply, 'validation_failed', {
          errors: [{ parameter: 'cursor', detail: 'is not one of ours' }],
        });
      const { userId } = callerOf(request);
      const keys = await selectKeys(database, { userId, before, limit: limit + 1 });
      const items = keys.slice(0, limit);
      return {
        items: items.map(apiKeyBody),
        next_cursor: keys.length > limit ? (items.at(-1)?.id ?? null) : null,
        limit,
      };
    },
  );
}
