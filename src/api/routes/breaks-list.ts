import { Type } from 'typebox';
import { parseId } from '../../ids.ts';
import { selectBreaks } from '../../reconciliation/breaks-store.ts';
import type { Api, ApiContext } from '../context.ts';
import { pageOf } from '../page.ts';
import { readListNumbers } from '../payment-list.ts';
import { sendProblem } from '../problem.ts';
import {
  BreakSchema,
  breakBody,
  breakKinds,
  formatIdCursor,
  parseIdCursor,
} from '../reconciliation-body.ts';
import { guardCodes, nullable, problems } from '../schemas.ts';

const schema = {
  operationId: 'listBreaks',
  tags: ['Operations'],
  summary: 'List breaks',
  description: 'Where the bank’s word and the books differ, newest first.',
  querystring: Type.Object(
    {
      state: Type.Optional(Type.Enum(['open', 'resolved'])),
      kind: Type.Optional(Type.Enum([...breakKinds])),
      run: Type.Optional(Type.String({ format: 'uuid' })),
      payment: Type.Optional(Type.String({ format: 'uuid' })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, description: 'Default 20.' })),
      cursor: Type.Optional(
        Type.String({ maxLength: 64, description: 'The next_cursor of the page before.' }),
      ),
    },
    { additionalProperties: false },
  ),
  response: {
    200: Type.Object({
      items: Type.Array(BreakSchema),
      next_cursor: nullable<string>('string'),
      limit: Type.Integer(),
    }),
    ...problems(...guardCodes, 'validation_failed'),
  },
};

/** Where the bank's word and the books differ, newest first. */
export function breaksList(api: Api, { database, limits }: ApiContext): void {
  api.get(
    '/api/v1/breaks',
    {
      schema,
      config: { access: { role: 'operator', scope: 'admin:*' } },
      onRequest: limits.global,
      preValidation: readListNumbers,
    },
    async (request, reply) => {
      const { state, kind, run, payment, cursor, limit = 20 } = request.query;
      const before = cursor === undefined ? null : parseIdCursor(cursor);
      if (cursor !== undefined && before === null)
        return sendProblem(reply, 'validation_failed', {
          errors: [{ parameter: 'cursor', detail: 'is not one of ours' }],
        });
      const rows = await selectBreaks(database, {
        before,
        state: state ?? null,
        kind: kind ?? null,
        paymentId: payment === undefined ? null : parseId<'payment'>(payment),
        runId: run ?? null,
        // One more says whether there is a next page.
        limit: limit + 1,
      });
      return pageOf(rows, limit, { body: breakBody, cursor: (row) => formatIdCursor(row.id) });
    },
  );
}
