import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { FeedFilter } from '../feed/event.ts';
import { parseId } from '../ids.ts';
import { seesEverybody } from '../users/roles.ts';
import { parseEventTypes } from '../webhooks/event-types.ts';
import { callerOf } from './auth.ts';
import type { Parsed } from './payment-list-query.ts';
import type { Fault } from './problem.ts';
import { subjectOf } from './subject.ts';

/** What a reader of events may ask for, in pages as in a stream. */
export const eventFilterFields = {
  type: Type.Optional(
    Type.String({
      maxLength: 500,
      description: 'Comma separated; `deposit.*` is every type of deposits.',
      examples: ['deposit.succeeded,withdrawal.*'],
    }),
  ),
  transaction_id: Type.Optional(Type.String({ maxLength: 64 })),
  user_id: Type.Optional(
    Type.String({ maxLength: 64, description: 'For operators, who see everybody’s without it.' }),
  ),
};

export interface EventQuery {
  readonly type?: string;
  readonly transaction_id?: string;
  readonly user_id?: string;
}

/** The caller's own events; an operator's are everybody's, or one user's. */
export function parseEventFilter(
  request: FastifyRequest,
  query: EventQuery,
): Parsed<FeedFilter> | 'user_not_found' {
  const { user_id: asked, transaction_id: payment, type } = query;
  const seesAll = asked === undefined && seesEverybody(callerOf(request).role);
  const userId = seesAll ? null : subjectOf(request, asked ?? 'me');
  if (!seesAll && userId === null) return 'user_not_found';
  const types = parseEventTypes(type === undefined ? null : type.split(','));
  const paymentId = payment === undefined ? null : parseId<'payment'>(payment);
  const faults: Fault[] = [];
  if (types === undefined) faults.push({ parameter: 'type', detail: 'names no type of events' });
  if (payment !== undefined && paymentId === null)
    faults.push({ parameter: 'transaction_id', detail: 'is not a UUID' });
  return types === undefined || faults.length > 0 ? { faults } : { userId, types, paymentId };
}
