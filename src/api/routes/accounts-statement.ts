import { Type } from 'typebox';
import { parseId } from '../../ids.ts';
import { selectAccount } from '../../ledger/accounts-store.ts';
import { seesEverybody } from '../../users/roles.ts';
import {
  answerStatement,
  StatementSchema,
  statementFields,
  statementProblems,
} from '../account-statement.ts';
import { callerOf } from '../auth.ts';
import type { Api, ApiContext } from '../context.ts';
import { readListNumbers } from '../payment-list.ts';
import { sendProblem } from '../problem.ts';
import { problems } from '../schemas.ts';

const schema = {
  operationId: 'getAccountStatement',
  tags: ['Accounts'],
  summary: 'Get the statement of an account',
  description: 'What the account had, what was booked on it, and what it had then.',
  params: Type.Object({ id: Type.String() }),
  querystring: Type.Object(statementFields, { additionalProperties: false }),
  response: { 200: StatementSchema, ...statementProblems, ...problems('account_not_found') },
};

/** The statement of one account. Somebody else's, a system's and none at all look the same. */
export function accountsStatement(api: Api, context: ApiContext): void {
  api.get(
    '/api/v1/accounts/:id/statement',
    {
      schema,
      config: { access: { role: 'user', scope: 'read' } },
      onRequest: context.limits.transactions,
      preValidation: readListNumbers,
    },
    async (request, reply) => {
      const id = parseId<'account'>(request.params.id);
      const { userId, role } = callerOf(request);
      const owner = seesEverybody(role) ? null : userId;
      const account = id === null ? null : await selectAccount(context.database, { id, owner });
      if (account === null) return sendProblem(reply, 'account_not_found');
      return answerStatement(context, request, reply, { account, query: request.query });
    },
  );
}
