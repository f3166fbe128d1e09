import { createHmac, randomUUID } from 'node:crypto';
import { type CallbackRecord, keepRecords } from './callback-records.ts';
import type { Clock } from './clock.ts';
import type { Order } from './order.ts';
import type { CallbackPlan } from './scenarios.ts';
import { unreachable } from './unreachable.ts';

/**
 * The bank's own word, unasked: signed posts to the address that it was given. Without one it says
 * nothing. Order among callbacks of different transfers is not promised.
 */
export interface Callbacks {
  /** Resolves when the first attempt of each has been answered or given up; retries go on. */
  readonly send: (notice: Notice, plan: CallbackPlan) => Promise<void>;
  readonly target: () => CallbackTarget;
  readonly aim: (target: CallbackTarget) => void;
  readonly records: (reference: string | null) => readonly CallbackRecord[];
  /** Forgets what was sent, and gives up what is under way or waits for a retry. */
  readonly reset: () => void;
}

export interface CallbackTarget {
  /** Null: nobody is told. */
  readonly url: string | null;
  readonly secret: string;
  /** Gaps before each further attempt of one that no 2xx, 3xx or 4xx answered. */
  readonly retryDelaysMs: readonly number[];
}

/** What there is to say about a transfer. */
export interface Notice {
  readonly order: Order;
  readonly truth: Word;
  readonly bankTransactionId: string | null;
}

export interface Word {
  readonly status: 'SUCCESS' | 'FAILED' | 'TIMEOUT' | 'UNAVAILABLE' | 'INSUFFICIENT_FUNDS';
  readonly errorCode: string | null;
}

const attemptDeadlineMs = 5000;
/** A false claim that money moved looks like a true one. */
const neverGiven = 'BT999999999999';

export function openCallbacks(started: CallbackTarget, clock: Clock): Callbacks {
  let target = started;
  const records = keepRecords(clock);
  const retries = new Set<{ readonly cancel: () => void }>();
  let underWay = new AbortController();

  const attempt = async (message: Message, number: number): Promise<void> => {
    const { url } = message.target;
    const { signal } = underWay;
    const outcome = await post(url, message, signal);
    if (signal.aborted) return;
    records.note({ ...message.facts, url, attempt: number, ...outcome });
    const isAnswered = outcome.answer_status !== null && outcome.answer_status < 500;
    const delayMs = message.target.retryDelaysMs[number - 1];
    if (isAnswered || delayMs === undefined) return;
    const retry = clock.after(delayMs, () => {
      retries.delete(retry);
      void attempt(message, number + 1);
    });
    retries.add(retry);
  };

  return {
    send: async (notice, plan) => {
      const { url } = target;
      if (url === null) return;
      const message = compose({ notice, plan, target: { ...target, url }, nowMs: clock.nowMs() });
      await Promise.all(Array.from({ length: plan.times }, () => attempt(message, 1)));
    },
    target: () => target,
    aim: (next) => {
      target = next;
    },
    records: records.list,
    reset: () => {
      underWay.abort();
      underWay = new AbortController();
      for (const retry of retries) retry.cancel();
      retries.clear();
      records.clear();
    },
  };
}

interface Message {
  readonly target: CallbackTarget & { readonly url: string };
  readonly body: string;
  readonly signature: string;
  readonly facts: Pick<CallbackRecord, 'event_id' | 'reference' | 'status' | 'flaw'>;
}

interface Composition {
  readonly notice: Notice;
  readonly plan: CallbackPlan;
  readonly target: Message['target'];
  readonly nowMs: number;
}

/** A retry repeats it to the byte: one event is one message. */
function compose({ notice, plan, target, nowMs }: Composition): Message {
  const { reference, amount, currency } = notice.order;
  const { status, errorCode } = wordOf(plan, notice.truth);
  const eventId = randomUUID();
  const body = JSON.stringify({
    transaction_id: reference,
    bank_transaction_id: status === 'SUCCESS' ? (notice.bankTransactionId ?? neverGiven) : null,
    status,
    message: `the bank says ${status}`,
    error_code: errorCode,
    timestamp: Math.floor(nowMs / 1000) - plan.ageSeconds,
    event_id: eventId,
    amount: plan.flaw === 'wrong_amount' ? (BigInt(amount) + 1n).toString() : amount,
    currency,
  });
  const secret = plan.flaw === 'forged' ? `not ${target.secret}` : target.secret;
  return {
    target,
    body,
    signature: createHmac('sha256', secret).update(body).digest('hex'),
    facts: { event_id: eventId, reference, status, flaw: plan.flaw },
  };
}

function wordOf(plan: CallbackPlan, truth: Word): Word {
  switch (plan.says) {
    case 'truth':
      return truth;
    case 'executed':
      return { status: 'SUCCESS', errorCode: null };
    case 'declined':
      return { status: 'FAILED', errorCode: 'INVALID_REQUEST' };
    case 'timeout':
      return { status: 'TIMEOUT', errorCode: 'TIMEOUT' };
    default:
      return unreachable(plan.says);
  }
}

type Outcome = Pick<CallbackRecord, 'answer_status' | 'answer' | 'error'>;

async function post(
  url: string,
  { body, signature }: Message,
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-bank-signature': signature },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(attemptDeadlineMs)]),
    });
    const answer = await response.text();
    return { answer_status: response.status, answer: answer.slice(0, 500), error: null };
  } catch (error) {
    // Refused, reset or too slow: the record says which, and a retry follows.
    return { answer_status: null, answer: null, error: reasonOf(error) };
  }
}

/** fetch says "fetch failed", and why in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
