import type { Surroundings } from '../../sdk/src/surroundings.ts';

/** What answers a request of the SDK in a test, in turn; the last one answers all that follow. */
export type Scripted =
  | ScriptedAnswer
  | Error
  | ((request: Request) => Response | Promise<Response>);

export interface ScriptedAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Script {
  readonly around: Surroundings;
  /** Every request, with its body read. */
  readonly requests: SeenRequest[];
  /** Every pause, in milliseconds: none of them is waited. */
  readonly pauses: number[];
}

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly text: string;
}

/** A world whose clock goes on by what is waited, and whose dice always fall the same. */
export function openScript(answers: readonly Scripted[], random = 0.5): Script {
  const requests: SeenRequest[] = [];
  const pauses: number[] = [];
  let nowMs = Date.UTC(2026, 0, 1);
  let keys = 0;
  const around: Surroundings = {
    fetch: async (request) => {
      const { pathname, search } = new URL(request.url);
      const text = await request.clone().text();
      const { method, headers } = request;
      requests.push({ method, path: pathname + search, headers, text });
      const answer = answers[Math.min(requests.length, answers.length) - 1];
      if (answer === undefined) throw new Error('the script is empty');
      if (answer instanceof Error) throw answer;
      return typeof answer === 'function' ? answer(request) : respond(answer);
    },
    now: () => nowMs,
    random: () => random,
    wait: async (ms, signal) => {
      signal?.throwIfAborted();
      pauses.push(ms);
      nowMs += ms;
    },
    newKey: () => `key-${++keys}`,
  };
  return { around, requests, pauses };
}

function respond({ status, body, headers = {} }: ScriptedAnswer): Response {
  const text = body === undefined ? null : JSON.stringify(body);
  return new Response(text, {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

/** As the gateway refuses. */
export function refusal(
  status: number,
  code: string,
  headers: Readonly<Record<string, string>> = {},
): ScriptedAnswer {
  const body = { code, status, title: code, detail: `${code}.`, request_id: 'request-1' };
  return { status, body, headers };
}

/** As fetch says that nobody listens there. */
export function connectionError(code: string): Error {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });
}
