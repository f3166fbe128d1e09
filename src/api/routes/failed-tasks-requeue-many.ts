import { Type } from 'typebox';
import { requeueMax, requeueReason, requeueTasks } from '../../failed-tasks/requeue.ts';
import { type FailedTaskId, parseId } from '../../ids.ts';
import type { Api, ApiContext } from '../context.ts';
import { doneBy } from '../done-by.ts';
import { NoteSchema, operatorBodyCodes } from '../operator-body.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems } from '../schemas.ts';

const schema = {
  operationId: 'requeueFailedTasks',
  tags: ['Operations'],
  summary: 'Try many failed tasks again',
  description: 'After an outage: many at once, each with its own result.',
  body: Type.Object(
    {
      ids: Type.Optional(
        Type.Array(Type.String({ format: 'uuid' }), {
          minItems: 1,
          maxItems: requeueMax,
          uniqueItems: true,
        }),
      ),
      reason: Type.Optional(
        Type.String({
          pattern: '^[A-Z_]{1,40}$',
          examples: ['BANK_UNAVAILABLE'],
          description: 'In place of ids: the open tasks with this reason, eldest requeue first.',
        }),
      ),
      limit: Type.Optional(
        Type.Integer({ minimum: 1, maximum: requeueMax, description: 'With reason; default 100.' }),
      ),
      note: Type.Optional(NoteSchema),
    },
    {
      additionalProperties: false,
      examples: [{ reason: 'BANK_UNAVAILABLE', limit: 100, note: 'The bank is back.' }],
    },
  ),
  response: {
    200: Type.Object({
      requeued: Type.Integer(),
      items: Type.Array(
        Type.Object({
          id: Type.String({ format: 'uuid' }),
          result: Type.Enum([
            'requeued',
            'not_found',
            'closed',
            'no_payment',
            'final',
            'in_contact',
          ]),
        }),
      ),
    }),
    ...problems(...guardCodes, ...operatorBodyCodes),
  },
};

/** After an outage: many at once, each with its own answer. */
export function failedTasksRequeueMany(api: Api, context: ApiContext): void {
  const { limits, database, announce } = context;
  api.post(
    '/api/v1/failed-tasks/requeue',
    {
      schema,
      config: { access: { role: 'operator', scope: 'admin:*' } },
      onRequest: limits.global,
    },
    async (request, reply) => {
      const { ids, reason, limit = requeueMax, note = null } = request.body;
      const done = doneBy(request, note);
      if ((ids === undefined) === (reason === undefined))
        return sendProblem(reply, 'validation_failed', {
          errors: [{ pointer: '#', detail: 'must have either ids or reason' }],
        });
      const options = { database, announce };
      const items =
        reason === undefined
          ? await requeueIds(options, (ids ?? []).flatMap(readId), done)
          : await requeueReason(options, { reason, limit }, done);
      const requeued = items.filter(({ result }) => result === 'requeued').length;
      return { requeued, items: [...items] };
    },
  );
}

async function requeueIds(
  options: Parameters<typeof requeueTasks>[0],
  ids: readonly FailedTaskId[],
  done: Parameters<typeof requeueTasks>[2],
) {
  const results = await requeueTasks(options, ids, done);
  return ids.map((id, at) => ({ id, result: results[at] ?? ('not_found' as const) }));
}

/** The schema has seen to the form. */
function readId(text: string): FailedTaskId[] {
  const id = parseId<'failedTask'>(text);
  return id === null ? [] : [id];
}
