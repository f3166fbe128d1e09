import { Type } from 'typebox';
import { present, unreachable } from '../../assert.ts';
import { resolvePayment } from '../../failed-tasks/resolve-payment.ts';
import { parseId } from '../../ids.ts';
import { readPayment } from '../../payments/history.ts';
import type { Api, ApiContext } from '../context.ts';
import { doneBy } from '../done-by.ts';
import { NoteSchema, operatorBodyCodes } from '../operator-body.ts';
import { paymentBody } from '../payment-body.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, PaymentSchema, problems } from '../schemas.ts';

const schema = {
  operationId: 'resolvePayment',
  tags: ['Operations'],
  summary: 'Decide an unknown outcome',
  description:
    'Ends a payment whose outcome nobody knows by an operator’s decision, with a reason.',
  params: Type.Object({ id: Type.String() }),
  body: Type.Object(
    {
      outcome: Type.Enum(['succeeded', 'failed']),
      reason: NoteSchema,
      bank_transaction_id: Type.Optional(Type.String({ pattern: '^[\\x21-\\x7e]{1,100}$' })),
      evidence: Type.Optional(NoteSchema),
    },
    { additionalProperties: false },
  ),
  response: {
    200: PaymentSchema,
    ...problems(
      ...guardCodes,
      ...operatorBodyCodes,
      'payment_not_found',
      'payment_final',
      'payment_not_unknown',
      'payment_in_contact',
    ),
  },
};

/** Ends a payment whose outcome nobody knows by an operator's decision. */
export function paymentsResolve(api: Api, context: ApiContext): void {
  const { limits, database, resolve } = context;
  api.post(
    '/api/v1/transactions/:id/resolve',
    {
      schema,
      config: { access: { role: 'operator', scope: 'admin:*' } },
      onRequest: limits.global,
    },
    async (request, reply) => {
      const id = parseId<'payment'>(request.params.id);
      if (id === null) return sendProblem(reply, 'payment_not_found');
      const { outcome, reason, bank_transaction_id = null, evidence = null } = request.body;
      if (outcome === 'failed' && bank_transaction_id !== null)
        return sendProblem(reply, 'validation_failed', {
          errors: [
            { pointer: '#/bank_transaction_id', detail: 'is of a payment that succeeded only' },
          ],
        });
      const decision =
        outcome === 'failed'
          ? { as: outcome, evidence }
          : { as: outcome, bankTransactionId: bank_transaction_id, evidence };
      const done = doneBy(request, reason);
      const result = await resolvePayment({ database, resolve }, id, decision, done);
      switch (result.kind) {
        case 'resolved': {
          const payment = await readPayment(database, { id, userId: null });
          return paymentBody(present(payment, 'a payment is never removed'));
        }
        case 'final':
          return sendProblem(reply, 'payment_final');
        case 'not_found':
          return sendProblem(reply, 'payment_not_found');
        case 'no_evidence':
          return sendProblem(reply, 'validation_failed', {
            errors: [{ pointer: '#', detail: 'must have bank_transaction_id or evidence' }],
          });
        case 'not_unknown':
          return sendProblem(reply, 'payment_not_unknown');
        case 'in_contact':
          return sendProblem(reply, 'payment_in_contact');
        default:
          return unreachable(result);
      }
    },
  );
}
