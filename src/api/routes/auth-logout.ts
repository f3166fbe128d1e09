import { Type } from 'typebox';
import { anybody } from '../access.ts';
import type { Api, ApiContext } from '../context.ts';
import { problems } from '../schemas.ts';

const schema = {
  operationId: 'logout',
  tags: ['Sign-in'],
  summary: 'Sign out',
  description: 'Ends the session of a refresh token; an unknown one gets the same answer.',
  body: Type.Object(
    {
      refresh_token: Type.String({ maxLength: 100 }),
      everywhere: Type.Optional(
        Type.Boolean({ description: 'All sessions, and every access token issued so far.' }),
      ),
    },
    { additionalProperties: false },
  ),
  response: {
    204: Type.Null(),
    ...problems(
      'validation_failed',
      'malformed_json',
      'body_too_large',
      'unsupported_media_type',
      'rate_limit_exceeded',
      'database_away',
    ),
  },
};

/**
 * Ends the session of a refresh token, whose holder needs no other proof: an access token may have
 * expired by then. A token that is none of ours gets the same answer (RFC 7009 section 2.2).
 */
export function authLogout(api: Api, context: ApiContext): void {
  const { limits, sessions, auth } = context;
  api.post(
    '/api/v1/auth/logout',
    { schema, config: anybody, onRequest: limits.address },
    async (request, reply) => {
      const { refresh_token, everywhere = false } = request.body;
      const userId = await sessions.end(refresh_token, { everywhere, requestId: request.id });
      if (userId !== null) auth.forget(userId);
      return reply.code(204).send(null);
    },
  );
}
