import type { IncomingMessage } from 'node:http';
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

/**
 * HTTP/1.1 has one Host header (RFC 9112 section 3.2). Of several Node takes the first, a proxy
 * perhaps the last: whoever sends two wants us to disagree.
 */
export function hasOneHost(raw: IncomingMessage): boolean {
  const { rawHeaders } = raw;
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts === 1 || (hosts === 0 && raw.httpVersion === '1.0');
}

const codes: Readonly<Record<string, ErrorCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
};
