import { Type } from 'typebox';
import { parseId } from '../../ids.ts';
import { selectRun } from '../../reconciliation/run-store.ts';
import type { Api, ApiContext } from '../context.ts';
import { sendProblem } from '../problem.ts';
import { RunSchema, runBody } from '../reconciliation-body.ts';
import { guardCodes, problems } from '../schemas.ts';

const schema = {
  operationId: 'getReconciliationRun',
  tags: ['Operations'],
  summary: 'Get a reconciliation run',
  description: 'What a statement was found to say.',
  params: Type.Object({ id: Type.String() }),
  response: {
    200: Type.Object({
      ...RunSchema.properties,
      breaks: Type.Object(
        { found: Type.Integer(), open: Type.Integer() },
        { description: 'Newly or again; listed by GET /api/v1/breaks?run=.' },
      ),
    }),
    ...problems(...guardCodes, 'reconciliation_run_not_found'),
  },
};

export function reconciliationRunsGet(api: Api, { database, limits }: ApiContext): void {
  api.get(
    '/api/v1/reconciliation/runs/:id',
    {
      schema,
      config: { access: { role: 'operator', scope: 'admin:*' } },
      onRequest: limits.global,
    },
    async (request, reply) => {
      const id = parseId(request.params.id);
      const run = id === null ? null : await selectRun(database, id);
      if (run === null) return sendProblem(reply, 'reconciliation_run_not_found');
      return { ...runBody(run), breaks: { found: run.breaks, open: run.breaks_open } };
    },
  );
}
