import { Type } from 'typebox';
import { selectStandings } from '../../ledger/accounts-store.ts';
import { AccountSchema, accountBody } from '../account-body.ts';
import type { Api, ApiContext } from '../context.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems } from '../schemas.ts';
import { subjectOf } from '../subject.ts';

const schema = {
  operationId: 'listAccounts',
  tags: ['Accounts'],
  summary: 'List accounts',
  description: 'The caller’s, one for each currency.',
  querystring: Type.Object(
    { user_id: Type.Optional(Type.String({ maxLength: 64, description: 'For operators.' })) },
    { additionalProperties: false },
  ),
  response: {
    200: Type.Object({ items: Type.Array(AccountSchema) }),
    ...problems(...guardCodes, 'validation_failed', 'user_not_found'),
  },
};

/** All accounts of a user, oldest first: as many as there are currencies at most, so one page. */
export function accountsList(api: Api, context: ApiContext): void {
  api.get(
    '/api/v1/accounts',
    {
      schema,
      config: { access: { role: 'user', scope: 'read' } },
      // It tells balances.
      onRequest: context.limits.balance,
    },
    async (request, reply) => {
      const userId = subjectOf(request, request.query.user_id ?? 'me');
      if (userId === null) return sendProblem(reply, 'user_not_found');
      const accounts = await selectStandings(context.database, userId);
      return { items: accounts.map(accountBody) };
    },
  );
}
