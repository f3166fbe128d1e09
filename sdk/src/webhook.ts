import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import type { components } from './openapi.ts';

/**
 * What a webhook tells. It may come twice (tell by `webhook-id`) and out of order (by `version`).
 */
export type WebhookEvent =
  | {
      readonly type: `${PaymentKind}.${'created' | 'succeeded' | 'failed' | 'review'}`;
      readonly timestamp: string;
      readonly data: components['schemas']['WebhookPayment'];
    }
  | {
      readonly type: 'endpoint.disabled' | 'test.ping';
      readonly timestamp: string;
      readonly data: Readonly<Record<string, unknown>>;
    };

type PaymentKind = components['schemas']['WebhookPayment']['transaction_type'];

/** The webhook is not from the gateway, was changed on its way, or is older than five minutes. */
export { WebhookVerificationError };

/**
 * Checks a webhook by Standard Webhooks 1.0.0, and reads it.
 *
 * @param body exactly as it came: a body that was parsed and written again has another signature
 * @param secrets `whsec_…` of the endpoint; the old and the new one while they are being changed
 * @throws WebhookVerificationError
 */
export function verifyWebhook(
  body: string | Uint8Array,
  headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>,
  secrets: string | readonly string[],
): WebhookEvent {
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  const fields = readFields(headers);
  const known = typeof secrets === 'string' ? [secrets] : secrets;
  let refusal: unknown = new WebhookVerificationError('There is no secret to check it by.');
  for (const secret of known)
    try {
      // Proven by the signature: only the gateway writes these, as its document says.
      return new Webhook(secret).verify(text, fields) as WebhookEvent;
    } catch (error) {
      refusal = error;
    }
  throw refusal;
}

/** By their names in small letters, whoever has read them. */
function readFields(
  headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, string> {
  const pairs = headers instanceof Headers ? headers.entries() : Object.entries(headers);
  return Object.fromEntries(
    Array.from(pairs, ([name, value]) => [name.toLowerCase(), [value ?? ''].flat().join(' ')]),
  );
}
