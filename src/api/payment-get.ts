import { Type } from 'typebox';
import { parseId } from '../ids.ts';
import { readDetails } from '../payments/details.ts';
import { callerOf } from './auth.ts';
import type { Api, ApiContext } from './context.ts';
import { detailsBody, PaymentDetailsSchema } from './payment-details.ts';
import { sendProblem } from './problem.ts';
import { guardCodes, problems } from './schemas.ts';

const schema = {
  params: Type.Object({ id: Type.String() }),
  response: {
    200: PaymentDetailsSchema,
    ...problems(...guardCodes, 'payment_not_found'),
  },
};

const description = 'As it stands now, and what is known of how it ends.';
const words = {
  deposit: { operationId: 'getDeposit', tags: ['Payments'], summary: 'Get a deposit', description },
  withdrawal: {
    operationId: 'getWithdrawal',
    tags: ['Payments'],
    summary: 'Get a withdrawal',
    description,
  },
  refund: {
    operationId: 'getRefund',
    tags: ['Payments'],
    summary: 'Get a refund',
    description,
  },
  transfer: {
    operationId: 'getTransfer',
    tags: ['Payments'],
    summary: 'Get a transfer',
    description,
  },
};

/**
 * One payment of the caller. Somebody else's, one of the other kind and none at all look the same.
 */
export function paymentGet(api: Api, context: ApiContext, kind: keyof typeof words): void {
  const { limits, database } = context;
  api.get(
    `/api/v1/${kind}s/:id`,
    {
      schema: { ...schema, ...words[kind] },
      config: { access: { role: 'user', scope: 'read' } },
      onRequest: limits.global,
    },
    async (request, reply) => {
      const id = parseId<'payment'>(request.params.id);
      const { userId } = callerOf(request);
      const details = id === null ? null : await readDetails(database, { id, userId });
      if (details?.payment.kind !== kind) return sendProblem(reply, 'payment_not_found');
      return detailsBody(details);
    },
  );
}
