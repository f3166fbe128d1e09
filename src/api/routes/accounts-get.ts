import { Type } from 'typebox';
import { parseId } from '../../ids.ts';
import { selectStanding } from '../../ledger/accounts-store.ts';
import { seesEverybody } from '../../users/roles.ts';
import { AccountSchema, accountBody } from '../account-body.ts';
import { callerOf } from '../auth.ts';
import type { Api, ApiContext } from '../context.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems } from '../schemas.ts';

const schema = {
  operationId: 'getAccount',
  tags: ['Accounts'],
  summary: 'Get an account',
  description: 'One’s own, or for an operator anybody’s.',
  params: Type.Object({ id: Type.String() }),
  response: { 200: AccountSchema, ...problems(...guardCodes, 'account_not_found') },
};

/** One account. Somebody else's, a system's and none at all look the same. */
export function accountsGet(api: Api, context: ApiContext): void {
  api.get(
    '/api/v1/accounts/:id',
    {
      schema,
      config: { access: { role: 'user', scope: 'read' } },
      // It tells a balance.
      onRequest: context.limits.balance,
    },
    async (request, reply) => {
      const id = parseId<'account'>(request.params.id);
      const { userId, role } = callerOf(request);
      const owner = seesEverybody(role) ? null : userId;
      const account = id === null ? null : await selectStanding(context.database, { id, owner });
      return account === null ? sendProblem(reply, 'account_not_found') : accountBody(account);
    },
  );
}
