import { type Static, Type } from 'typebox';
import { type Balance, readBalance } from '../../ledger/balances.ts';
import { formatAmount, parseCurrency } from '../../money.ts';
import type { Api, ApiContext } from '../context.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems } from '../schemas.ts';
import { subjectOf } from '../subject.ts';

const BalanceSchema = Type.Object({
  account_id: Type.String({ format: 'uuid' }),
  balance: Type.String(),
  available: Type.String({ description: 'What a withdrawal may take now.' }),
  held: Type.String({ description: 'Reserved for withdrawals under way.' }),
  currency: Type.String(),
  as_of: Type.String({ format: 'date-time' }),
});

const schema = {
  params: Type.Object({ id: Type.String() }),
  querystring: Type.Object(
    { currency: Type.Optional(Type.String({ maxLength: 3 })) },
    { additionalProperties: false },
  ),
  response: {
    200: BalanceSchema,
    ...problems(...guardCodes, 'validation_failed', 'user_not_found', 'account_not_found'),
  },
};

export function usersBalance(api: Api, context: ApiContext): void {
  const { limits, database, accounts } = context;
  api.get(
    '/api/v1/users/:id/balance',
    { schema, config: { access: { role: 'user', scope: 'read' } }, onRequest: limits.balance },
    async (request, reply) => {
      const userId = subjectOf(request, request.params.id);
      if (userId === null) return sendProblem(reply, 'user_not_found');
      const wanted = request.query.currency;
      const currency = wanted === undefined ? null : parseCurrency(wanted);
      const isUnknown = wanted !== undefined && currency === null;
      const account = isUnknown ? null : await accounts.find(userId, currency);
      if (account === null) return sendProblem(reply, 'account_not_found');
      return balanceBody(await readBalance(database, account.id));
    },
  );
}

function balanceBody(balance: Balance): Static<typeof BalanceSchema> {
  const { currency } = balance;
  return {
    account_id: balance.accountId,
    balance: formatAmount(balance.balance, currency),
    available: formatAmount(balance.available, currency),
    held: formatAmount(balance.held, currency),
    currency,
    as_of: balance.asOf.toISOString(),
  };
}
