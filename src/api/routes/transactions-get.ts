import { Type } from 'typebox';
import { parseId } from '../../ids.ts';
import { readDetails } from '../../payments/details.ts';
import { seesEverybody } from '../../users/roles.ts';
import { callerOf } from '../auth.ts';
import type { Api, ApiContext } from '../context.ts';
import { detailsBody, PaymentDetailsSchema } from '../payment-details.ts';
import { isTrailPart, readTrailBody, type TrailPart, trailParts } from '../payment-trail.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems } from '../schemas.ts';

const schema = {
  operationId: 'getTransaction',
  tags: ['Payments'],
  summary: 'Get a payment with its history',
  description:
    'A payment of any kind, with the parts of its history that `expand` names. An operator sees anybody’s.',
  params: Type.Object({ id: Type.String() }),
  querystring: Type.Object({
    expand: Type.Optional(
      Type.String({
        description: 'Of timeline, postings, attempts: which come along, with commas.',
      }),
    ),
  }),
  response: {
    200: Type.Object({ ...PaymentDetailsSchema.properties, ...trailParts }),
    ...problems(...guardCodes, 'validation_failed', 'payment_not_found'),
  },
};

/** A payment with all that happened to it. An operator sees anybody's, and what the bank said. */
export function transactionsGet(api: Api, context: ApiContext): void {
  const { limits, database } = context;
  api.get(
    '/api/v1/transactions/:id',
    { schema, config: { access: { role: 'user', scope: 'read' } }, onRequest: limits.global },
    async (request, reply) => {
      const parts = parseExpand(request.query.expand);
      if (parts === null)
        return sendProblem(reply, 'validation_failed', {
          errors: [{ parameter: 'expand', detail: 'is a list of timeline, postings, attempts' }],
        });
      const id = parseId<'payment'>(request.params.id);
      const caller = callerOf(request);
      const reader = { userId: seesEverybody(caller.role) ? null : caller.userId };
      const details = id === null ? null : await readDetails(database, { id, ...reader });
      if (details === null) return sendProblem(reply, 'payment_not_found');
      const trail = await readTrailBody(database, details, parts, reader);
      return { ...detailsBody(details), ...trail };
    },
  );
}

/** Null where a word of it is none of ours. */
function parseExpand(text = ''): ReadonlySet<TrailPart> | null {
  const words = text.split(',').map((word) => word.trim());
  const named = words.filter((word) => word !== '');
  const parts = named.filter(isTrailPart);
  return parts.length === named.length ? new Set(parts) : null;
}
