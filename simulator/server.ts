import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Logger } from 'pino';
import { type Answer, failure } from './answers.ts';
import type { Bank } from './bank.ts';
import type { Clock } from './clock.ts';
import type { Control } from './control.ts';
import type { Desk, Reply } from './desk.ts';
import type { Ledger } from './ledger.ts';
import { isReference, type Order, parseOrder } from './order.ts';
import { isDate } from './statement.ts';
import { contentTypes, type Statements } from './statements.ts';
import { transmit } from './transmit.ts';

export interface ServerOptions {
  readonly bank: Bank;
  readonly desk: Desk;
  readonly control: Control;
  readonly statements: Statements;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Logger;
  /** What /health says about this process. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** False: the control's own door, which stays open in an outage and takes no transfers. */
  readonly takesTransfers: boolean;
}

/** A transfer is a few hundred bytes, a page of rules a few thousand. */
const bodyBytesMax = 16_384;
const movementsPageMax = 1000;

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
    const url = request.url ?? '/';
    const isTransfer = options.takesTransfers && url.startsWith('/v1/transfers');
    if (url.startsWith('/control')) readBody(call, request, (body) => control(call, request, body));
    else if (request.method === 'POST' && isTransfer && url === '/v1/transfers')
      readBody(call, request, (body) => submit(call, body));
    else if (request.method !== 'GET')
      send(call, failure(405, 'METHOD_NOT_ALLOWED', 'POST /v1/transfers, else only GET'));
    else if (isTransfer && url.startsWith(transferPath)) inquire(call, url);
    else if (url.startsWith(statementPath)) void sendStatement(call, url);
    else send(call, answerGet(call, url));
  });
  return server;
}

interface Call extends ServerOptions {
  readonly response: ServerResponse;
  readonly requestId: string | null;
}

const transferPath = '/v1/transfers/';
const statementPath = '/statements/';
const requestIdForm = /^[\x21-\x7e]{1,200}$/;

function readBody(call: Call, request: IncomingMessage, take: (body: string) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= bodyBytesMax) chunks.push(chunk);
  });
  request.on('end', () => {
    if (bytes <= bodyBytesMax) take(Buffer.concat(chunks).toString('utf8'));
    else send(call, failure(413, 'MALFORMED_REQUEST', `a body is at most ${bodyBytesMax} bytes`));
  });
}

function submit(call: Call, body: string): void {
  const parsed = parseOrder(body);
  if ('fault' in parsed) {
    call.log.warn({ request_id: call.requestId, fault: parsed.fault }, 'submit malformed');
    send(call, failure(400, 'MALFORMED_REQUEST', parsed.fault));
    return;
  }
  // Whoever hangs up mid-delay stops nothing: the answer is then written to nobody.
  call.desk.submit(parsed.order, (reply) => {
    logSubmit(call, parsed.order, reply);
    transmit({ ...call, dripMs: reply.dripMs }, reply.answer, reply.form);
  });
}

/** A line per payment at debug only; what did not go through is worth one at info. */
function logSubmit(call: Call, order: Order, { answer, form }: Reply): void {
  const level = answer.status === 200 && form === 'true' ? 'debug' : 'info';
  if (!call.log.isLevelEnabled(level)) return;
  const { reference, kind, amount, currency } = order;
  const facts = { request_id: call.requestId, reference, kind, amount, currency };
  call.log[level](
    { ...facts, answer: answer.body, form, status: answer.status },
    'submit answered',
  );
}

function inquire(call: Call, url: string): void {
  const reference = url.slice(transferPath.length).split('?', 1)[0] ?? '';
  if (!isReference(reference)) {
    send(call, failure(400, 'MALFORMED_REQUEST', 'no such reference form'));
    return;
  }
  call.desk.inquire(reference, ({ answer, form, dripMs }) => {
    const { status } = answer;
    call.log.debug({ request_id: call.requestId, reference, status, form }, 'inquiry');
    transmit({ ...call, dripMs }, answer, form);
  });
}

function control(call: Call, request: IncomingMessage, body: string): void {
  const answered = call.control.answer(request, body);
  answered
    .then((answer) => send(call, answer ?? failure(404, 'NO_SUCH_PATH', request.url ?? '/')))
    .catch((error: unknown) => {
      call.log.error({ error: String(error) }, 'control failed');
      send(call, failure(500, 'CONTROL_FAILED', String(error)));
    });
}

async function sendStatement(call: Call, url: string): Promise<void> {
  const [date = '', query = ''] = url.slice(statementPath.length).split('?', 2);
  const format = new URLSearchParams(query).get('format') ?? 'csv';
  if (!isDate(date) || (format !== 'csv' && format !== 'camt053')) {
    const rule = '/statements/YYYY-MM-DD, with format=csv or format=camt053';
    send(call, failure(400, 'MALFORMED_REQUEST', rule));
    return;
  }
  try {
    const text = await call.statements.stream(date, format);
    call.response.writeHead(200, { 'content-type': contentTypes[format] });
    await pipeline(text, call.response);
  } catch (error) {
    // Whoever hung up has no use for the rest; the connection of a half answer is closed.
    call.log.info({ date, format, error: String(error) }, 'statement not sent');
    call.response.destroy();
  }
}

function answerGet(call: Call, url: string): Answer {
  const [path = '/', query = ''] = url.split('?', 2);
  if (path === '/v1/movements') return listMovements(call, new URLSearchParams(query));
  if (path === '/v1/stats') return describeStats(call, new URLSearchParams(query));
  if (path === '/health')
    return {
      status: 200,
      body: { status: 'ok', ...call.identity, in_flight: call.bank.totals().in_flight },
    };
  return failure(404, 'NO_SUCH_PATH', path);
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

function send(call: Call, answer: Answer): void {
  transmit({ ...call, dripMs: 0 }, answer, 'true');
}
