import { Type } from 'typebox';
import type { Api, ApiContext } from '../context.ts';
import {
  listProblems,
  PageSchema,
  readListNumbers,
  readPage,
  TransactionsQuerySchema,
} from '../payment-list.ts';
import { sendProblem } from '../problem.ts';
import { problems } from '../schemas.ts';
import { subjectOf } from '../subject.ts';

const schema = {
  params: Type.Object({ id: Type.String() }),
  querystring: TransactionsQuerySchema,
  response: { 200: PageSchema, ...listProblems, ...problems('user_not_found') },
};

export function usersTransactions(api: Api, context: ApiContext): void {
  const { limits } = context;
  api.get(
    '/api/v1/users/:id/transactions',
    {
      schema,
      config: { access: { role: 'user', scope: 'read' } },
      onRequest: limits.transactions,
      preValidation: readListNumbers,
    },
    async (request, reply) => {
      const userId = subjectOf(request, request.params.id);
      if (userId === null) return sendProblem(reply, 'user_not_found');
      const page = await readPage(context, userId, request.query);
      if ('faults' in page) return sendProblem(reply, 'validation_failed', { errors: page.faults });
      return page;
    },
  );
}
