import type { FastifyReply, FastifyRequest } from 'fastify';
import { unreachable } from '../assert.ts';
import { newPaymentId } from '../ids.ts';
import type { AcceptCommand, AcceptedPayment, AcceptResult } from '../payments/command.ts';
import { replayHinted } from '../payments/replay.ts';
import type { PaymentKind } from '../payments/states.ts';
import type { Scope } from '../users/scopes.ts';
import { callerOf } from './auth.ts';
import type { Api, ApiContext } from './context.ts';
import { hintKey, parseIdempotencyKey } from './idempotency.ts';
import { answerTo } from './payment-answer.ts';
import {
  type PaymentRequest,
  PaymentRequestSchema,
  parseRequestCurrency,
  parseTerms,
  type Refusal,
} from './payment-request.ts';
import { sendProblem } from './problem.ts';
import { guardCodes, PaymentSchema, problems } from './schemas.ts';

const schema = {
  body: PaymentRequestSchema,
  response: {
    202: PaymentSchema,
    ...problems(
      ...guardCodes,
      'validation_failed',
      'malformed_json',
      'idempotency_key_missing',
      'idempotency_key_invalid',
      'unknown_currency',
      'no_account_in_currency',
      'invalid_amount',
      'card_number_refused',
      'insufficient_funds',
      'body_too_large',
      'unsupported_media_type',
      'idempotency_key_reused',
      'overloaded',
      'account_busy',
      'outcome_unknown',
    ),
  },
};

/**
 * In:   a request to move money, its token checked and its limit taken.
 * Out:  one accept, and the answer that belongs to its result.
 * If we die here: the same key asks again and gets the one answer.
 */
export function paymentCreate(api: Api, context: ApiContext, kind: PaymentKind): void {
  api.post(
    pathOf(kind),
    {
      schema,
      config: {
        access: { role: 'user', scope: scopeOf(kind), standing: 'accept' },
        sheds: true,
      },
      onRequest: context.limits.payment,
    },
    async (request, reply) => {
      const command = await readCommand(context, request, request.body, kind);
      if ('refused' in command) return sendProblem(reply, command.refused, command.occurrence);
      return sendResult(reply, await acceptOrReplay(context, command, request.paymentHint));
    },
  );
}

/** A key is remembered this long as a hint; the payment's row keeps it for ever. */
const hintMs = 24 * 3_600_000;

async function acceptOrReplay(
  context: ApiContext,
  command: AcceptCommand,
  hint: string | null,
): Promise<AcceptResult> {
  const replay = hint === null ? null : await replayHinted(context.database, command, hint);
  if (replay !== null) return replay;
  const result = await context.accept(command);
  if (result.kind === 'accepted' || result.kind === 'refused')
    context.coordination.remember(
      hintKey(command.userId, command.idempotencyKey),
      result.payment.id,
      hintMs,
    );
  return result;
}

async function readCommand(
  context: ApiContext,
  request: FastifyRequest,
  body: PaymentRequest,
  kind: PaymentKind,
): Promise<AcceptCommand | Refusal> {
  const parsedKey = parseIdempotencyKey(request.raw);
  if (parsedKey.kind !== 'key') return keyRefusal(parsedKey);
  const wanted = parseRequestCurrency(body);
  if ('refused' in wanted) return wanted;
  const { userId, issuedAtMs } = callerOf(request);
  const account = await context.accounts.find(userId, wanted.currency);
  if (account === null) return noAccount(wanted.currency ?? 'any currency');
  const terms = parseTerms(body, account.currency);
  if ('refused' in terms) return terms;
  return {
    id: newPaymentId(),
    userId,
    accountId: account.id,
    kind,
    amountMinor: terms.amountMinor,
    currency: account.currency,
    idempotencyKey: parsedKey.key,
    requestId: request.id,
    description: terms.description,
    metadata: terms.metadata,
    authenticatedAt: issuedAtMs,
  };
}

function sendResult(reply: FastifyReply, result: AcceptResult): FastifyReply {
  switch (result.kind) {
    case 'accepted':
    case 'refused':
      return sendAnswer(reply, result.payment, result.replayed);
    case 'key_reused':
      return sendProblem(reply, 'idempotency_key_reused', {
        values: { payment: result.original, differing: result.differing.join(', ') },
        members: {
          payment_id: result.original,
          original: `/api/v1/transactions/${result.original}`,
          differing: result.differing,
        },
      });
    case 'user_refused':
      return sendProblem(reply, 'token_revoked', {
        headers: { 'www-authenticate': 'Bearer realm="tollgate", error="invalid_token"' },
      });
    case 'account_busy':
      return sendProblem(reply, 'account_busy', { headers: { 'retry-after': '1' } });
    default:
      return unreachable(result);
  }
}

function sendAnswer(
  reply: FastifyReply,
  payment: AcceptedPayment,
  isReplay: boolean,
): FastifyReply {
  const { status, mediaType, body } = answerTo(payment);
  if (isReplay) reply.header('idempotent-replayed', 'true');
  if (status === 202) reply.header('location', `${pathOf(payment.kind)}/${payment.id}`);
  return reply.code(status).type(mediaType).send(body);
}

function scopeOf(kind: PaymentKind): Scope {
  return kind === 'deposit' ? 'deposits:write' : 'withdrawals:write';
}

function pathOf(kind: PaymentKind): string {
  return kind === 'deposit' ? '/api/v1/deposits' : '/api/v1/withdrawals';
}

function keyRefusal(
  parsed: { readonly kind: 'missing' } | { readonly kind: 'invalid'; readonly reason: string },
): Refusal {
  const header = 'Idempotency-Key';
  if (parsed.kind === 'missing')
    return {
      refused: 'idempotency_key_missing',
      occurrence: { errors: [{ header, detail: 'is required' }] },
    };
  const { reason } = parsed;
  return {
    refused: 'idempotency_key_invalid',
    occurrence: { values: { reason }, errors: [{ header, detail: reason }] },
  };
}

function noAccount(currency: string): Refusal {
  const errors = [{ pointer: '#/currency', detail: 'is a currency you have no account in' }];
  return { refused: 'no_account_in_currency', occurrence: { values: { currency }, errors } };
}
