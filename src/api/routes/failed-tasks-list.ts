import { Type } from 'typebox';
import { selectFailedTasks } from '../../failed-tasks/store.ts';
import { parseId } from '../../ids.ts';
import type { Api, ApiContext } from '../context.ts';
import {
  FailedTaskSchema,
  failedTaskBody,
  formatTaskCursor,
  parseTaskCursor,
} from '../failed-task-body.ts';
import { pageOf } from '../page.ts';
import { readListNumbers } from '../payment-list.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, nullable, problems } from '../schemas.ts';

const schema = {
  operationId: 'listFailedTasks',
  tags: ['Operations'],
  summary: 'List failed tasks',
  description: 'The dead letters, newest first.',
  querystring: Type.Object(
    {
      state: Type.Optional(Type.Enum(['open', 'closed'])),
      reason: Type.Optional(
        Type.String({ pattern: '^[A-Z_]{1,40}$', examples: ['BANK_UNAVAILABLE'] }),
      ),
      payment_id: Type.Optional(Type.String({ format: 'uuid' })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'Default 20.' })),
      cursor: Type.Optional(
        Type.String({ maxLength: 64, description: 'The next_cursor of the page before.' }),
      ),
    },
    { additionalProperties: false },
  ),
  response: {
    200: Type.Object({
      items: Type.Array(FailedTaskSchema),
      next_cursor: nullable<string>('string'),
      limit: Type.Integer(),
    }),
    ...problems(...guardCodes, 'forbidden', 'validation_failed'),
  },
};

/** The dead letters, newest first. */
export function failedTasksList(api: Api, context: ApiContext): void {
  const { limits, database } = context;
  api.get(
    '/api/v1/failed-tasks',
    {
      schema,
      config: { access: { role: 'operator', scope: 'admin:*' } },
      onRequest: limits.global,
      preValidation: readListNumbers,
    },
    async (request, reply) => {
      const { state, reason, payment_id, cursor, limit = 20 } = request.query;
      const after = cursor === undefined ? null : parseTaskCursor(cursor);
      if (cursor !== undefined && after === null)
        return sendProblem(reply, 'validation_failed', {
          errors: [{ parameter: 'cursor', detail: 'is not one of ours' }],
        });
      const rows = await selectFailedTasks(database, {
        isOpen: state === undefined ? null : state === 'open',
        reason: reason ?? null,
        paymentId: payment_id === undefined ? null : parseId<'payment'>(payment_id),
        after,
        // One more says whether there is a next page.
        limit: limit + 1,
      });
      return pageOf(rows, limit, { body: failedTaskBody, cursor: formatTaskCursor });
    },
  );
}
