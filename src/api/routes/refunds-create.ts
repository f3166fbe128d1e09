import { type Static, Type } from 'typebox';
import { parseId } from '../../ids.ts';
import type { AcceptCommand } from '../../payments/command.ts';
import { readPayment } from '../../payments/history.ts';
import type { Api, ApiContext } from '../context.ts';
import {
  answerCommand,
  type CommandSource,
  commandCodes,
  commandConfig,
  pathOf,
} from '../payment-command.ts';
import { PaymentRequestSchema, parseTerms, type Refusal } from '../payment-request.ts';
import { PaymentSchema, problems } from '../schemas.ts';

const { amount, currency, description, metadata } = PaymentRequestSchema.properties;
const RefundRequestSchema = Type.Object(
  {
    deposit_id: Type.String({ maxLength: 64, description: 'A deposit of yours that succeeded.' }),
    amount,
    currency,
    description,
    metadata,
  },
  { additionalProperties: false },
);

type RefundRequest = Static<typeof RefundRequestSchema>;

const schema = {
  operationId: 'createRefund',
  tags: ['Payments'],
  summary: 'Refund',
  description:
    'Gives a deposit back, whole or in parts, through the bank. The funds are held until it ends; ' +
    'all refunds of a deposit that have not failed come to its amount at most.',
  body: RefundRequestSchema,
  response: {
    202: PaymentSchema,
    ...problems(
      ...commandCodes,
      'refund_exceeds_deposit',
      'payment_not_found',
      'deposit_not_settled',
    ),
  },
};

/**
 * At an address of its own, as every kind is, and not below its deposit: the deposit is a field, so
 * that a key used again for another deposit is told which field differs.
 */
export function refundsCreate(api: Api, context: ApiContext): void {
  api.post(
    pathOf('refund'),
    { schema, config: commandConfig('withdrawals:write'), onRequest: context.limits.payment },
    async (request, reply) =>
      answerCommand(context, request, reply, (source) => readRefund(context, source, request.body)),
  );
}

/** What is read here of a deposit that has succeeded never changes: it needs no lock. */
async function readRefund(
  { database }: ApiContext,
  source: CommandSource,
  body: RefundRequest,
): Promise<AcceptCommand | Refusal> {
  const id = parseId<'payment'>(body.deposit_id);
  const { userId } = source;
  const deposit = id === null ? null : await readPayment(database.keyed, { id, userId });
  if (deposit?.kind !== 'deposit') return { refused: 'payment_not_found' };
  const terms = parseTerms(body, deposit.currency);
  if ('refused' in terms) return terms;
  if ((body.currency ?? deposit.currency) !== deposit.currency) return anotherCurrency;
  const { status } = deposit;
  if (status !== 'SUCCESS')
    return { refused: 'deposit_not_settled', occurrence: { values: { status } } };
  return {
    ...source,
    ...terms,
    accountId: deposit.account_id,
    kind: 'refund',
    currency: deposit.currency,
    counterAccountId: null,
    counterUserId: null,
    relatedPaymentId: deposit.id,
    relatedAmountMinor: deposit.amount,
  };
}

const anotherCurrency: Refusal = {
  refused: 'validation_failed',
  occurrence: {
    errors: [{ pointer: '#/currency', detail: 'is not the currency of the deposit' }],
  },
};
