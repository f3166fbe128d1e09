import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import type { ApiContext } from './context.ts';
import { faultsOf, passingRefusal } from './failures.ts';
import { type Answered, acceptOrReplay, answerOf, refusalOf, sourceOf } from './payment-command.ts';
import { type CreatedKind, readCommand } from './payment-create.ts';
import { PaymentRequestSchema } from './payment-request.ts';

/** A group commit takes 500; more than two of them from one request would be an overload. */
export const itemsMax = 1_000;

export const BulkItemSchema = Type.Object(
  {
    idempotency_key: Type.String({
      pattern: '^[\\x21-\\x7e]{1,255}$',
      description: 'What the Idempotency-Key header is to a single payment.',
    }),
    ...PaymentRequestSchema.properties,
  },
  { additionalProperties: false },
);

type BulkItem = Static<typeof BulkItemSchema>;

/** What must be right before anything is looked at: each item is judged by itself. */
export const BulkEnvelopeSchema = Type.Object(
  { items: Type.Array(Type.Unknown(), { minItems: 1, maxItems: itemsMax }) },
  { additionalProperties: false },
);

export const BulkAnswerSchema = Type.Object({
  results: Type.Array(
    Type.Object({
      status: Type.Integer({ description: 'As the item alone would have been answered.' }),
      idempotency_key: Type.Unsafe<string | null>({ type: ['string', 'null'] }),
      replayed: Type.Boolean(),
      body: Type.Unsafe<unknown>({ description: 'A payment, or a problem.' }),
    }),
    { description: 'One for each item, in their order.' },
  ),
});

/**
 * In:   a thousand items at most, each with its own key.
 * Out:  for each the answer that it would have had alone, in their order; they share group commits.
 * If we die here: each key, sent again alone or in a bulk, gets its one answer.
 */
export async function answerBulk(
  context: ApiContext,
  request: FastifyRequest,
  { items, kind }: { readonly items: readonly unknown[]; readonly kind: CreatedKind },
): Promise<string> {
  const results = await Promise.all(
    items.map(async (item) => toResult(item, await answerItem(context, request, item, kind))),
  );
  return `{"results":[${results.join(',')}]}`;
}

async function answerItem(
  context: ApiContext,
  request: FastifyRequest,
  item: unknown,
  kind: CreatedKind,
): Promise<Answered> {
  const isValid = request.compileValidationSchema(BulkItemSchema, 'body');
  if (!isValid(item)) {
    const errors = faultsOf(isValid.errors ?? [], 'body');
    return refusalOf({ refused: 'validation_failed', occurrence: { errors } }, request.id);
  }
  // Proven by the schema that it has just passed.
  const { idempotency_key: key, ...terms } = item as BulkItem;
  try {
    const command = await readCommand(context, sourceOf(request, key), terms, kind);
    if ('refused' in command) return refusalOf(command, request.id);
    return answerOf(await acceptOrReplay(context, command, null), request.id);
  } catch (error) {
    // What happens to one item is no reason to keep the others' answers back.
    const passing = passingRefusal(error);
    if (passing === null)
      context.log.error({ err: error, request_id: request.id }, 'an item of a bulk request failed');
    return refusalOf(passing ?? { refused: 'internal_error' }, request.id);
  }
}

/** The body goes in as it is: to the byte what the item alone is answered. */
function toResult(item: unknown, { status, headers, body }: Answered): string {
  const replayed = headers['idempotent-replayed'] === 'true';
  const key = JSON.stringify(keyOf(item));
  return `{"status":${status},"idempotency_key":${key},"replayed":${replayed},"body":${body}}`;
}

function keyOf(item: unknown): string | null {
  const hasKey = typeof item === 'object' && item !== null && 'idempotency_key' in item;
  return hasKey && typeof item.idempotency_key === 'string' ? item.idempotency_key : null;
}
