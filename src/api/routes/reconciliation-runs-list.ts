import { Type } from 'typebox';
import { selectRuns } from '../../reconciliation/run-store.ts';
import type { Api, ApiContext } from '../context.ts';
import { pageOf } from '../page.ts';
import { readListNumbers } from '../payment-list.ts';
import { sendProblem } from '../problem.ts';
import { formatIdCursor, parseIdCursor, RunSchema, runBody } from '../reconciliation-body.ts';
import { guardCodes, nullable, problems } from '../schemas.ts';

const schema = {
  operationId: 'listReconciliationRuns',
  tags: ['Operations'],
  summary: 'List reconciliation runs',
  description: 'Newest first.',
  querystring: Type.Object(
    {
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'Default 20.' })),
      cursor: Type.Optional(
        Type.String({ maxLength: 64, description: 'The next_cursor of the page before.' }),
      ),
    },
    { additionalProperties: false },
  ),
  response: {
    200: Type.Object({
      items: Type.Array(RunSchema),
      next_cursor: nullable<string>('string'),
      limit: Type.Integer(),
    }),
    ...problems(...guardCodes, 'validation_failed'),
  },
};

/** The runs, newest first. */
export function reconciliationRunsList(api: Api, { database, limits }: ApiContext): void {
  api.get(
    '/api/v1/reconciliation/runs',
    {
      schema,
      config: { access: { role: 'operator', scope: 'admin:*' } },
      onRequest: limits.global,
      preValidation: readListNumbers,
    },
    async (request, reply) => {
      const { limit = 20, cursor } = request.query;
      const before = cursor === undefined ? null : parseIdCursor(cursor);
      if (cursor !== undefined && before === null)
        return sendProblem(reply, 'validation_failed', {
          errors: [{ parameter: 'cursor', detail: 'is not one of ours' }],
        });
      // One more says whether there is a next page.
      const rows = await selectRuns(database, { before, limit: limit + 1 });
      return pageOf(rows, limit, { body: runBody, cursor: (row) => formatIdCursor(row.id) });
    },
  );
}
