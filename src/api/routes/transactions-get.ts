import { type Static, Type } from 'typebox';
import { parseId } from '../../ids.ts';
import { formatAmount } from '../../money.ts';
import { readPayment, readTrail, type Trail } from '../../payments/history.ts';
import { seesEverybody } from '../../users/roles.ts';
import { callerOf } from '../auth.ts';
import type { Api, ApiContext } from '../context.ts';
import { paymentBody } from '../payment-body.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, nullable, PaymentSchema, problems } from '../schemas.ts';

const TrailSchema = Type.Object({
  timeline: Type.Array(
    Type.Object({
      version: Type.Integer(),
      type: Type.String(),
      at: Type.String({ format: 'date-time' }),
      data: Type.Unsafe<unknown>({}),
    }),
  ),
  attempts: Type.Array(
    Type.Object({
      number: Type.Integer(),
      contact: Type.Enum(['submit', 'inquire']),
      outcome: Type.String(),
      started_at: Type.String({ format: 'date-time' }),
      ended_at: Type.String({ format: 'date-time' }),
      worker: Type.Optional(Type.String({ description: 'For operators.' })),
      evidence: Type.Optional(Type.String({ description: 'For operators.' })),
    }),
  ),
  postings: Type.Array(
    Type.Object({
      account_id: Type.String({ format: 'uuid' }),
      account_kind: Type.Enum(['user', 'clearing', 'suspense']),
      seq: Type.String(),
      amount: Type.String({ description: 'Signed.' }),
      currency: Type.String(),
      balance_after: nullable<string>('string'),
      posted_at: Type.String({ format: 'date-time' }),
    }),
  ),
});

const schema = {
  params: Type.Object({ id: Type.String() }),
  response: {
    200: Type.Object({ ...PaymentSchema.properties, ...TrailSchema.properties }),
    ...problems(...guardCodes, 'payment_not_found'),
  },
};

/** A payment with all that happened to it. An operator sees anybody's, and what the bank said. */
export function transactionsGet(api: Api, context: ApiContext): void {
  const { limits, database } = context;
  api.get(
    '/api/v1/transactions/:id',
    { schema, config: { access: { role: 'user', scope: 'read' } }, onRequest: limits.global },
    async (request, reply) => {
      const id = parseId<'payment'>(request.params.id);
      const { userId, role } = callerOf(request);
      const isOperator = seesEverybody(role);
      const owner = isOperator ? null : userId;
      const payment = id === null ? null : await readPayment(database, { id, userId: owner });
      if (payment === null) return sendProblem(reply, 'payment_not_found');
      const trail = await readTrail(database, { id: payment.id, userId: owner });
      return { ...paymentBody(payment), ...trailBody(trail, isOperator) };
    },
  );
}

function trailBody(trail: Trail, isOperator: boolean): Static<typeof TrailSchema> {
  return {
    timeline: trail.events.map((event) => ({
      version: event.version,
      type: event.type,
      at: event.created_at.toISOString(),
      data: JSON.parse(event.data),
    })),
    attempts: trail.attempts.map((attempt, index) => ({
      number: index + 1,
      contact: attempt.contact,
      outcome: attempt.outcome,
      started_at: attempt.started_at.toISOString(),
      ended_at: attempt.ended_at.toISOString(),
      ...(isOperator ? { worker: attempt.worker, evidence: attempt.evidence } : {}),
    })),
    postings: trail.postings.map((posting) => ({
      account_id: posting.account_id,
      account_kind: posting.account_kind,
      seq: String(posting.seq),
      amount: formatAmount(posting.amount, posting.currency),
      currency: posting.currency,
      balance_after:
        posting.balance_after === null
          ? null
          : formatAmount(posting.balance_after, posting.currency),
      posted_at: posting.posted_at.toISOString(),
    })),
  };
}
