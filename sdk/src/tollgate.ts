import type { Client } from 'openapi-fetch';
import { openApi } from './answer.ts';
import { type EventsOptions, type FeedEvent, followEvents } from './events.ts';
import { type ItemOf, type ListParams, type ListPath, listItems } from './list.ts';
import type { components, paths } from './openapi.ts';
import { keyHeader } from './problem.ts';
import { openRetrying, type RetryOptions } from './retry.ts';
import { type Credentials, openSession, type Tokens } from './session.ts';
import { type Surroundings, surroundings } from './surroundings.ts';
import { type WaitOptions, waitUntilFinal } from './wait-until-final.ts';

export { type EventsOptions, type FeedEvent } from './events.ts';
export { type Problem, type ProblemCode, TollgateError, UnansweredError } from './problem.ts';
export type { Retry, RetryOptions } from './retry.ts';
export type { Credentials, Tokens } from './session.ts';
export type { Surroundings } from './surroundings.ts';
export { isFinal, NotFinalError, type WaitOptions } from './wait-until-final.ts';
export { verifyWebhook, type WebhookEvent, WebhookVerificationError } from './webhook.ts';
export type { components, paths };

export type User = components['schemas']['User'];
export type Payment = components['schemas']['Payment'];
export type PaymentRequest = components['schemas']['PaymentRequest'];
export type Registration = PostBody<'/api/v1/auth/register'>;
/** The person, and of their webhook endpoint, where they have one, the secret: it is told once. */
export type Registered = Pick<RegisterAnswer, 'user' | 'webhook_endpoint'>;
type RegisterAnswer =
  paths['/api/v1/auth/register']['post']['responses'][201]['content']['application/json'];
export type TransferRequest = PostBody<'/api/v1/transfers'>;
export type Balance = Body200<'/api/v1/users/{id}/balance'>;
/** A payment with what is known of its outcome. */
export type PaymentDetails = Body200<'/api/v1/transactions/{id}'>;

export type RefundRequest = PostBody<'/api/v1/refunds'>;

type PostBody<P extends keyof paths> = paths[P] extends {
  readonly post: {
    readonly requestBody: { readonly content: { readonly 'application/json': infer Body } };
  };
}
  ? Body
  : never;

type Body200<P extends keyof paths> = paths[P] extends {
  readonly get: {
    readonly responses: { readonly 200: { content: { readonly 'application/json': infer Body } } };
  };
}
  ? Body
  : never;

export interface TollgateOptions extends Credentials {
  /** Where the gateway is: `https://pay.example.com`. */
  readonly baseUrl: string;
  readonly retry?: RetryOptions;
  /** For tests. */
  readonly surroundings?: Partial<Surroundings>;
}

export interface PayOptions {
  /**
   * A new one unless given; all repeats of this call have it. Give your own (an order's number) to
   * find out after a crash of yours what became of a payment: the same key never pays twice.
   */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/** Every method throws TollgateError where it is refused, UnansweredError where nobody answers. */
export interface Tollgate {
  /** Every operation of the API, typed, with the same signing in, keys and repeats. */
  readonly api: Client<paths>;
  readonly register: (person: Registration) => Promise<Registered>;
  readonly signIn: (person: { readonly email: string; readonly password: string }) => Promise<User>;
  /** Ends the session, here and there. */
  readonly signOut: () => Promise<void>;
  readonly tokens: () => Tokens | null;
  readonly deposit: (request: PaymentRequest, options?: PayOptions) => Promise<Payment>;
  readonly withdraw: (request: PaymentRequest, options?: PayOptions) => Promise<Payment>;
  /** Between two accounts, done when it is answered. */
  readonly transfer: (request: TransferRequest, options?: PayOptions) => Promise<Payment>;
  /** Back through the bank, out of a deposit that has settled. */
  readonly refund: (request: RefundRequest, options?: PayOptions) => Promise<Payment>;
  /** FAILED, where no worker has it yet; else, and for what is done at once, TollgateError. */
  readonly cancel: (payment: Pick<Payment, 'id' | 'transaction_type'>) => Promise<Payment>;
  readonly payment: (id: string, signal?: AbortSignal) => Promise<PaymentDetails>;
  readonly balance: (query?: {
    readonly currency?: string;
    readonly as_of?: string;
  }) => Promise<Balance>;
  /** The payments that fit, newest first. */
  readonly payments: (
    query?: ListParams<'/api/v1/transactions'>['query'],
  ) => AsyncGenerator<Payment, void, undefined>;
  /** Every item of any list: `list('/api/v1/api-keys')`. */
  readonly list: <P extends ListPath>(
    path: P,
    params?: ListParams<P>,
  ) => AsyncGenerator<ItemOf<P>, void, undefined>;
  /** @throws NotFinalError when the time is over */
  readonly waitUntilFinal: (
    payment: { readonly id: string },
    options?: WaitOptions,
  ) => Promise<PaymentDetails>;
  readonly events: (options?: EventsOptions) => AsyncGenerator<FeedEvent, void, undefined>;
}

export function openTollgate(options: TollgateOptions): Tollgate {
  const around: Surroundings = { ...surroundings, ...options.surroundings };
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const send = openRetrying(around, options.retry);
  const session = openSession(baseUrl, options, { send, now: around.now });
  const { exchange } = session;
  const { api, ask } = openApi({ baseUrl, exchange, newKey: around.newKey });

  const begin = async (path: '/api/v1/auth/login' | '/api/v1/auth/register', body: object) => {
    // Proven by the document: both answer with tokens, and the latter with a little more.
    const answer = (await ask('POST', path, { body })) as RegisterAnswer;
    await session.begin(answer);
    return answer;
  };
  const pay = async (path: keyof paths, body: object, chosen: PayOptions = {}): Promise<Payment> =>
    // Proven by the document: what moves money answers with a payment.
    (await ask('POST', path, {
      body,
      signal: chosen.signal,
      ...(chosen.idempotencyKey === undefined
        ? {}
        : { headers: { [keyHeader]: chosen.idempotencyKey } }),
    })) as Payment;
  const payment = async (id: string, signal?: AbortSignal): Promise<PaymentDetails> =>
    // Proven by the document.
    (await ask('GET', '/api/v1/transactions/{id}', {
      params: { path: { id } },
      signal,
    })) as PaymentDetails;

  return {
    api,
    register: async (person) => {
      const { user, webhook_endpoint } = await begin('/api/v1/auth/register', person);
      return { user, ...(webhook_endpoint === undefined ? {} : { webhook_endpoint }) };
    },
    signIn: async (person) => (await begin('/api/v1/auth/login', person)).user,
    signOut: async () => {
      const refreshToken = session.tokens()?.refreshToken;
      if (refreshToken !== undefined)
        await ask('POST', '/api/v1/auth/logout', { body: { refresh_token: refreshToken } });
      await session.end();
    },
    tokens: session.tokens,
    deposit: (request, chosen) => pay('/api/v1/deposits', request, chosen),
    withdraw: (request, chosen) => pay('/api/v1/withdrawals', request, chosen),
    transfer: (request, chosen) => pay('/api/v1/transfers', request, chosen),
    refund: (request, chosen) => pay('/api/v1/refunds', request, chosen),
    cancel: async ({ id, transaction_type }) => {
      // What cannot be cancelled has no such address, and the gateway says so.
      const path = `/api/v1/${transaction_type}s/{id}/cancel` as '/api/v1/deposits/{id}/cancel';
      // Proven by the document.
      return (await ask('POST', path, { params: { path: { id } } })) as Payment;
    },
    payment,
    balance: async (query = {}) =>
      // Proven by the document.
      (await ask('GET', '/api/v1/users/{id}/balance', {
        params: { path: { id: 'me' }, query },
      })) as Balance,
    payments: (query = {}) => listItems(ask, '/api/v1/transactions', { query }),
    list: (path, params) => listItems(ask, path, params),
    waitUntilFinal: ({ id }, wait = {}) =>
      waitUntilFinal((signal) => payment(id, signal), id, { options: wait, around }),
    events: (wanted = {}) =>
      followEvents(eventsUrl(baseUrl, wanted), { send: exchange, around }, wanted),
  };
}

function eventsUrl(baseUrl: string, { query = {} }: EventsOptions): URL {
  const url = new URL(`${baseUrl}/api/v1/events/stream`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}
