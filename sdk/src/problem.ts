import type { components } from './openapi.ts';

/** RFC 9457: how the gateway says no. */
export type Problem = components['schemas']['Problem'];

/** The words that were known when this was written; a newer gateway may have more. */
export type ProblemCode = components['schemas']['ProblemCode'] | (string & {});

/** The gateway said no. */
export class TollgateError extends Error {
  readonly status: number;
  /** What a program should look at. */
  readonly code: ProblemCode;
  /** Null where something between us and the gateway answered in its place. */
  readonly problem: Problem | null;
  /** Who writes to the gateway's people about this should name it. */
  readonly requestId: string | null;
  /** Under which a repeated payment is the same payment; null for other requests. */
  readonly idempotencyKey: string | null;

  constructor(response: Response, body: unknown, idempotencyKey: string | null) {
    const problem = isProblem(body) ? body : null;
    super(problem?.detail ?? `The gateway answered ${response.status} without saying why.`);
    this.name = 'TollgateError';
    this.status = response.status;
    this.code = problem?.code ?? 'unreadable';
    this.problem = problem;
    this.requestId = problem?.request_id ?? response.headers.get('x-request-id');
    this.idempotencyKey = idempotencyKey;
  }
}

/**
 * No answer came, however often it was asked for. What moves money may have been kept or not:
 * repeat it under `idempotencyKey` to find out, and it is paid once.
 */
export class UnansweredError extends Error {
  readonly idempotencyKey: string | null;

  constructor(request: Request, cause: unknown) {
    super(`No answer to ${request.method} ${new URL(request.url).pathname}.`, { cause });
    this.name = 'UnansweredError';
    this.idempotencyKey = request.headers.get(keyHeader);
  }
}

export const keyHeader = 'idempotency-key';

function isProblem(body: unknown): body is Problem {
  return (
    typeof body === 'object' &&
    body !== null &&
    'code' in body &&
    typeof body.code === 'string' &&
    'detail' in body &&
    typeof body.detail === 'string'
  );
}
