import type { FastifyReply } from 'fastify';
import { type Static, Type } from 'typebox';
import { type Balance, readBalance } from '../../ledger/balances.ts';
import { type PastBalance, readPastBalance } from '../../ledger/statement.ts';
import { formatAmount, parseCurrency } from '../../money.ts';
import type { Api, ApiContext } from '../context.ts';
import { instantFault, parseInstant } from '../instant.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems } from '../schemas.ts';
import { subjectOf } from '../subject.ts';

const BalanceSchema = Type.Object({
  account_id: Type.String({ format: 'uuid' }),
  balance: Type.String(),
  available: Type.Optional(
    Type.String({ description: 'What a withdrawal may take now; absent beside `as_of`.' }),
  ),
  held: Type.Optional(
    Type.String({ description: 'Reserved for withdrawals under way; absent beside `as_of`.' }),
  ),
  currency: Type.String(),
  as_of: Type.String({ format: 'date-time' }),
});

const schema = {
  operationId: 'getBalance',
  tags: ['Accounts'],
  summary: 'Get a balance',
  description: 'Now, or as it was booked before a moment of the past.',
  params: Type.Object({ id: Type.String() }),
  querystring: Type.Object(
    {
      currency: Type.Optional(Type.String({ maxLength: 3 })),
      as_of: Type.Optional(
        Type.String({
          maxLength: 40,
          description: 'RFC 3339, or a day (UTC): all that was booked before then.',
          examples: ['2026-01-31T12:00:00Z'],
        }),
      ),
    },
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
      const { as_of: asked } = request.query;
      if (asked === undefined) return balanceBody(await readBalance(database, account.id));
      const asOf = parseInstant(asked);
      if (asOf === null) return refuse(reply, instantFault);
      const past = await readPastBalance(database, account.id, asOf);
      return past === null ? refuse(reply, 'is in the future') : pastBody(past);
    },
  );
}

function refuse(reply: FastifyReply, detail: string): FastifyReply {
  return sendProblem(reply, 'validation_failed', { errors: [{ parameter: 'as_of', detail }] });
}

/** Holds are not booked: what was held then is nowhere. */
function pastBody(past: PastBalance): Static<typeof BalanceSchema> {
  const { accountId, currency, asOf } = past;
  const balance = formatAmount(past.balance, currency);
  return { account_id: accountId, balance, currency, as_of: asOf.toISOString() };
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
