import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import { present, unreachable } from '../../assert.ts';
import { type RequeueResult, requeueTasks } from '../../failed-tasks/requeue.ts';
import { selectFailedTask } from '../../failed-tasks/store.ts';
import { parseId } from '../../ids.ts';
import type { Api, ApiContext } from '../context.ts';
import { doneBy } from '../done-by.ts';
import { FailedTaskSchema, failedTaskBody } from '../failed-task-body.ts';
import { NoteSchema, operatorBodyCodes } from '../operator-body.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems } from '../schemas.ts';

const schema = {
  operationId: 'requeueFailedTask',
  tags: ['Operations'],
  summary: 'Try a failed task again',
  description: 'The payment is asked about at once.',
  params: Type.Object({ id: Type.String() }),
  body: Type.Object({ note: Type.Optional(NoteSchema) }, { additionalProperties: false }),
  response: {
    200: FailedTaskSchema,
    ...problems(
      ...guardCodes,
      ...operatorBodyCodes,
      'failed_task_not_found',
      'failed_task_closed',
      'failed_task_without_payment',
      'payment_final',
      'payment_in_contact',
    ),
  },
};

/** Asks the bank again now, or tells it again, as the payment's row says. */
export function failedTasksRequeue(api: Api, context: ApiContext): void {
  const { limits, database, announce } = context;
  api.post(
    '/api/v1/failed-tasks/:id/requeue',
    {
      schema,
      config: { access: { role: 'operator', scope: 'admin:*' } },
      onRequest: limits.global,
    },
    async (request, reply) => {
      const id = parseId<'failedTask'>(request.params.id);
      if (id === null) return sendProblem(reply, 'failed_task_not_found');
      const done = doneBy(request, request.body.note ?? null);
      const [result] = await requeueTasks({ database, announce }, [id], done);
      const refused = refuse(reply, present(result, 'each id has its answer'));
      if (refused !== null) return refused;
      const task = await selectFailedTask(database, id);
      return failedTaskBody(present(task, 'a failed task is never removed'));
    },
  );
}

function refuse(reply: FastifyReply, result: RequeueResult): FastifyReply | null {
  switch (result) {
    case 'requeued':
      return null;
    case 'not_found':
      return sendProblem(reply, 'failed_task_not_found');
    case 'closed':
      return sendProblem(reply, 'failed_task_closed');
    case 'no_payment':
      return sendProblem(reply, 'failed_task_without_payment');
    case 'final':
      return sendProblem(reply, 'payment_final');
    case 'in_contact':
      return sendProblem(reply, 'payment_in_contact');
    default:
      return unreachable(result);
  }
}
