import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { Api, ApiContext, Route } from '../context.ts';
import { faultsOf } from '../failures.ts';
import {
  answerBulk,
  BulkAnswerSchema,
  BulkEnvelopeSchema,
  BulkItemSchema,
  itemsMax,
} from '../payment-bulk.ts';
import { commandConfig, keyRefusal, pathOf } from '../payment-command.ts';
import { scopeOf } from '../payment-create.ts';
import { sendProblem } from '../problem.ts';
import { guardCodes, problems } from '../schemas.ts';

const bulks = [
  { kind: 'deposit', operationId: 'createDeposits', summary: 'Deposit many times' },
  { kind: 'withdrawal', operationId: 'createWithdrawals', summary: 'Withdraw many times' },
] as const;

/** A thousand items of a kilobyte: parsing more would keep everybody else waiting. */
const bodyLimit = 1024 * 1024;

const schema = {
  tags: ['Payments'],
  description:
    'Each item has its own key and is answered as if it had come alone; one that is wrong stops no ' +
    'other. Each counts as one request for the limits, and all of them fit, or none is taken.',
  body: Type.Object(
    { items: Type.Array(BulkItemSchema, { minItems: 1, maxItems: itemsMax }) },
    { additionalProperties: false },
  ),
  response: {
    200: BulkAnswerSchema,
    ...problems(
      ...guardCodes,
      'validation_failed',
      'malformed_json',
      'idempotency_key_invalid',
      'body_too_large',
      'unsupported_media_type',
      'overloaded',
    ),
  },
};

export const paymentsBulk: readonly Route[] = bulks.map(
  ({ kind, operationId, summary }) =>
    (api: Api, context: ApiContext) => {
      api.post(
        `${pathOf(kind)}/bulk`,
        {
          schema: { ...schema, operationId, summary },
          // The schema of an item is applied to each by itself.
          attachValidation: true,
          bodyLimit,
          config: commandConfig(scopeOf(kind)),
          onRequest: context.limits.global,
        },
        async (request, reply) => {
          if (request.headers['idempotency-key'] !== undefined) {
            const { refused, occurrence } = keyInHeader;
            return sendProblem(reply, refused, occurrence);
          }
          const body: unknown = request.body;
          const isEnvelope = request.compileValidationSchema(BulkEnvelopeSchema, 'body');
          if (!isEnvelope(body))
            return sendProblem(reply, 'validation_failed', {
              errors: faultsOf(isEnvelope.errors ?? [], 'body'),
            });
          // Proven by the schema of the envelope.
          const { items } = body as { items: readonly unknown[] };
          // The request itself was counted before its body was read.
          const refused = await context.limits.takeMore(request, reply, items.length - 1);
          if (refused !== undefined) return refused;
          const text = await answerBulk(context, request, { items, kind });
          return sendText(reply, text);
        },
      );
    },
);

/** Ready text: a serialiser would write the answers anew, and a replay is equal to the byte. */
function sendText(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(text);
}

const keyInHeader = keyRefusal(
  { kind: 'invalid', reason: 'belongs in each item of a bulk request' },
  { header: 'Idempotency-Key' },
);
