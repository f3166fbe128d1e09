import type { AcceptCommand } from '../payments/command.ts';
import type { Scope } from '../users/scopes.ts';
import type { Api, ApiContext } from './context.ts';
import {
  answerCommand,
  type CommandSource,
  commandCodes,
  commandConfig,
  pathOf,
} from './payment-command.ts';
import {
  type PaymentRequest,
  PaymentRequestSchema,
  parseRequestCurrency,
  parseTerms,
  type Refusal,
} from './payment-request.ts';
import { PaymentSchema, problems } from './schemas.ts';

/** What is asked for by amount and currency alone: the other side is the bank. */
export type CreatedKind = 'deposit' | 'withdrawal';

const schema = {
  body: PaymentRequestSchema,
  response: {
    202: PaymentSchema,
    ...problems(...commandCodes, 'unknown_currency', 'no_account_in_currency'),
  },
};

export function paymentCreate(api: Api, context: ApiContext, kind: CreatedKind): void {
  api.post(
    pathOf(kind),
    {
      schema: { ...schema, ...wordsOf(kind) },
      config: commandConfig(scopeOf(kind)),
      onRequest: context.limits.payment,
    },
    async (request, reply) =>
      answerCommand(context, request, reply, (source) =>
        readCommand(context, source, request.body, kind),
      ),
  );
}

export async function readCommand(
  context: ApiContext,
  source: CommandSource,
  body: PaymentRequest,
  kind: CreatedKind,
): Promise<AcceptCommand | Refusal> {
  const wanted = parseRequestCurrency(body);
  if ('refused' in wanted) return wanted;
  const account = await context.accounts.find(source.userId, wanted.currency);
  if (account === null) return noAccount(wanted.currency ?? 'any currency');
  const terms = parseTerms(body, account.currency);
  if ('refused' in terms) return terms;
  return {
    ...source,
    ...terms,
    accountId: account.id,
    kind,
    currency: account.currency,
    counterAccountId: null,
    counterUserId: null,
    relatedPaymentId: null,
    relatedAmountMinor: null,
  };
}

function wordsOf(kind: CreatedKind) {
  const description =
    'Kept before it is answered; a worker takes it to the bank, and a webhook tells how it ended. ' +
    'The same Idempotency-Key gets the same answer, whenever it comes again.';
  return kind === 'deposit'
    ? { operationId: 'createDeposit', tags: ['Payments'], summary: 'Deposit', description }
    : { operationId: 'createWithdrawal', tags: ['Payments'], summary: 'Withdraw', description };
}

export function scopeOf(kind: CreatedKind): Scope {
  return kind === 'deposit' ? 'deposits:write' : 'withdrawals:write';
}

export function noAccount(currency: string): Refusal {
  const errors = [{ pointer: '#/currency', detail: 'is a currency you have no account in' }];
  return { refused: 'no_account_in_currency', occurrence: { values: { currency }, errors } };
}
