import type { components } from './openapi.ts';
import type { Exchange } from './retry.ts';
import type { Surroundings } from './surroundings.ts';

/** Both tokens, and until when the first one counts. Keep them like a password. */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** By this machine's clock, in milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/** A machine has a key, a person tokens; whoever signs in later has neither yet. */
export interface Credentials {
  readonly apiKey?: string;
  readonly tokens?: Tokens;
  /**
   * Told of each new pair before it is used, and of the end (null). A refresh token counts once:
   * who keeps tokens over a restart must keep the newest.
   */
  readonly onTokens?: (tokens: Tokens | null) => void | Promise<void>;
}

export interface Session {
  /** Signs every request that does not sign itself. */
  readonly exchange: Exchange;
  readonly begin: (answer: TokenAnswer) => Promise<void>;
  readonly end: () => Promise<void>;
  readonly tokens: () => Tokens | null;
}

export type TokenAnswer = components['schemas']['Tokens'];

/** A token that ends while it is on its way is refused, so it is exchanged a little before. */
const earlyMs = 30_000;

export function openSession(
  baseUrl: string,
  credentials: Credentials,
  { send, now }: { readonly send: Exchange; readonly now: Surroundings['now'] },
): Session {
  let tokens = credentials.tokens ?? null;
  /** Several requests that find the token old exchange it once. */
  let refreshing: Promise<void> | null = null;

  async function keep(next: Tokens | null): Promise<void> {
    await credentials.onTokens?.(next);
    tokens = next;
  }

  async function refresh(refreshToken: string): Promise<void> {
    const response = await send(
      new Request(`${baseUrl}/api/v1/auth/refresh`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ refresh_token: refreshToken }),
      }),
    );
    // Proven by the document: 200 is a pair of tokens.
    if (response.ok) return keep(readTokens((await response.json()) as TokenAnswer, now()));
    await response.body?.cancel();
    // Anything but a refusal (an outage, a limit) says nothing about the session.
    if (response.status === 401) await keep(null);
  }

  function refreshOnce(held: Tokens): Promise<void> {
    refreshing ??= refresh(held.refreshToken).finally(() => {
      refreshing = null;
    });
    return refreshing;
  }

  async function exchange(request: Request): Promise<Response> {
    if (request.headers.has('authorization') || isSignIn(request)) return send(request);
    if (credentials.apiKey !== undefined) return send(signed(request, credentials.apiKey));
    if (tokens !== null && tokens.expiresAtMs - now() < earlyMs) await refreshOnce(tokens);
    const sent = tokens;
    if (sent === null) return send(request);
    const response = await send(signed(request, sent.accessToken));
    if (response.status !== 401) return response;
    // Ended early: this clock is wrong, or the gateway wants it so. Another request may have
    // exchanged it meanwhile.
    if (tokens === sent) await refreshOnce(sent);
    if (tokens === null || tokens === sent) return response;
    await response.body?.cancel();
    return send(signed(request, tokens.accessToken));
  }

  return {
    exchange,
    begin: (answer) => keep(readTokens(answer, now())),
    end: () => keep(null),
    tokens: () => tokens,
  };
}

function readTokens(answer: TokenAnswer, nowMs: number): Tokens {
  return {
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token,
    expiresAtMs: nowMs + answer.expires_in * 1000,
  };
}

/** A copy: the request may have to be sent again. */
function signed(request: Request, token: string): Request {
  const copy = request.clone();
  copy.headers.set('authorization', `Bearer ${token}`);
  return copy;
}

/** There a token has no place, and an old one would only be exchanged for nothing. */
function isSignIn({ url }: Request): boolean {
  return /\/api\/v1\/auth\/(login|register|refresh)$/.test(new URL(url).pathname);
}
