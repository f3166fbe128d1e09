import type { FastifyError, FastifyReply, FastifySchemaValidationError } from 'fastify';
import { classifyRefusal, DatabaseAway, OutcomeUnknown, StatementRefused } from '../db/database.ts';
import { Overloaded } from '../runtime/overloaded.ts';
import type { Logger } from '../telemetry/log.ts';
import type { ErrorCode } from './errors.ts';
import { BodyRefused } from './json-body.ts';
import type { Refusal } from './payment-request.ts';
import { type Fault, sendProblem } from './problem.ts';

/**
 * Whatever was thrown on the way becomes a problem; what nobody expected is logged and says
 * nothing.
 */
export function answerFailure(error: unknown, reply: FastifyReply, log: Logger): FastifyReply {
  const passing = passingRefusal(error);
  if (passing !== null) return sendProblem(reply, passing.refused, passing.occurrence);
  if (error instanceof BodyRefused)
    return sendProblem(reply, 'malformed_json', { values: { reason: error.reason } });
  if (isFastifyError(error)) {
    if (error.validation !== undefined) {
      const context = error.validationContext ?? 'body';
      return sendProblem(reply, 'validation_failed', {
        errors: faultsOf(error.validation, context),
      });
    }
    const code = frameworkCodes[error.code];
    if (code === 'malformed_json')
      return sendProblem(reply, code, { values: { reason: 'The body is empty.' } });
    if (code === 'body_too_large') {
      const bytes = String(reply.request.routeOptions.bodyLimit);
      return sendProblem(reply, code, { values: { bytes } });
    }
    if (code !== undefined) return sendProblem(reply, code);
    if (isCallersFault(error)) {
      // At info: an error that anybody can cause at will would drown those that are ours.
      log.info({ code: error.code, request_id: reply.request.id }, 'request broken off');
      return sendProblem(reply, 'malformed_request');
    }
  }
  log.error({ err: error, request_id: reply.request.id }, 'request failed');
  return sendProblem(reply, 'internal_error');
}

/** What is over soon, and is safe to send again; null: this is not. */
export function passingRefusal(error: unknown): Refusal | null {
  if (error instanceof Overloaded) {
    const seconds = String(error.retryAfterSeconds);
    const headers = { 'retry-after': seconds };
    return { refused: 'overloaded', occurrence: { values: { seconds }, headers } };
  }
  if (error instanceof OutcomeUnknown) return later('outcome_unknown');
  return isAway(error) ? later('database_away') : null;
}

function later(refused: ErrorCode): Refusal {
  return { refused, occurrence: { headers: { 'retry-after': '1' } } };
}

/** What Fastify itself refuses, in our words. */
const frameworkCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed_json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_request',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_BAD_URL: 'malformed_request',
  FST_ERR_MAX_PARAM_LENGTH: 'address_too_long',
};

function isAway(error: unknown): boolean {
  if (error instanceof DatabaseAway) return true;
  if (!(error instanceof StatementRefused)) return false;
  // A deadlock or a lost race rolled everything back: to the caller it is a short absence.
  const kind = classifyRefusal(error.code);
  return kind === 'away' || kind === 'again';
}

function isFastifyError(error: unknown): error is FastifyError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

/** He hung up in the middle of his body, or found a refusal of Fastify's not named above. */
function isCallersFault({ code, statusCode = 500 }: FastifyError): boolean {
  const isOfFramework = code.startsWith('FST_ERR_') || code === 'ECONNRESET';
  return isOfFramework && statusCode >= 400 && statusCode < 500;
}

/** A body of 64 kB can hold thousands of wrong fields; the first ones say enough. */
const faultsMax = 20;

export function faultsOf(
  errors: readonly FastifySchemaValidationError[],
  context: string,
): Fault[] {
  return errors.slice(0, faultsMax).map((error) => {
    const { keyword, instancePath, params, message } = error;
    const member = memberAtFault(keyword, params);
    const path = member === null ? instancePath : `${instancePath}/${escapePointer(member)}`;
    const detail = detailOf(keyword, params) ?? message ?? 'is not valid';
    if (context === 'body') return { pointer: `#${path}`, detail };
    return { parameter: path.slice(1), detail };
  });
}

function memberAtFault(keyword: string, params: Record<string, unknown>): string | null {
  const member =
    keyword === 'required'
      ? params['missingProperty']
      : keyword === 'additionalProperties'
        ? params['additionalProperty']
        : null;
  return typeof member === 'string' ? member : null;
}

/** More than these would be no help any more. */
const shownValuesMax = 20;

/** Undefined where the validator's own words are good enough. */
function detailOf(keyword: string, params: Record<string, unknown>): string | undefined {
  if (keyword === 'required') return 'is required';
  if (keyword === 'additionalProperties') return 'is not a field of this request';
  if (keyword === 'type' && params['type'] === 'object') return 'must be a JSON object';
  const values = keyword === 'enum' ? params['allowedValues'] : undefined;
  return Array.isArray(values) && values.length <= shownValuesMax
    ? `must be one of ${values.join(', ')}`
    : undefined;
}

/** RFC 6901 section 3. */
function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
