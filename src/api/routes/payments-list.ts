import { seesEverybody } from '../../users/roles.ts';
import { callerOf } from '../auth.ts';
import type { Api, ApiContext, Route } from '../context.ts';
import { answerList, listProblems, PageSchema, readListNumbers } from '../payment-list.ts';
import { AllTransactionsQuerySchema, KindListQuerySchema } from '../payment-list-query.ts';
import { sendProblem } from '../problem.ts';
import { subjectOf } from '../subject.ts';

/** The lists by kind, each at its own address, and all of them at one. */
const lists = [
  { name: 'deposits', kind: 'deposit', operationId: 'listDeposits', summary: 'List deposits' },
  {
    name: 'withdrawals',
    kind: 'withdrawal',
    operationId: 'listWithdrawals',
    summary: 'List withdrawals',
  },
  { name: 'refunds', kind: 'refund', operationId: 'listRefunds', summary: 'List refunds' },
  { name: 'transfers', kind: 'transfer', operationId: 'listTransfers', summary: 'List transfers' },
  {
    name: 'transactions',
    kind: null,
    operationId: 'listTransactions',
    summary: 'List payments of every kind',
  },
] as const;

const words = {
  tags: ['Payments'],
  description:
    'Newest first, with filters, page by page or as a file: the caller’s own; an operator’s are everybody’s, or one user’s.',
};

/** The caller's; an operator's are everybody's, or one user's by `user_id`. */
export const paymentsLists: readonly Route[] = lists.map(
  (list) => (api: Api, context: ApiContext) => {
    const querystring = list.kind === null ? AllTransactionsQuerySchema : KindListQuerySchema;
    api.get(
      `/api/v1/${list.name}`,
      {
        schema: {
          ...words,
          operationId: list.operationId,
          summary: list.summary,
          querystring,
          response: { 200: PageSchema, ...listProblems },
        },
        config: { access: { role: 'user', scope: 'read' } },
        onRequest: context.limits.transactions,
        preValidation: readListNumbers,
      },
      async (request, reply) => {
        const { user_id: asked, ...query } = request.query;
        const isOperator = seesEverybody(callerOf(request).role);
        const userId =
          asked === undefined && isOperator ? 'everybody' : subjectOf(request, asked ?? 'me');
        if (userId === null) return sendProblem(reply, 'user_not_found');
        const kind = list.kind === null ? {} : { type: list.kind };
        return answerList(context, request, reply, {
          name: list.name,
          userId,
          query: { ...query, ...kind },
        });
      },
    );
  },
);
