import { Type } from 'typebox';
import type { Api, ApiContext } from '../context.ts';
import { answerList, listProblems, PageSchema, readListNumbers } from '../payment-list.ts';
import { TransactionsQuerySchema } from '../payment-list-query.ts';
import { sendProblem } from '../problem.ts';
import { subjectOf } from '../subject.ts';

const schema = {
  operationId: 'listUserTransactions',
  tags: ['Payments'],
  summary: 'List the payments of a user',
  description: 'Newest first, with filters, page by page or as a file.',
  params: Type.Object({ id: Type.String() }),
  querystring: TransactionsQuerySchema,
  response: { 200: PageSchema, ...listProblems },
};

export function usersTransactions(api: Api, context: ApiContext): void {
  api.get(
    '/api/v1/users/:id/transactions',
    {
      schema,
      config: { access: { role: 'user', scope: 'read' } },
      onRequest: context.limits.transactions,
      preValidation: readListNumbers,
    },
    async (request, reply) => {
      const userId = subjectOf(request, request.params.id);
      if (userId === null) return sendProblem(reply, 'user_not_found');
      const { query } = request;
      return answerList(context, request, reply, { name: 'transactions', userId, query });
    },
  );
}
