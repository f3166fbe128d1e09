import { Type } from 'typebox';
import { eventTypes, testType } from '../webhooks/event-types.ts';
import type { Components } from './openapi-components.ts';
import type { Json, JsonObject } from './openapi-document.ts';
import { exampleOf } from './openapi-examples.ts';
import { nullable } from './schemas.ts';

const id = () => Type.String({ format: 'uuid' });
const instant = () => Type.String({ format: 'date-time' });

/** What `webhooks/compose.ts` writes of a payment; a test holds the two together. */
export const WebhookPaymentSchema = Type.Object(
  {
    id: id(),
    version: Type.Integer({
      minimum: 1,
      description: 'Counts the status changes: order is not promised, and a lower one is older.',
    }),
    transaction_type: Type.Enum(['deposit', 'withdrawal', 'transfer', 'refund', 'correction']),
    status: nullable<string>('string', { description: 'Null: it did not change.' }),
    account_id: id(),
    counter_account_id: nullable<string>('string', { format: 'uuid' }),
    related_transaction_id: nullable<string>('string', { format: 'uuid' }),
    amount: Type.String({ description: 'Decimal, with all decimals of the currency.' }),
    currency: Type.String({ description: 'ISO 4217.' }),
    bank_transaction_id: nullable<string>('string'),
    error_code: nullable<string>('string', { description: "The bank's word." }),
    description: nullable<string>('string'),
    metadata: Type.Unsafe<unknown>({}),
    created_at: instant(),
  },
  { title: 'WebhookPayment' },
);

const NoticeSchema = Type.Unsafe<Record<string, unknown>>({ type: 'object' });

/** What we send: every type that an endpoint can ask for, and the test message. */
export function describeWebhooks(components: Components): JsonObject {
  return Object.fromEntries(
    [...eventTypes, testType].map((type) => [type, { post: describeWebhook(type, components) }]),
  );
}

function describeWebhook(type: string, components: Components): JsonObject {
  const isNotice = type === 'endpoint.disabled' || type === testType;
  const data = isNotice ? NoticeSchema : WebhookPaymentSchema;
  const schema = Type.Object({ type: Type.Literal(type), timestamp: instant(), data });
  const example = { ...asObject(exampleOf(JSON.parse(JSON.stringify(schema)))) };
  return {
    operationId: `on_${type.replaceAll('.', '_')}`,
    tags: ['Webhooks'],
    summary: type,
    description:
      'Signed as Standard Webhooks 1.0.0 has it. Answer 2xx within 15 s; anything else is tried again for days, with the same `webhook-id`. It may come twice, and out of order.',
    security: [],
    parameters: Object.keys(signatureHeaders).map((name) => ({
      $ref: `#/components/parameters/${name}`,
    })),
    requestBody: {
      required: true,
      content: { 'application/json': { schema: components.refer(schema), example } },
    },
    responses: {
      '2XX': { description: 'Taken: it does not come again.' },
      '410': { description: 'Not wanted any more: the endpoint is disabled.' },
    },
  };
}

const header = (name: string, example: string, description: string): JsonObject => ({
  name,
  in: 'header',
  required: true,
  description,
  schema: { type: 'string' },
  example,
});

export const signatureHeaders: JsonObject = {
  WebhookId: header('webhook-id', 'msg_p5jXN8AQM9LWM0D4loKWxJek', 'The same at every repetition.'),
  WebhookTimestamp: header('webhook-timestamp', '1614265330', 'Of this attempt, in Unix seconds.'),
  WebhookSignature: header(
    'webhook-signature',
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    '`v1,` and the base64 of the HMAC-SHA256 over `{id}.{timestamp}.{body}`; several, with blanks between, while a secret is rotated.',
  ),
};

function asObject(value: Json): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}
