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
const waitSecondsMax = 65;
const repeatsMax = 3;

/** A small HTTP client that does what an answer asks for: with Retry-After it waits and repeats. */
export function openClient(options: ClientOptions): Send {
  return async (call) => {
    for (let repeats = 0; ; repeats++) {
      const answer = await exchange(options.url, call);
      const seconds = secondsToWait(answer);
      if (seconds === null) return answer;
      if (repeats === repeatsMax || seconds > waitSecondsMax)
        throw new StoryEnded(
          `${call.method} ${call.path} is still refused (${answer.status}) after ${repeats} waits: try the demo again later.`,
        );
      options.onHeldBack(answer.status, seconds);
      await options.wait(seconds * 1000);
    }
  };
}

/** A payment repeated under its key is the same payment, so every call here may be repeated. */
function secondsToWait({ status, headers }: Answer): number | null {
  const retryAfter = headers.get('retry-after');
  const isHeldBack = status === 429 || status === 503;
  return isHeldBack && retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) : null;
}

async function exchange(url: string, call: Call): Promise<Answer> {
  const { method, path, token, key, body } = call;
  try {
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(answerMs),
    });
    const { status, statusText, headers } = response;
    return { status, statusText, headers, text: await response.text() };
  } catch {
    // Refused, reset, cut off or silent: for the reader of the story it is all the same.
    throw new StoryEnded(`Tollgate at ${url} stopped answering: "make status" shows what is down.`);
  }
}
