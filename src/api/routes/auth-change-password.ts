import { Type } from 'typebox';
import { changePassword } from '../../users/change-password.ts';
import { passwordFault } from '../../users/passwords.ts';
import { callerOf } from '../auth.ts';
import type { Api, ApiContext } from '../context.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems, TokenSchema } from '../schemas.ts';
import { tokenBody } from '../token-body.ts';

const schema = {
  operationId: 'changePassword',
  tags: ['Sign-in'],
  summary: 'Change the password',
  description:
    'Every token of before is dead; the answer has the only ones that count. API keys live on.',
  body: Type.Object(
    {
      current_password: Type.String({ maxLength: 256 }),
      new_password: Type.String({ maxLength: 256, description: '8 characters to 72 bytes.' }),
    },
    { additionalProperties: false },
  ),
  response: {
    200: TokenSchema,
    ...problems(
      ...guardCodes,
      'validation_failed',
      'malformed_json',
      'password_wrong',
      'body_too_large',
      'unsupported_media_type',
      'overloaded',
    ),
  },
};

/** Every token of before is dead; the answer has the only ones that count. API keys live on. */
export function authChangePassword(api: Api, context: ApiContext): void {
  api.post(
    '/api/v1/auth/change-password',
    {
      schema,
      config: { access: { role: 'user', scope: null } },
      onRequest: context.limits.password,
    },
    async (request, reply) => {
      const { current_password: current, new_password: wanted } = request.body;
      const detail = passwordFault(wanted);
      if (detail !== null)
        return sendProblem(reply, 'validation_failed', {
          errors: [{ pointer: '#/new_password', detail }],
        });
      const { userId } = callerOf(request);
      const change = { userId, current, wanted, requestId: request.id };
      const result = await changePassword(context, change);
      if (result.kind === 'wrong') return sendProblem(reply, 'password_wrong');
      context.auth.forget(userId);
      return tokenBody(context, result.user, result.refreshToken);
    },
  );
}
