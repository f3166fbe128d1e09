import { Type } from 'typebox';
import { unreachable } from '../../assert.ts';
import { parseId } from '../../ids.ts';
import { changeRights } from '../../users/administration.ts';
import { actorOf, callerOf } from '../auth.ts';
import type { Api, ApiContext } from '../context.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems, UserSchema } from '../schemas.ts';
import { userBody } from '../token-body.ts';

const schema = {
  operationId: 'updateUser',
  tags: ['Users'],
  summary: 'Change the rights of a user',
  description: 'An administrator decides who is who. Whoever is changed signs in again.',
  params: Type.Object({ id: Type.String() }),
  body: Type.Object(
    {
      role: Type.Optional(Type.Enum(['user', 'operator', 'admin'])),
      is_active: Type.Optional(Type.Boolean()),
    },
    { additionalProperties: false, minProperties: 1 },
  ),
  response: {
    200: UserSchema,
    ...problems(
      ...guardCodes,
      'validation_failed',
      'malformed_json',
      'user_not_found',
      'last_administrator',
      'body_too_large',
      'unsupported_media_type',
    ),
  },
};

/** An administrator decides who is who. Whoever is changed signs in again. */
export function usersUpdate(api: Api, { database, limits, auth }: ApiContext): void {
  api.patch(
    '/api/v1/users/:id',
    { schema, config: { access: { role: 'admin', scope: 'admin:*' } }, onRequest: limits.global },
    async (request, reply) => {
      const { role, is_active: isActive } = request.body;
      const userId = parseId<'user'>(request.params.id);
      if (userId === null) return sendProblem(reply, 'user_not_found');
      const change = {
        userId,
        ...(role === undefined ? {} : { role }),
        ...(isActive === undefined ? {} : { isActive }),
      };
      const by = { actor: actorOf(callerOf(request)), requestId: request.id };
      const result = await changeRights(database, change, by);
      switch (result.kind) {
        case 'changed':
          auth.forget(userId);
          return userBody(result.user);
        case 'not_found':
          return sendProblem(reply, 'user_not_found');
        case 'last_administrator':
          return sendProblem(reply, 'last_administrator');
        default:
          return unreachable(result);
      }
    },
  );
}
