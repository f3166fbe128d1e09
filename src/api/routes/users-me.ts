import { selectUser } from '../../users/store.ts';
import { callerOf } from '../auth.ts';
import type { Api, ApiContext } from '../context.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems, UserSchema } from '../schemas.ts';
import { userBody } from '../token-body.ts';

const schema = {
  operationId: 'getCurrentUser',
  tags: ['Users'],
  summary: 'Who am I',
  description: 'The user behind the token or API key.',
  response: {
    200: UserSchema,
    ...problems(...guardCodes),
  },
};

export function usersMe(api: Api, context: ApiContext): void {
  const { limits, database } = context;
  api.get(
    '/api/v1/users/me',
    { schema, config: { access: { role: 'user', scope: 'read' } }, onRequest: limits.global },
    async (request, reply) => {
      const user = await selectUser(database, callerOf(request).userId);
      return user === null ? sendProblem(reply, 'token_revoked') : userBody(user);
    },
  );
}
