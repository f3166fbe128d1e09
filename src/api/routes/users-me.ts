import { selectUser } from '../../users/store.ts';
import { callerOf } from '../auth.ts';
import type { Api, ApiContext } from '../context.ts';
import { sendProblem } from '../problem.ts';
import { problems, UserSchema } from '../schemas.ts';
import { userBody } from '../token-body.ts';

const schema = {
  response: {
    200: UserSchema,
    ...problems(
      'token_missing',
      'token_invalid',
      'token_expired',
      'token_revoked',
      'rate_limit_exceeded',
      'database_away',
    ),
  },
};

export function usersMe(api: Api, context: ApiContext): void {
  const { auth, limits, database } = context;
  api.get(
    '/api/v1/users/me',
    { schema, onRequest: [auth.token, auth.standing, limits.global] },
    async (request, reply) => {
      const user = await selectUser(database, callerOf(request).userId);
      return user === null ? sendProblem(reply, 'token_revoked') : userBody(user);
    },
  );
}
