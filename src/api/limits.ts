import { isIPv6 } from 'node:net';
import type {
  FastifyReply,
  FastifyRequest,
  onRequestAsyncHookHandler,
  preHandlerAsyncHookHandler,
} from 'fastify';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Admission, Bucket, BucketState, Coordination } from '../coordination/coordination.ts';
import { normaliseEmail } from '../users/register.ts';
import { seesEverybody } from '../users/roles.ts';
import { callerOf } from './auth.ts';
import { hintKey, parseIdempotencyKey } from './idempotency.ts';
import { sendProblem } from './problem.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The payment that the request's key is remembered to stand for: a hint, never an answer. */
    paymentHint: string | null;
  }
}

export interface Limits {
  /** Every request of a user counts against `global`. */
  readonly global: onRequestAsyncHookHandler;
  /** The same, for a request under an idempotency key: what is remembered of it comes along. */
  readonly payment: onRequestAsyncHookHandler;
  /** So many more requests of the caller, which came in one: all of them, or none. */
  readonly takeMore: (
    request: FastifyRequest,
    reply: FastifyReply,
    requests: number,
  ) => Promise<FastifyReply | undefined>;
  /** `balance` and `transactions` bind customers; operators have `global` only. */
  readonly balance: onRequestAsyncHookHandler;
  readonly transactions: onRequestAsyncHookHandler;
  /** By address: for what comes without a token. */
  readonly address: onRequestAsyncHookHandler;
  /** By address and by e-mail, so after the body is read. */
  readonly login: preHandlerAsyncHookHandler;
  /** By address: anybody may post as the bank. */
  readonly callbacks: onRequestAsyncHookHandler;
  /** Guesses at the password of somebody who is signed in. */
  readonly password: onRequestAsyncHookHandler;
}

type Settings = Pick<
  Config,
  | 'RATE_LIMIT_ENABLED'
  | 'RATE_LIMIT_GLOBAL_PER_MINUTE'
  | 'RATE_LIMIT_BALANCE_PER_MINUTE'
  | 'RATE_LIMIT_TRANSACTIONS_PER_MINUTE'
  | 'RATE_LIMIT_LOGIN_PER_MINUTE'
  | 'RATE_LIMIT_CALLBACKS_PER_MINUTE'
>;

const windowMs = 60_000;

export function openLimits(config: Settings, coordination: Coordination, clock: Clock): Limits {
  /** No bucket where the limit is off or 0. */
  const bucket = (policy: string, perMinute: number) => (subject: string) =>
    config.RATE_LIMIT_ENABLED && perMinute > 0
      ? [{ policy, subject, capacity: perMinute, windowMs }]
      : [];
  const global = bucket('global', config.RATE_LIMIT_GLOBAL_PER_MINUTE);
  const balance = bucket('balance', config.RATE_LIMIT_BALANCE_PER_MINUTE);
  const transactions = bucket('transactions', config.RATE_LIMIT_TRANSACTIONS_PER_MINUTE);
  const loginAddress = bucket('login-address', config.RATE_LIMIT_LOGIN_PER_MINUTE);
  const callbacks = bucket('callbacks', config.RATE_LIMIT_CALLBACKS_PER_MINUTE);
  const loginEmail = bucket('login-email', config.RATE_LIMIT_LOGIN_PER_MINUTE);
  const lastChance = bucket('login-email-address', Math.min(1, config.RATE_LIMIT_LOGIN_PER_MINUTE));
  const password = bucket('password', config.RATE_LIMIT_LOGIN_PER_MINUTE);

  async function admit(
    buckets: readonly Bucket[],
    reply: FastifyReply,
  ): Promise<FastifyReply | undefined> {
    return buckets.length === 0
      ? undefined
      : answerTo(await coordination.admit({ buckets }), reply);
  }

  function answerTo(admission: Admission, reply: FastifyReply): FastifyReply | undefined {
    if (admission.buckets.length === 0) return undefined;
    reply.headers(limitFields(admission, clock.now()));
    return admission.admitted ? undefined : refuse(reply, admission);
  }

  function forCustomers(own: (subject: string) => Bucket[]): onRequestAsyncHookHandler {
    return async (request, reply) => {
      const { userId, role } = callerOf(request);
      const ownBuckets = seesEverybody(role) ? [] : own(userId);
      return admit([...ownBuckets, ...global(userId)], reply);
    };
  }

  return {
    global: async (request, reply) => admit(global(callerOf(request).userId), reply),
    payment: async (request, reply) => {
      const { userId } = callerOf(request);
      const parsed = parseIdempotencyKey(request.raw);
      if (parsed.kind !== 'key') return admit(global(userId), reply);
      const buckets = global(userId);
      const admission = await coordination.admit({ buckets, hintKey: hintKey(userId, parsed.key) });
      request.paymentHint = admission.hint;
      return answerTo(admission, reply);
    },
    takeMore: async (request, reply, cost) => {
      const buckets = global(callerOf(request).userId);
      if (cost < 1 || buckets.length === 0) return undefined;
      return answerTo(await coordination.admit({ buckets, cost }), reply);
    },
    balance: forCustomers(balance),
    callbacks: async (request, reply) => admit(callbacks(addressSubject(request.ip)), reply),
    transactions: forCustomers(transactions),
    address: async (request, reply) => admit(loginAddress(addressSubject(request.ip)), reply),
    login: async (request, reply) => {
      const address = addressSubject(request.ip);
      const email = emailOf(request.body);
      const refused = await admit(loginAddress(address), reply);
      if (refused !== undefined) return refused;
      // Guesses at this e-mail may have used up what it has, from anywhere. Whoever comes from an
      // address that has not guessed since is heard once: a right password gets in, and nobody can
      // lock another out. See docs/decisions/0009-identity.md.
      const byEmail = loginEmail(email);
      if (byEmail.length === 0) return undefined;
      const admission = await coordination.admit({ buckets: byEmail });
      if (admission.admitted) return undefined;
      const subject = `${address} ${email}`;
      const chance = await coordination.admit({ buckets: lastChance(subject) });
      return chance.admitted ? undefined : answerTo(admission, reply);
    },
    password: async (request, reply) => admit(password(callerOf(request).userId), reply),
  };
}

function emailOf(body: unknown): string {
  const hasEmail = typeof body === 'object' && body !== null && 'email' in body;
  return hasEmail && typeof body.email === 'string' ? normaliseEmail(body.email) : '';
}

/** An IPv6 customer has a whole /64 to pick addresses from: it counts as one. */
export function addressSubject(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(plain)) return plain;
  const [left = '', right] = plain.split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right === undefined || right === '' ? [] : right.split(':');
  const zeros = right === undefined ? 0 : Math.max(0, 8 - head.length - tail.length);
  const groups = [...head, ...Array<string>(zeros).fill('0'), ...tail].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

/**
 * draft-ietf-httpapi-ratelimit-headers, and the older X- fields, for the policy nearest to
 * exhaustion. A token bucket has no window that ends: `t` is when it is full again, and where
 * nothing is left, when one more request fits; so Retry-After is never earlier than `t`.
 */
function limitFields(admission: Admission, nowMs: number): Record<string, string> {
  const nearest = nearestToExhaustion(admission.buckets);
  const seconds = secondsUntil(nearest, admission.admitted);
  return {
    'x-ratelimit-limit': String(nearest.capacity),
    'x-ratelimit-remaining': String(nearest.remaining),
    'x-ratelimit-reset': String(Math.floor(nowMs / 1000) + seconds),
    'ratelimit-policy': admission.buckets.map(describePolicy).join(', '),
    ratelimit: `"${nearest.policy}";r=${nearest.remaining};t=${seconds}`,
  };
}

function describePolicy(bucket: BucketState): string {
  return `"${bucket.policy}";q=${bucket.capacity};w=${bucket.windowMs / 1000}`;
}

/** The one that made the caller wait longest, else the one with least left. */
function nearestToExhaustion(buckets: readonly BucketState[]): BucketState {
  return buckets.reduce((nearest, bucket) => {
    if (bucket.retryAfterMs !== nearest.retryAfterMs)
      return bucket.retryAfterMs > nearest.retryAfterMs ? bucket : nearest;
    return bucket.remaining < nearest.remaining ? bucket : nearest;
  });
}

function secondsUntil(bucket: BucketState, admitted: boolean): number {
  const isEmpty = !admitted || bucket.remaining === 0;
  return Math.max(1, Math.ceil((isEmpty ? bucket.retryAfterMs : bucket.resetAfterMs) / 1000));
}

function refuse(reply: FastifyReply, admission: Admission): FastifyReply {
  const violated = admission.buckets.filter((bucket) => bucket.retryAfterMs > 0);
  const seconds = secondsUntil(nearestToExhaustion(admission.buckets), false);
  return sendProblem(reply, 'rate_limit_exceeded', {
    values: { seconds: String(seconds) },
    headers: { 'retry-after': String(seconds) },
    members: {
      'violated-policies': violated.map((bucket) => bucket.policy),
      retry_after: seconds,
    },
  });
}
