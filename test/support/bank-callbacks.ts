import { createHmac, randomUUID } from 'node:crypto';
import { request } from 'undici';
import { readConfig } from '../../src/config.ts';
import { bankReference, type PaymentId } from '../../src/ids.ts';

/** The secret of development: what a gateway without settings of its own verifies with. */
export const bankSecret = readConfig({}).BANK_WEBHOOK_SECRET;

export interface CallbackWords {
  readonly [name: string]: unknown;
}

/** What the bank says of a payment; `words` replaces or adds, `undefined` leaves out. */
export function callbackBody(id: PaymentId, words: CallbackWords = {}): string {
  return JSON.stringify({
    transaction_id: bankReference(id),
    bank_transaction_id: 'BT000000000042',
    status: 'SUCCESS',
    message: 'the bank says SUCCESS',
    error_code: null,
    timestamp: unixNow(),
    event_id: randomUUID(),
    ...words,
  });
}

export function unixNow(): number {
  return Math.floor(Date.now() / 1000);
}

export function signCallback(body: string | Uint8Array, secret: string = bankSecret): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

export interface CallbackAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** As a bank posts it to a gateway that listens. */
export async function postCallback(
  gatewayUrl: string,
  body: string,
  headers: Readonly<Record<string, string | string[]>> = {},
): Promise<CallbackAnswer> {
  const answer = await request(`${gatewayUrl}/webhooks/bank-callback`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-bank-signature': signCallback(body),
      ...headers,
    },
    body,
    reset: true,
  });
  // Proven by the route's schema and by problem.ts: both answer with an object.
  const said = (await answer.body.json()) as Readonly<Record<string, unknown>>;
  return { status: answer.statusCode, body: said };
}
