import { Type } from 'typebox';
import { unreachable } from '../../assert.ts';
import { registerUser } from '../../users/register.ts';
import { anybody } from '../access.ts';
import type { Api, ApiContext } from '../context.ts';
import { sendProblem } from '../problem.ts';
import { nullable, problems, TokenSchema } from '../schemas.ts';
import { tokenBody } from '../token-body.ts';

const schema = {
  operationId: 'registerUser',
  tags: ['Sign-in'],
  summary: 'Register',
  description: 'Makes a user with one account, and signs them in.',
  body: Type.Object(
    {
      email: Type.String({ maxLength: 254 }),
      full_name: Type.String({ minLength: 1, maxLength: 200 }),
      password: Type.String({ maxLength: 256, description: '8 characters to 72 bytes.' }),
      webhook_url: Type.Optional(nullable<string>('string', { maxLength: 2000 })),
    },
    { additionalProperties: false },
  ),
  response: {
    201: TokenSchema,
    ...problems(
      'validation_failed',
      'malformed_json',
      'email_taken',
      'body_too_large',
      'unsupported_media_type',
      'rate_limit_exceeded',
      'overloaded',
      'database_away',
    ),
  },
};

export function authRegister(api: Api, context: ApiContext): void {
  const { database, passwords, sessions, limits } = context;
  api.post(
    '/api/v1/auth/register',
    { schema, config: anybody, preHandler: limits.login },
    async (request, reply) => {
      const result = await registerUser(database, passwords, request.body);
      switch (result.kind) {
        case 'registered': {
          const refreshToken = await sessions.open(database, result.user.id);
          return reply.code(201).send(tokenBody(context, result.user, refreshToken));
        }
        case 'invalid':
          return sendProblem(reply, 'validation_failed', {
            errors: result.faults.map(({ field, detail }) => ({ pointer: `#/${field}`, detail })),
          });
        case 'email_taken':
          return sendProblem(reply, 'email_taken');
        default:
          return unreachable(result);
      }
    },
  );
}
