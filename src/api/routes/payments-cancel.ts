import { Type } from 'typebox';
import { present, unreachable } from '../../assert.ts';
import { parseId } from '../../ids.ts';
import { openCancel } from '../../payments/cancel.ts';
import { readPayment } from '../../payments/history.ts';
import { callerOf } from '../auth.ts';
import type { Api, ApiContext, Route } from '../context.ts';
import { paymentBody } from '../payment-body.ts';
import { pathOf } from '../payment-command.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, PaymentSchema, problems } from '../schemas.ts';

/** What a bank carries; a transfer is done before anybody could cancel it. */
const cancellable = [
  { kind: 'deposit', scope: 'deposits:write', operationId: 'cancelDeposit' },
  { kind: 'withdrawal', scope: 'withdrawals:write', operationId: 'cancelWithdrawal' },
  { kind: 'refund', scope: 'withdrawals:write', operationId: 'cancelRefund' },
] as const;

const schema = {
  tags: ['Payments'],
  description:
    'Only while it is PENDING: what a worker has taken to the bank cannot be called back. It ends ' +
    'as FAILED with CANCELLED, and what it held is free again.',
  params: Type.Object({ id: Type.String() }),
  response: {
    200: PaymentSchema,
    ...problems(
      ...guardCodes,
      'payment_not_found',
      'payment_not_pending',
      'overloaded',
      'account_busy',
      'outcome_unknown',
    ),
  },
};

/** The caller's own payments, at the address of each kind. */
export const paymentsCancel: readonly Route[] = cancellable.map(
  ({ kind, scope, operationId }) =>
    (api: Api, context: ApiContext) => {
      const { database, clock, limits } = context;
      const cancel = openCancel({ database, clock });
      api.post(
        `${pathOf(kind)}/:id/cancel`,
        {
          schema: { ...schema, operationId, summary: `Cancel a ${kind}` },
          config: { access: { role: 'user', scope } },
          onRequest: limits.global,
        },
        async (request, reply) => {
          const id = parseId<'payment'>(request.params.id);
          const { userId } = callerOf(request);
          const payment = id === null ? null : await readPayment(database.keyed, { id, userId });
          if (payment?.kind !== kind) return sendProblem(reply, 'payment_not_found');
          const { account_id: accountId, amount: amountMinor } = payment;
          const wish = { id: payment.id, userId, accountId, kind, amountMinor };
          const result = await cancel(wish);
          switch (result.kind) {
            case 'cancelled': {
              const after = await readPayment(database.keyed, { id: payment.id, userId });
              return paymentBody(present(after, 'a payment is never removed'));
            }
            case 'too_late': {
              const { status } = result;
              return sendProblem(reply, 'payment_not_pending', {
                values: { status },
                members: { status_of_payment: status },
              });
            }
            case 'account_busy':
              return sendProblem(reply, 'account_busy', { headers: { 'retry-after': '1' } });
            default:
              return unreachable(result);
          }
        },
      );
    },
);
