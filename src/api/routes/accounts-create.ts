import { Type } from 'typebox';
import { openAccount } from '../../ledger/open-account.ts';
import { parseCurrency } from '../../money.ts';
import { AccountSchema, accountBody } from '../account-body.ts';
import { callerOf } from '../auth.ts';
import type { Api, ApiContext } from '../context.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems } from '../schemas.ts';

const schema = {
  operationId: 'openAccount',
  tags: ['Accounts'],
  summary: 'Open an account',
  description: 'One for each currency.',
  body: Type.Object(
    { currency: Type.String({ maxLength: 3, description: 'ISO 4217.', examples: ['EUR'] }) },
    { additionalProperties: false },
  ),
  response: {
    200: AccountSchema,
    201: AccountSchema,
    ...problems(
      ...guardCodes,
      'validation_failed',
      'malformed_json',
      'unknown_currency',
      'body_too_large',
      'unsupported_media_type',
    ),
  },
};

/** 201 with a new account, 200 with the one that there was: to ask again is always safe. */
export function accountsCreate(api: Api, context: ApiContext): void {
  api.post(
    '/api/v1/accounts',
    {
      schema,
      config: { access: { role: 'user', scope: 'deposits:write' } },
      onRequest: context.limits.global,
    },
    async (request, reply) => {
      const currency = parseCurrency(request.body.currency);
      if (currency === null) {
        const detail = 'is not an ISO 4217 currency that we know';
        return sendProblem(reply, 'unknown_currency', {
          errors: [{ pointer: '#/currency', detail }],
        });
      }
      const { userId } = callerOf(request);
      const { account, isNew } = await openAccount(context.database, { userId, currency });
      reply.header('location', `/api/v1/accounts/${account.id}`);
      return reply.code(isNew ? 201 : 200).send(accountBody(account));
    },
  );
}
