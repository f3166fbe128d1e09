import { Type } from 'typebox';
import { present, unreachable } from '../../assert.ts';
import { closeTask } from '../../failed-tasks/close.ts';
import { selectFailedTask } from '../../failed-tasks/store.ts';
import { parseId } from '../../ids.ts';
import type { Api, ApiContext } from '../context.ts';
import { doneBy } from '../done-by.ts';
import { FailedTaskSchema, failedTaskBody } from '../failed-task-body.ts';
import { NoteSchema, operatorBodyCodes } from '../operator-body.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems } from '../schemas.ts';

const schema = {
  operationId: 'closeFailedTask',
  tags: ['Operations'],
  summary: 'Close a failed task',
  description: 'With a note; it opens by itself where the same happens again.',
  params: Type.Object({ id: Type.String() }),
  body: Type.Object({ note: NoteSchema }, { additionalProperties: false }),
  response: {
    200: FailedTaskSchema,
    ...problems(
      ...guardCodes,
      ...operatorBodyCodes,
      'failed_task_not_found',
      'failed_task_closed',
      'payment_in_review',
    ),
  },
};

export function failedTasksClose(api: Api, context: ApiContext): void {
  const { limits, database } = context;
  api.post(
    '/api/v1/failed-tasks/:id/close',
    {
      schema,
      config: { access: { role: 'operator', scope: 'admin:*' } },
      onRequest: limits.global,
    },
    async (request, reply) => {
      const id = parseId<'failedTask'>(request.params.id);
      if (id === null) return sendProblem(reply, 'failed_task_not_found');
      const result = await closeTask(database, id, doneBy(request, request.body.note));
      switch (result) {
        case 'closed': {
          const task = await selectFailedTask(database, id);
          return failedTaskBody(present(task, 'a failed task is never removed'));
        }
        case 'not_found':
          return sendProblem(reply, 'failed_task_not_found');
        case 'already_closed':
          return sendProblem(reply, 'failed_task_closed');
        case 'in_review':
          return sendProblem(reply, 'payment_in_review');
        default:
          return unreachable(result);
      }
    },
  );
}
