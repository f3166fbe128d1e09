import { Type } from 'typebox';
import { parseId } from '../../ids.ts';
import { endKey } from '../../users/api-keys.ts';
import { actorOf, callerOf } from '../auth.ts';
import type { Api, ApiContext } from '../context.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems } from '../schemas.ts';

const schema = {
  operationId: 'revokeApiKey',
  tags: ['API keys'],
  summary: 'Revoke an API key',
  description:
    'Dead here at once, and everywhere within seconds. A second time is as good as the first.',
  params: Type.Object({ id: Type.String() }),
  response: { 204: Type.Null(), ...problems(...guardCodes, 'api_key_not_found') },
};

/** Dead here at once, and everywhere within seconds. A second time is as good as the first. */
export function apiKeysRevoke(api: Api, { database, limits, auth }: ApiContext): void {
  api.delete(
    '/api/v1/api-keys/:id',
    { schema, config: { access: { role: 'user', scope: 'admin:*' } }, onRequest: limits.global },
    async (request, reply) => {
      const id = parseId<'apiKey'>(request.params.id);
      const caller = callerOf(request);
      const { userId } = caller;
      const by = { actor: actorOf(caller), requestId: request.id };
      const isFound = id !== null && (await endKey(database, { id, userId }, by));
      if (!isFound) return sendProblem(reply, 'api_key_not_found');
      auth.forget(userId);
      return reply.code(204).send(null);
    },
  );
}
