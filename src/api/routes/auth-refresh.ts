import { Type } from 'typebox';
import { anybody } from '../access.ts';
import type { Api, ApiContext } from '../context.ts';
import { sendProblem } from '../problem.ts';
import { problems, TokenSchema } from '../schemas.ts';
import { tokenBody } from '../token-body.ts';

const schema = {
  operationId: 'refreshTokens',
  tags: ['Sign-in'],
  summary: 'Stay signed in',
  description:
    'Exchanges a refresh token, once, for the next pair. One that is used again later ends its whole session.',
  body: Type.Object(
    { refresh_token: Type.String({ maxLength: 100 }) },
    { additionalProperties: false },
  ),
  response: {
    200: TokenSchema,
    ...problems(
      'validation_failed',
      'malformed_json',
      'refresh_token_refused',
      'body_too_large',
      'unsupported_media_type',
      'rate_limit_exceeded',
      'database_away',
    ),
  },
};

/** The next pair of tokens for the last refresh token. */
export function authRefresh(api: Api, context: ApiContext): void {
  api.post(
    '/api/v1/auth/refresh',
    { schema, config: anybody, onRequest: context.limits.address },
    async (request, reply) => {
      const result = await context.sessions.refresh(request.body.refresh_token, request.id);
      if (result.kind === 'refused')
        return sendProblem(reply, 'refresh_token_refused', {
          headers: { 'www-authenticate': 'Bearer realm="tollgate"' },
        });
      return tokenBody(context, result.user, result.refreshToken);
    },
  );
}
