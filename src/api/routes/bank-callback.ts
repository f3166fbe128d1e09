import { Type } from 'typebox';
import { unreachable } from '../../assert.ts';
import type { CallbackAnswer } from '../../callbacks/receive.ts';
import { anybody } from '../access.ts';
import type { Api, ApiContext } from '../context.ts';
import type { ErrorCode } from '../errors.ts';
import { addressSubject } from '../limits.ts';
import { sendProblem } from '../problem.ts';
import { problems } from '../schemas.ts';

const schema = {
  operationId: 'receiveBankCallback',
  tags: ['Bank'],
  summary: 'Receive a callback of the bank',
  description:
    'The bank’s own word, unasked. Nobody signs in: the signature over the raw body is what counts.',
  requestHeaders: {
    'X-Bank-Signature': {
      description: 'Lower-case hex of the HMAC-SHA256 over the body, byte for byte.',
      example: '5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd',
    },
  },
  bodies: {
    'application/json': {
      description: 'What became of a payment. A field we do not know is no mistake.',
      example: JSON.stringify({
        transaction_id: '01890a5d-ac96-774b-bcce-b302099a8057',
        bank_transaction_id: 'BNK-20260131-7F3A',
        status: 'SUCCESS',
        message: 'Approved.',
        error_code: null,
        timestamp: 1_769_860_800,
      }),
    },
  },
  response: {
    200: Type.Object({
      received: Type.Literal(true),
      duplicate: Type.Boolean({ description: 'It was received before; nothing was done again.' }),
    }),
    ...problems(
      'callback_unreadable',
      'callback_stale',
      'callback_not_signed',
      'callback_payment_unknown',
      'callback_contradicts',
      'callback_amount_differs',
      'body_too_large',
      'unsupported_media_type',
      'rate_limit_exceeded',
      'overloaded',
      'database_away',
      'outcome_unknown',
    ),
  },
};

const noBytes = new Uint8Array();

/**
 * The bank's own word, unasked (PROTOCOLS 5). Nobody signs in here: the signature over the body is
 * what counts, and it is looked at before anything else.
 */
export function bankCallback(api: Api, { callbacks, limits }: ApiContext): void {
  api.post(
    '/webhooks/bank-callback',
    { schema, config: { ...anybody, takesBytes: true }, onRequest: limits.callbacks },
    async (request, reply) => {
      const answer = await callbacks.receive({
        body: request.body instanceof Uint8Array ? request.body : noBytes,
        signature: request.headers['x-bank-signature'],
        sender: addressSubject(request.ip),
        requestId: request.id,
      });
      const { refusal, isDuplicate } = read(answer);
      if (refusal !== null) return sendProblem(reply, refusal.code, { values: refusal.values });
      return { received: true as const, duplicate: isDuplicate };
    },
  );
}

interface Reading {
  readonly refusal: {
    readonly code: ErrorCode;
    readonly values: Readonly<Record<string, string>>;
  } | null;
  readonly isDuplicate: boolean;
}

function read(answer: CallbackAnswer): Reading {
  const refuse = (code: ErrorCode, values: Readonly<Record<string, string>> = {}): Reading => ({
    refusal: { code, values },
    isDuplicate: false,
  });
  if (answer.kind === 'not_signed') return refuse('callback_not_signed');
  switch (answer.verdict) {
    case 'unreadable':
      return refuse('callback_unreadable', { reason: answer.detail });
    case 'stale':
      return refuse('callback_stale');
    case 'unknown_payment':
      return refuse('callback_payment_unknown');
    case 'contradiction':
      return refuse('callback_contradicts');
    case 'amount_differs':
      return refuse('callback_amount_differs');
    case 'inquiry_due':
    case 'settling':
    case 'settled':
    case 'agrees':
    case 'no_news':
    case 'unproven':
      return { refusal: null, isDuplicate: answer.isDuplicate };
    default:
      return unreachable(answer.verdict);
  }
}
