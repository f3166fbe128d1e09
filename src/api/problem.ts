import type { FastifyReply } from 'fastify';
import { type ErrorCode, errorEntry, errorType } from './errors.ts';

/** One thing wrong with the request, and where it stands. */
export type Fault =
  | { readonly pointer: string; readonly detail: string }
  | { readonly parameter: string; readonly detail: string }
  | { readonly header: string; readonly detail: string }
  /** Of a file: its line, and in XML the entry. */
  | { readonly line: number; readonly entry?: number; readonly detail: string };

/** RFC 9457, and `error` and `message` for simple clients. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: ErrorCode;
  readonly errors?: readonly Fault[];
  readonly request_id: string;
  readonly error: ErrorCode;
  readonly message: string;
  readonly [extension: string]: unknown;
}

export interface Occurrence {
  /** Fills the `{names}` of the catalogue's detail. */
  readonly values?: Readonly<Record<string, string>>;
  readonly errors?: readonly Fault[];
  /** Members that this problem has beyond the common ones. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

export const problemMediaType = 'application/problem+json; charset=utf-8';

export function buildProblem(
  code: ErrorCode,
  requestId: string,
  occurrence: Occurrence = {},
): Problem {
  const { status, title, detail: template } = errorEntry(code);
  const detail = template.replace(
    /\{(\w+)\}/g,
    (place, name: string) => occurrence.values?.[name] ?? place,
  );
  return {
    type: errorType(code),
    title,
    status,
    detail,
    instance: requestUrn(requestId),
    code,
    ...(occurrence.errors === undefined ? {} : { errors: occurrence.errors }),
    request_id: requestId,
    error: code,
    message: detail,
    ...occurrence.members,
  };
}

/** A request id has only characters that a URN may have: see request-id.ts. */
export function requestUrn(requestId: string): string {
  return `urn:tollgate:request:${requestId}`;
}

/**
 * Answers with the problem, whatever route asks: the text is ready, no route's schema shapes it.
 */
export function sendProblem(
  reply: FastifyReply,
  code: ErrorCode,
  occurrence: Occurrence = {},
): FastifyReply {
  const problem = buildProblem(code, reply.request.id, occurrence);
  if (occurrence.headers !== undefined) reply.headers(occurrence.headers);
  return reply.code(problem.status).type(problemMediaType).send(JSON.stringify(problem));
}
