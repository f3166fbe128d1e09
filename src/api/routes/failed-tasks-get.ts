import { Type } from 'typebox';
import { selectFailedTask } from '../../failed-tasks/store.ts';
import { parseId } from '../../ids.ts';
import type { Api, ApiContext } from '../context.ts';
import { FailedTaskSchema, failedTaskBody } from '../failed-task-body.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems } from '../schemas.ts';

const schema = {
  operationId: 'getFailedTask',
  tags: ['Operations'],
  summary: 'Get a failed task',
  description: 'What failed, how often, and what became of it.',
  params: Type.Object({ id: Type.String() }),
  response: {
    200: Type.Object({
      ...FailedTaskSchema.properties,
      history: Type.Array(
        Type.Object({ at: Type.String({ format: 'date-time' }), detail: Type.String() }),
        { description: 'The newest occurrences (20 at most), eldest first.' },
      ),
    }),
    ...problems(...guardCodes, 'forbidden', 'failed_task_not_found'),
  },
};

export function failedTasksGet(api: Api, context: ApiContext): void {
  const { limits, database } = context;
  api.get(
    '/api/v1/failed-tasks/:id',
    {
      schema,
      config: { access: { role: 'operator', scope: 'admin:*' } },
      onRequest: limits.global,
    },
    async (request, reply) => {
      const id = parseId<'failedTask'>(request.params.id);
      const task = id === null ? null : await selectFailedTask(database, id);
      if (task === null) return sendProblem(reply, 'failed_task_not_found');
      return { ...failedTaskBody(task), history: [...task.history] };
    },
  );
}
