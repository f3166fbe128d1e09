import { Type } from 'typebox';
import { unreachable } from '../../assert.ts';
import { parseId } from '../../ids.ts';
import { resolveBreak } from '../../reconciliation/resolve-break.ts';
import type { Api, ApiContext } from '../context.ts';
import { doneBy } from '../done-by.ts';
import { NoteSchema, operatorBodyCodes } from '../operator-body.ts';
import { sendProblem } from '../problem.ts';
import { BreakSchema, breakBody } from '../reconciliation-body.ts';
import { guardCodes, problems } from '../schemas.ts';

const schema = {
  operationId: 'resolveBreak',
  tags: ['Operations'],
  summary: 'Resolve a break',
  description: 'Books the difference, or accepts it, with a reason.',
  params: Type.Object({ id: Type.String() }),
  body: Type.Object(
    {
      resolution: Type.Enum(['correct', 'accept'], {
        description: 'correct books the difference, accept leaves it.',
      }),
      reason: NoteSchema,
    },
    { additionalProperties: false },
  ),
  response: {
    200: BreakSchema,
    ...problems(
      ...guardCodes,
      ...operatorBodyCodes,
      'break_not_found',
      'break_resolved',
      'break_superseded',
      'payment_not_final',
    ),
  },
};

export function breaksResolve(api: Api, { database, limits }: ApiContext): void {
  api.post(
    '/api/v1/breaks/:id/resolve',
    {
      schema,
      config: { access: { role: 'operator', scope: 'admin:*' } },
      onRequest: limits.global,
    },
    async (request, reply) => {
      const breakId = parseId<'break'>(request.params.id);
      if (breakId === null) return sendProblem(reply, 'break_not_found');
      const { resolution, reason } = request.body;
      const { actor: by } = doneBy(request, reason);
      const decision = { breakId, resolution, reason, by, requestId: request.id };
      const result = await resolveBreak(database, decision);
      switch (result.kind) {
        case 'resolved':
          return breakBody(result.row);
        case 'not_found':
          return sendProblem(reply, 'break_not_found');
        case 'already_resolved': {
          const { resolution: how, resolved_by, resolution_reason } = result.row;
          const members = { resolution: how, resolved_by, resolution_reason };
          return sendProblem(reply, 'break_resolved', { members });
        }
        case 'superseded':
          return sendProblem(reply, 'break_superseded', {
            members: { payment_id: result.paymentId },
          });
        case 'not_final':
          return sendProblem(reply, 'payment_not_final', {
            members: { payment_id: result.paymentId },
          });
        default:
          return unreachable(result);
      }
    },
  );
}
