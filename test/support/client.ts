import { randomUUID } from 'node:crypto';
import { Agent, request } from 'undici';
import type { PaymentBody } from '../../src/api/schemas.ts';
import type { PaymentKind } from '../../src/payments/states.ts';
import { until } from './wait.ts';

/** Speaks HTTP to a gateway as a customer's program would, and keeps every answer to the byte. */
export interface TestClient {
  readonly send: (call: HttpCall) => Promise<Answer>;
  /** A new person with an empty USD account. */
  readonly register: () => Promise<TestUser>;
  readonly close: () => Promise<void>;
}

export interface HttpCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** The JSON object that the text holds. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

export interface PaymentOptions {
  /** A new one unless given. */
  readonly key?: string;
  readonly requestId?: string;
  /** More fields of the body. */
  readonly body?: Readonly<Record<string, unknown>>;
}

export interface Balance {
  readonly balance: string;
  readonly available: string;
  readonly held: string;
}

export interface TestUser {
  readonly id: string;
  readonly email: string;
  /** The header's value, for a test that writes its own HTTP. */
  readonly authorization: string;
  readonly send: (call: HttpCall) => Promise<Answer>;
  readonly pay: (kind: PaymentKind, amount: string, options?: PaymentOptions) => Promise<Answer>;
  readonly deposit: (amount: string, options?: PaymentOptions) => Promise<Answer>;
  readonly withdraw: (amount: string, options?: PaymentOptions) => Promise<Answer>;
  readonly balance: () => Promise<Balance>;
  /** @throws where the answer was no 202 */
  readonly read: (answer: Answer) => Promise<PaymentBody>;
  readonly untilFinal: (answer: Answer, deadlineMs?: number) => Promise<PaymentBody>;
  /** Deposits, and waits until the money is there. */
  readonly fund: (amount: string) => Promise<void>;
}

export const password = 'a-test-password';

/** Sockets at one time: what a test sends at once arrives at once. */
const connectionsMax = 256;

/** Of several URLs each request goes to the next, as a balancer would have it. */
export function openClient(...urls: readonly [string, ...string[]]): TestClient {
  let requests = 0;
  const agent = new Agent({ connections: connectionsMax, pipelining: 1 });

  const send = async ({ method, path, body, headers = {} }: HttpCall): Promise<Answer> => {
    const content = body === undefined ? {} : { 'content-type': 'application/json' };
    const url = urls[requests++ % urls.length];
    const response = await request(`${url}${path}`, {
      dispatcher: agent,
      method,
      headers: { ...content, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.body.text();
    return {
      status: response.statusCode,
      text,
      body: readObject(text),
      headers: Object.fromEntries(
        Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
      ),
    };
  };

  return {
    send,
    register: async () => {
      const email = `${randomUUID()}@example.com`;
      const person = { email, full_name: 'Test Person', password };
      const answer = await send({ method: 'POST', path: '/api/v1/auth/register', body: person });
      expectStatus(answer, 201);
      const { id } = readObject(JSON.stringify(answer.body['user']));
      return userOf(send, { id: String(id), email, token: String(answer.body['access_token']) });
    },
    close: () => agent.destroy(),
  };
}

function userOf(
  sendAnonymous: TestClient['send'],
  person: { readonly id: string; readonly email: string; readonly token: string },
): TestUser {
  const authorization = `Bearer ${person.token}`;
  const send = (call: HttpCall): Promise<Answer> =>
    sendAnonymous({ ...call, headers: { authorization, ...call.headers } });

  const pay: TestUser['pay'] = (kind, amount, options = {}) => {
    const { key = randomUUID(), requestId, body = {} } = options;
    const named = requestId === undefined ? {} : { 'x-request-id': requestId };
    return send({
      method: 'POST',
      path: `/api/v1/${kind}s`,
      body: { amount, ...body },
      headers: { 'idempotency-key': key, ...named },
    });
  };

  const read = async (accepted: Answer): Promise<PaymentBody> => {
    expectStatus(accepted, 202);
    const path = `/api/v1/${String(accepted.body['transaction_type'])}s/${idOf(accepted)}`;
    const answer = await send({ method: 'GET', path });
    expectStatus(answer, 200);
    // Proven by the route's response schema, which serialised it.
    return answer.body as PaymentBody;
  };

  const untilFinal: TestUser['untilFinal'] = (accepted, deadlineMs = 15_000) => {
    expectStatus(accepted, 202);
    return until(
      async () => {
        const payment = await read(accepted);
        return payment.status === 'SUCCESS' || payment.status === 'FAILED' ? payment : null;
      },
      { what: `payment ${idOf(accepted)} to be final`, deadlineMs, everyMs: 15 },
    );
  };

  return {
    id: person.id,
    email: person.email,
    authorization,
    send,
    pay,
    deposit: (amount, options) => pay('deposit', amount, options),
    withdraw: (amount, options) => pay('withdrawal', amount, options),
    balance: async () => {
      const answer = await send({ method: 'GET', path: `/api/v1/users/${person.id}/balance` });
      expectStatus(answer, 200);
      const { balance, available, held } = answer.body;
      return { balance: String(balance), available: String(available), held: String(held) };
    },
    read,
    untilFinal,
    fund: async (amount) => {
      const payment = await untilFinal(await pay('deposit', amount));
      if (payment.status !== 'SUCCESS') throw new Error(`funding failed: ${payment.error_code}`);
    },
  };
}

export function idOf(answer: Answer): string {
  return String(answer.body['id'] ?? answer.body['payment_id']);
}

export function expectStatus(answer: Answer, status: number): void {
  if (answer.status !== status)
    throw new Error(`expected ${status}, got ${answer.status}: ${answer.text}`);
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  const value: unknown = text === '' ? {} : JSON.parse(text);
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value))
    : {};
}
