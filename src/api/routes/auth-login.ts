import { Type } from 'typebox';
import { loginUser } from '../../users/login.ts';
import { anybody } from '../access.ts';
import type { Api, ApiContext } from '../context.ts';
import { sendProblem } from '../problem.ts';
import { problems, TokenSchema } from '../schemas.ts';
import { tokenBody } from '../token-body.ts';

const schema = {
  operationId: 'login',
  tags: ['Sign-in'],
  summary: 'Sign in',
  description: 'An e-mail and a password for an access token and a refresh token.',
  body: Type.Object(
    { email: Type.String({ maxLength: 254 }), password: Type.String({ maxLength: 256 }) },
    { additionalProperties: false },
  ),
  response: {
    200: TokenSchema,
    ...problems(
      'validation_failed',
      'malformed_json',
      'invalid_credentials',
      'body_too_large',
      'unsupported_media_type',
      'rate_limit_exceeded',
      'overloaded',
      'database_away',
    ),
  },
};

export function authLogin(api: Api, context: ApiContext): void {
  const { limits } = context;
  api.post(
    '/api/v1/auth/login',
    { schema, config: anybody, preHandler: limits.login },
    async (request, reply) => {
      const result = await loginUser(context, request.body);
      if (result.kind === 'refused')
        return sendProblem(reply, 'invalid_credentials', {
          headers: { 'www-authenticate': 'Bearer realm="tollgate"' },
        });
      return tokenBody(context, result.user, result.refreshToken);
    },
  );
}
