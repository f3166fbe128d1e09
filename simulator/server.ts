import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Bank, InquiryResult, SubmitResult } from './bank.ts';
import type { Ledger } from './ledger.ts';
import { isReference, type Order, parseOrder } from './order.ts';
import type { Transfer } from './store.ts';
import { unreachable } from './unreachable.ts';

export interface ServerOptions {
  readonly bank: Bank;
  readonly ledger: Ledger;
  readonly log: Logger;
  /** What /health says about this process. */
  readonly identity: Readonly<Record<string, unknown>>;
}

/** A transfer is a few hundred bytes. */
const bodyBytesMax = 16_384;
const movementsPageMax = 1000;

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** The HTTP face of the bank, as in docs/bank-contract.md. */
export function createBankServer(options: ServerOptions): Server {
  const server = createServer({
    // Longer than any client keeps a socket idle, so that it is the client who closes: a bank that
    // closes first may cut off a submit that is on its way.
    keepAliveTimeout: 75_000,
    // For the arrival of a request; how long an answer takes is the delay's business.
    requestTimeout: 30_000,
    headersTimeout: 30_000,
  });
  server.on('request', (request, response) => {
    const requestId = request.headers['x-request-id'];
    const call: Call = {
      ...options,
      response,
      requestId: typeof requestId === 'string' && requestIdForm.test(requestId) ? requestId : null,
    };
    if (request.method === 'POST' && request.url === '/v1/transfers') receiveSubmit(call, request);
    else if (request.method === 'GET') send(call, answerGet(call, request.url ?? '/'));
    else send(call, failure(405, 'METHOD_NOT_ALLOWED', 'POST /v1/transfers, else only GET'));
  });
  return server;
}

interface Call extends ServerOptions {
  readonly response: ServerResponse;
  readonly requestId: string | null;
}

const requestIdForm = /^[\x21-\x7e]{1,200}$/;

function receiveSubmit(call: Call, request: IncomingMessage): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= bodyBytesMax) chunks.push(chunk);
  });
  request.on('end', () => {
    if (bytes > bodyBytesMax) {
      send(call, failure(413, 'MALFORMED_REQUEST', `a body is at most ${bodyBytesMax} bytes`));
      return;
    }
    const parsed = parseOrder(Buffer.concat(chunks).toString('utf8'));
    if ('fault' in parsed) {
      call.log.warn({ request_id: call.requestId, fault: parsed.fault }, 'submit malformed');
      send(call, failure(400, 'MALFORMED_REQUEST', parsed.fault));
      return;
    }
    // Whoever hangs up mid-delay stops nothing: the answer is then written to nobody.
    call.bank.submit(parsed.order, (result) => {
      const answer = answerSubmit(parsed.order, result);
      logSubmit(call, parsed.order, answer);
      send(call, answer);
    });
  });
}

/** A line per payment at debug only; what did not go through is worth one at info. */
function logSubmit(call: Call, order: Order, answer: Answer): void {
  const level = answer.status === 200 ? 'debug' : 'info';
  if (!call.log.isLevelEnabled(level)) return;
  const { reference, kind, amount, currency } = order;
  const facts = { request_id: call.requestId, reference, kind, amount, currency };
  call.log[level]({ ...facts, answer: answer.body, status: answer.status }, 'submit answered');
}

function answerSubmit(order: Order, result: SubmitResult): Answer {
  const { reference } = order;
  switch (result.kind) {
    case 'recorded':
      return {
        status: result.transfer.status === 'declined' ? 422 : 200,
        body: describe(result.transfer),
      };
    case 'unavailable':
      return {
        status: 503,
        body: { code: 'UNAVAILABLE', message: 'nothing was done, submit again later', reference },
      };
    case 'timeout':
      return {
        status: 504,
        body: { code: 'TIMEOUT', message: 'the outcome is not known yet, inquire', reference },
      };
    case 'conflict':
      return {
        status: 409,
        body: {
          code: 'REFERENCE_REUSED',
          message: 'this reference stands for a transfer of another kind, amount or currency',
          reference,
        },
      };
    default:
      return unreachable(result);
  }
}

function answerGet(call: Call, url: string): Answer {
  const [path = '/', query = ''] = url.split('?', 2);
  if (path.startsWith('/v1/transfers/')) {
    const reference = path.slice('/v1/transfers/'.length);
    if (!isReference(reference)) return failure(400, 'MALFORMED_REQUEST', 'no such reference form');
    const answer = answerInquiry(reference, call.bank.inquire(reference));
    call.log.debug({ request_id: call.requestId, reference, status: answer.status }, 'inquiry');
    return answer;
  }
  if (path === '/v1/movements') return listMovements(call, new URLSearchParams(query));
  if (path === '/v1/stats') return describeStats(call, new URLSearchParams(query));
  if (path === '/health')
    return {
      status: 200,
      body: { status: 'ok', ...call.identity, in_flight: call.bank.totals().in_flight },
    };
  return failure(404, 'NO_SUCH_PATH', path);
}

function answerInquiry(reference: string, result: InquiryResult): Answer {
  switch (result.kind) {
    case 'recorded':
      return { status: 200, body: describe(result.transfer) };
    case 'pending': {
      const { kind, amount, currency } = result.order;
      return { status: 200, body: { status: 'pending', reference, kind, amount, currency } };
    }
    case 'not_found':
      return {
        status: 404,
        body: { code: 'NOT_FOUND', message: 'no outcome under this reference', reference },
      };
    default:
      return unreachable(result);
  }
}

function listMovements(call: Call, query: URLSearchParams): Answer {
  const after = query.get('after') ?? '0';
  const limit = query.get('limit') ?? '100';
  if (!/^\d{1,15}$/.test(after) || !/^\d{1,4}$/.test(limit) || Number(limit) > movementsPageMax)
    return failure(400, 'MALFORMED_REQUEST', `after is a number, limit 1 to ${movementsPageMax}`);
  const movements = call.ledger.movements({ after: Number(after), limit: Number(limit) });
  return {
    status: 200,
    body: { movements, next_after: movements.at(-1)?.sequence ?? Number(after) },
  };
}

function describeStats(call: Call, query: URLSearchParams): Answer {
  const reference = query.get('reference');
  const one =
    reference === null ? {} : { reference, reference_submits: call.bank.countSubmits(reference) };
  return { status: 200, body: { ...call.bank.totals(), ...one } };
}

function describe(transfer: Transfer): object {
  const { status, reference, kind, amount, currency } = transfer;
  const order = { status, reference, kind, amount, currency };
  if (status === 'declined') return { ...order, code: transfer.code };
  const { bank_transaction_id, executed_at } = transfer;
  return { ...order, bank_transaction_id, executed_at };
}

function failure(status: number, code: string, message: string): Answer {
  return { status, body: { code, message } };
}

function send({ response, requestId }: Call, { status, body }: Answer): void {
  const text = JSON.stringify(body);
  const headers = [
    'content-type',
    'application/json',
    'content-length',
    `${Buffer.byteLength(text)}`,
  ];
  if (requestId !== null) headers.push('x-request-id', requestId);
  response.writeHead(status, headers);
  response.end(text);
}
