import { Type } from 'typebox';
import { parseId } from '../ids.ts';
import { readPayment } from '../payments/history.ts';
import type { PaymentKind } from '../payments/states.ts';
import { callerOf } from './auth.ts';
import type { Api, ApiContext } from './context.ts';
import { paymentBody } from './payment-body.ts';
import { sendProblem } from './problem.ts';
import { PaymentSchema, problems } from './schemas.ts';

const schema = {
  params: Type.Object({ id: Type.String() }),
  response: {
    200: PaymentSchema,
    ...problems(
      'token_missing',
      'token_invalid',
      'token_expired',
      'token_revoked',
      'payment_not_found',
      'rate_limit_exceeded',
      'database_away',
    ),
  },
};

/**
 * One payment of the caller. Somebody else's, one of the other kind and none at all look the same.
 */
export function paymentGet(api: Api, context: ApiContext, kind: PaymentKind): void {
  const { auth, limits, database } = context;
  api.get(
    `/api/v1/${kind}s/:id`,
    { schema, onRequest: [auth.token, auth.standing, limits.global] },
    async (request, reply) => {
      const id = parseId<'payment'>(request.params.id);
      const { userId } = callerOf(request);
      const payment = id === null ? null : await readPayment(database, { id, userId });
      if (payment?.kind !== kind) return sendProblem(reply, 'payment_not_found');
      return paymentBody(payment);
    },
  );
}
