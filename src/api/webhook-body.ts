import { type Static, Type } from 'typebox';
import type { EndpointRow } from '../webhooks/endpoints-store.ts';
import { eventFamilies, eventTypes } from '../webhooks/event-types.ts';
import type { AttemptLogRow, DeliveryRow } from '../webhooks/log-store.ts';
import { writeMessageId } from '../webhooks/message-id.ts';
import { nullable } from './schemas.ts';

const instant = () => Type.String({ format: 'date-time' });
const instantOrNull = () => nullable<string>('string', { format: 'date-time' });

export const EndpointSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  url: Type.String({ examples: ['https://example.com/webhooks'] }),
  description: nullable<string>('string'),
  event_types: Type.Unsafe<string[] | null>({
    type: ['array', 'null'],
    items: { type: 'string', examples: ['deposit.succeeded'] },
    description: 'Null: all, also those that are added later.',
  }),
  status: Type.Enum(['enabled', 'disabled']),
  disabled_reason: nullable<string>('string', {
    enum: ['owner', 'gone', 'failing', null],
    description: 'owner: by you; gone: it answered 410; failing: for five days.',
  }),
  disabled_at: instantOrNull(),
  failing_since: nullable<string>('string', {
    format: 'date-time',
    description: 'Since when nothing could be delivered; null: the newest attempt was.',
  }),
  previous_secret_expires_at: nullable<string>('string', {
    format: 'date-time',
    description: 'Until then the secret before this one signs too.',
  }),
  created_at: instant(),
  updated_at: instant(),
});

export const FreshEndpointSchema = Type.Object({
  ...EndpointSchema.properties,
  secret: Type.String({
    description: 'Verifies what we send; told this once.',
    examples: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
  }),
});

export function endpointBody(endpoint: EndpointRow): Static<typeof EndpointSchema> {
  return {
    id: endpoint.id,
    url: endpoint.url,
    description: endpoint.description,
    event_types: endpoint.event_types === null ? null : [...endpoint.event_types],
    status: endpoint.state,
    disabled_reason: endpoint.disabled_why,
    disabled_at: endpoint.disabled_at?.toISOString() ?? null,
    failing_since: endpoint.failing_since?.toISOString() ?? null,
    previous_secret_expires_at: endpoint.previous_secret_until?.toISOString() ?? null,
    created_at: endpoint.created_at.toISOString(),
    updated_at: endpoint.updated_at.toISOString(),
  };
}

/** What an endpoint is made of or changed to. */
export const endpointWish = {
  url: Type.String({ maxLength: 2000, examples: ['https://example.com/webhooks'] }),
  description: nullable<string>('string', { maxLength: 500 }),
  event_types: Type.Unsafe<string[] | null>({
    type: ['array', 'null'],
    items: { type: 'string', enum: [...eventTypes, ...eventFamilies] },
    minItems: 1,
    maxItems: 50,
    uniqueItems: true,
    description: 'Types, or families as in deposit.*; null: all.',
  }),
};

export const deliveryStates = ['pending', 'delivered', 'failed', 'cancelled'] as const;

export const DeliverySchema = Type.Object({
  id: Type.String({
    description: 'What the receiver saw as webhook-id.',
    examples: ['msg_01890a5dac96874bbcceb302099a8057'],
  }),
  endpoint_id: Type.String({ format: 'uuid' }),
  event_type: Type.String({ examples: ['deposit.succeeded'] }),
  transaction_id: nullable<string>('string', { format: 'uuid' }),
  version: nullable<number>('integer', { description: 'Of the payment, at this event.' }),
  status: Type.Enum([...deliveryStates], {
    description:
      'failed: given up after the last attempt; cancelled: its endpoint was switched off.',
  }),
  attempts: Type.Integer(),
  occurred_at: instant(),
  next_attempt_at: instantOrNull(),
  ended_at: instantOrNull(),
});

export const AttemptSchema = Type.Object({
  started_at: instant(),
  latency_ms: Type.Integer(),
  http_status: nullable<number>('integer'),
  error: nullable<string>('string', {
    description: 'Null: delivered, or answered 410. The words are explained in docs/webhooks.md.',
  }),
  answer: nullable<string>('string', { description: 'The first 2 kB of what it answered.' }),
});

export function deliveryBody(row: DeliveryRow): Static<typeof DeliverySchema> {
  return {
    id: writeMessageId(row.id),
    endpoint_id: row.endpoint_id,
    event_type: row.type,
    transaction_id: row.payment_id,
    version: row.version,
    status: row.state,
    attempts: Number(row.attempts),
    occurred_at: row.occurred_at.toISOString(),
    next_attempt_at: row.due_at?.toISOString() ?? null,
    ended_at: row.ended_at?.toISOString() ?? null,
  };
}

export function attemptBody(row: AttemptLogRow): Static<typeof AttemptSchema> {
  return {
    started_at: row.started_at.toISOString(),
    latency_ms: row.latency_ms,
    http_status: row.status,
    error: row.error,
    answer: row.answer,
  };
}
