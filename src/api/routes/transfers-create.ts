import { type Static, Type } from 'typebox';
import { parseId } from '../../ids.ts';
import { type ReceiverRow, selectReceiver } from '../../ledger/accounts-store.ts';
import type { AcceptCommand } from '../../payments/command.ts';
import type { Api, ApiContext } from '../context.ts';
import {
  answerCommand,
  type CommandSource,
  commandCodes,
  commandConfig,
  pathOf,
  receiverRefusal,
} from '../payment-command.ts';
import { noAccount } from '../payment-create.ts';
import {
  PaymentRequestSchema,
  parseRequestCurrency,
  parseTerms,
  type Refusal,
} from '../payment-request.ts';
import { PaymentSchema, problems } from '../schemas.ts';

const TransferRequestSchema = Type.Object(
  {
    to_account_id: Type.String({
      maxLength: 64,
      description: 'The `id` of an account in the same currency, as its owner has told it.',
    }),
    ...PaymentRequestSchema.properties,
  },
  { additionalProperties: false },
);

type TransferRequest = Static<typeof TransferRequestSchema>;

const schema = {
  operationId: 'createTransfer',
  tags: ['Payments'],
  summary: 'Transfer',
  description:
    'Between two accounts here, at once: the answer is the end, no bank is asked. Takes the ' +
    'caller’s account in the currency.',
  body: TransferRequestSchema,
  response: {
    201: PaymentSchema,
    ...problems(
      ...commandCodes,
      'unknown_currency',
      'no_account_in_currency',
      'receiver_not_found',
    ),
  },
};

export function transfersCreate(api: Api, context: ApiContext): void {
  api.post(
    pathOf('transfer'),
    { schema, config: commandConfig('withdrawals:write'), onRequest: context.limits.payment },
    async (request, reply) =>
      answerCommand(context, request, reply, (source) =>
        readTransfer(context, source, request.body),
      ),
  );
}

async function readTransfer(
  context: ApiContext,
  source: CommandSource,
  body: TransferRequest,
): Promise<AcceptCommand | Refusal> {
  const wanted = parseRequestCurrency(body);
  if ('refused' in wanted) return wanted;
  const account = await context.accounts.find(source.userId, wanted.currency);
  if (account === null) return noAccount(wanted.currency ?? 'any currency');
  const terms = parseTerms(body, account.currency);
  if ('refused' in terms) return terms;
  const receiver = await findReceiver(context, body.to_account_id);
  if (receiver?.id === account.id) return toItself;
  // An account in another currency looks like none: what others have is nobody's business.
  if (receiver?.currency !== account.currency) return receiverRefusal;
  return {
    ...source,
    ...terms,
    accountId: account.id,
    kind: 'transfer',
    currency: account.currency,
    counterAccountId: receiver.id,
    counterUserId: receiver.userId,
    relatedPaymentId: null,
    relatedAmountMinor: null,
  };
}

/** By an account's id alone: an e-mail would tell who is a customer. */
async function findReceiver(context: ApiContext, text: string): Promise<ReceiverRow | null> {
  const id = parseId<'account'>(text);
  return id === null ? null : selectReceiver(context.database.keyed, id);
}

const toItself: Refusal = {
  refused: 'validation_failed',
  occurrence: {
    errors: [{ pointer: '#/to_account_id', detail: 'is the account that the money comes from' }],
  },
};
