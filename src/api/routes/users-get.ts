import { Type } from 'typebox';
import { selectUser } from '../../users/store.ts';
import type { Api, ApiContext } from '../context.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems, UserSchema } from '../schemas.ts';
import { subjectOf } from '../subject.ts';
import { userBody } from '../token-body.ts';

const schema = {
  operationId: 'getUser',
  tags: ['Users'],
  summary: 'Get a user',
  description: 'Oneself, or for an operator anybody.',
  params: Type.Object({ id: Type.String() }),
  response: { 200: UserSchema, ...problems(...guardCodes, 'user_not_found') },
};

/** One user: oneself, or for an operator anybody. */
export function usersGet(api: Api, { database, limits }: ApiContext): void {
  api.get(
    '/api/v1/users/:id',
    { schema, config: { access: { role: 'user', scope: 'read' } }, onRequest: limits.global },
    async (request, reply) => {
      const id = subjectOf(request, request.params.id);
      const user = id === null ? null : await selectUser(database, id);
      return user === null ? sendProblem(reply, 'user_not_found') : userBody(user);
    },
  );
}
