import type { FastifyReply, FastifyRequest } from 'fastify';
import { unreachable } from '../assert.ts';
import { newPaymentId } from '../ids.ts';
import type { AcceptCommand, AcceptedPayment, AcceptResult } from '../payments/command.ts';
import { replayHinted } from '../payments/replay.ts';
import type { PaymentKind } from '../payments/states.ts';
import type { Scope } from '../users/scopes.ts';
import { callerOf } from './auth.ts';
import type { ApiContext } from './context.ts';
import type { ErrorCode } from './errors.ts';
import { hintKey, type ParsedKey, parseIdempotencyKey } from './idempotency.ts';
import { answerTo } from './payment-answer.ts';
import type { Refusal } from './payment-request.ts';
import { buildProblem, problemMediaType } from './problem.ts';
import { guardCodes } from './schemas.ts';

/** What every request under an idempotency key may be refused with. */
export const commandCodes = [
  ...guardCodes,
  'validation_failed',
  'malformed_json',
  'idempotency_key_missing',
  'idempotency_key_invalid',
  'invalid_amount',
  'card_number_refused',
  'insufficient_funds',
  'body_too_large',
  'unsupported_media_type',
  'idempotency_key_reused',
  'overloaded',
  'account_busy',
  'outcome_unknown',
] as const satisfies readonly ErrorCode[];

/** The `config` of a route that moves money: accept checks the user, pressure sheds it. */
export const commandConfig = (scope: Scope) =>
  ({ access: { role: 'user', scope, standing: 'accept' }, sheds: true }) as const;

/** Who asks, under which key; what is asked for depends on the route. */
export type CommandSource = Pick<
  AcceptCommand,
  'id' | 'userId' | 'idempotencyKey' | 'requestId' | 'authenticatedAt'
>;

export interface Answered {
  readonly status: number;
  readonly mediaType: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The exact text: a replay is compared to the byte. */
  readonly body: string;
}

/**
 * In:   a request to move money, its token checked and its limit taken.
 * Out:  one accept, and the answer that belongs to its result.
 * If we die here: the same key asks again and gets the one answer.
 */
export async function answerCommand(
  context: ApiContext,
  request: FastifyRequest,
  reply: FastifyReply,
  read: (source: CommandSource) => Promise<AcceptCommand | Refusal>,
): Promise<FastifyReply> {
  const key = parseIdempotencyKey(request.raw);
  const command =
    key.kind === 'key' ? await read(sourceOf(request, key.key)) : keyRefusal(key, header);
  const answered =
    'refused' in command
      ? refusalOf(command, request.id)
      : answerOf(await acceptOrReplay(context, command, request.paymentHint), request.id);
  reply.headers(answered.headers).code(answered.status).type(answered.mediaType);
  return reply.send(answered.body);
}

export function sourceOf(request: FastifyRequest, idempotencyKey: string): CommandSource {
  const { userId, issuedAtMs } = callerOf(request);
  return {
    id: newPaymentId(),
    userId,
    idempotencyKey,
    requestId: request.id,
    authenticatedAt: issuedAtMs,
  };
}

/** A key is remembered this long as a hint; the payment's row keeps it for ever. */
const hintMs = 24 * 3_600_000;

export async function acceptOrReplay(
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

export function answerOf(result: AcceptResult, requestId: string): Answered {
  switch (result.kind) {
    case 'accepted':
    case 'refused':
      return storedAnswer(result.payment, result.replayed);
    case 'key_reused':
      return refusalOf(keyReused(result.original, result.differing), requestId);
    case 'user_refused':
      return refusalOf({ refused: 'token_revoked', occurrence: revoked }, requestId);
    case 'receiver_refused':
      return refusalOf(receiverRefusal, requestId);
    case 'account_busy':
      return refusalOf({ refused: 'account_busy', occurrence: again }, requestId);
    default:
      return unreachable(result);
  }
}

export function refusalOf({ refused, occurrence = {} }: Refusal, requestId: string): Answered {
  const problem = buildProblem(refused, requestId, occurrence);
  return {
    status: problem.status,
    mediaType: problemMediaType,
    headers: occurrence.headers ?? {},
    body: JSON.stringify(problem),
  };
}

function storedAnswer(payment: AcceptedPayment, isReplay: boolean): Answered {
  const { status, mediaType, body } = answerTo(payment);
  const location = status === 400 ? {} : { location: `${pathOf(payment.kind)}/${payment.id}` };
  const replayed = isReplay ? { 'idempotent-replayed': 'true' } : {};
  return { status, mediaType, body, headers: { ...location, ...replayed } };
}

export function pathOf(kind: PaymentKind): string {
  return `/api/v1/${kind}s`;
}

const revoked = {
  headers: { 'www-authenticate': 'Bearer realm="tollgate", error="invalid_token"' },
};
const again = { headers: { 'retry-after': '1' } };

/** Whoever cannot be paid looks like nobody. */
export const receiverRefusal: Refusal = {
  refused: 'receiver_not_found',
  occurrence: { errors: [{ pointer: '#/to_account_id', detail: 'is no account to send this to' }] },
};

function keyReused(original: string, differing: readonly string[]): Refusal {
  return {
    refused: 'idempotency_key_reused',
    occurrence: {
      values: { payment: original, differing: differing.join(', ') },
      members: {
        payment_id: original,
        original: `/api/v1/transactions/${original}`,
        differing,
      },
    },
  };
}

const header = { header: 'Idempotency-Key' };

/** `where` says where the key was looked for. */
export function keyRefusal(
  parsed: Exclude<ParsedKey, { readonly kind: 'key' }>,
  where: { readonly header: string } | { readonly pointer: string },
): Refusal {
  if (parsed.kind === 'missing')
    return {
      refused: 'idempotency_key_missing',
      occurrence: { errors: [{ ...where, detail: 'is required' }] },
    };
  const { reason } = parsed;
  return {
    refused: 'idempotency_key_invalid',
    occurrence: { values: { reason }, errors: [{ ...where, detail: reason }] },
  };
}
