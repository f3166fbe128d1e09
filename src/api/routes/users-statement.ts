import { Type } from 'typebox';
import { parseCurrency } from '../../money.ts';
import {
  answerStatement,
  StatementSchema,
  statementFields,
  statementProblems,
} from '../account-statement.ts';
import type { Api, ApiContext } from '../context.ts';
import { readListNumbers } from '../payment-list.ts';
import { sendProblem } from '../problem.ts';
import { problems } from '../schemas.ts';
import { subjectOf } from '../subject.ts';

const schema = {
  operationId: 'getUserStatement',
  tags: ['Accounts'],
  summary: 'Get the statement of a user',
  description: 'What the account in a currency had, what was booked on it, and what it had then.',
  params: Type.Object({ id: Type.String() }),
  querystring: Type.Object(
    {
      ...statementFields,
      currency: Type.Optional(Type.String({ maxLength: 3, description: 'Of which account.' })),
    },
    { additionalProperties: false },
  ),
  response: {
    200: StatementSchema,
    ...statementProblems,
    ...problems('user_not_found', 'account_not_found'),
  },
};

/** What a user's account in a currency had, what was booked on it, and what it had then. */
export function usersStatement(api: Api, context: ApiContext): void {
  api.get(
    '/api/v1/users/:id/statement',
    {
      schema,
      config: { access: { role: 'user', scope: 'read' } },
      onRequest: context.limits.transactions,
      preValidation: readListNumbers,
    },
    async (request, reply) => {
      const userId = subjectOf(request, request.params.id);
      if (userId === null) return sendProblem(reply, 'user_not_found');
      const { currency: wanted, ...query } = request.query;
      const currency = wanted === undefined ? null : parseCurrency(wanted);
      const isUnknown = wanted !== undefined && currency === null;
      const account = isUnknown ? null : await context.accounts.find(userId, currency);
      if (account === null) return sendProblem(reply, 'account_not_found');
      return answerStatement(context, request, reply, { account, query });
    },
  );
}
