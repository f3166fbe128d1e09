import type { Socket } from 'node:net';
import { newUuid } from '../ids.ts';
import type { ErrorCode } from './errors.ts';
import { buildProblem, problemMediaType } from './problem.ts';

/** What Node's HTTP parser refuses never becomes a request: the answer is written by hand. */
export function refuseMalformed(error: Error & { code?: string }, socket: Socket): void {
  // The client is gone, or an answer is already on its way: there is nobody to talk to.
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const id = newUuid();
  const problem = buildProblem(codes[error.code ?? ''] ?? 'malformed_request', id);
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} Refused`,
    `content-type: ${problemMediaType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${id}`,
    'x-content-type-options: nosniff',
    'cache-control: no-store',
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

const codes: Readonly<Record<string, ErrorCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
};
