import { type Exchange, openRetrying } from '../../../sdk/src/retry.ts';
import { systemClock } from '../../clock.ts';
import { StoryEnded } from './story-ended.ts';

/** A request as a client of the API writes it. */
export interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly token?: string;
  readonly key?: string;
  readonly body?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  /** As it came: a replay is the same to the byte. */
  readonly text: string;
}

export type Send = (call: Call) => Promise<Answer>;

export interface ClientOptions {
  readonly url: string;
  readonly wait: (ms: number) => Promise<void>;
  /** Told before a wait that the gateway asked for. */
  readonly onHeldBack: (status: number, seconds: number) => void;
}

const answerMs = 20_000;
/** Limits are per minute, so a wait that they ask for is shorter than this. */
const waitMsMax = 65_000;
const attemptsMax = 4;

/**
 * A client that does what an answer asks for, as our SDK does: with Retry-After it waits and
 * repeats. Only its methods are not used: they hide the requests that are to be seen here.
 */
export function openClient({ url, wait, onHeldBack }: ClientOptions): Send {
  const world = { fetch, wait, now: systemClock.now, random: () => 0 };
  const send = openRetrying(world, {
    attemptsMax,
    timeoutMs: answerMs,
    pauseMsMax: waitMsMax,
    onRetry: ({ response, pauseMs }) => {
      if (response !== null) onHeldBack(response.status, Math.ceil(pauseMs / 1000));
    },
  });
  return async (call) => {
    const answer = await exchange(url, call, send);
    if (answer.status === 429 || answer.status === 503)
      throw new StoryEnded(
        `${call.method} ${call.path} is still refused (${answer.status}): try the demo again later.`,
      );
    return answer;
  };
}

async function exchange(url: string, call: Call, send: Exchange): Promise<Answer> {
  const { method, path, token, key, body } = call;
  try {
    const response = await send(
      new Request(url + path, {
        method,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body === undefined ? null : JSON.stringify(body),
      }),
    );
    const { status, statusText, headers } = response;
    return { status, statusText, headers, text: await response.text() };
  } catch {
    // Refused, reset, cut off or silent: for the reader of the story it is all the same.
    throw new StoryEnded(`Tollgate at ${url} stopped answering: "make status" shows what is down.`);
  }
}
