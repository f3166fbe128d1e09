import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { BreakerPulse } from '../bank/bank.ts';
import type { Callbacks } from '../callbacks/receive.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Coordination } from '../coordination/coordination.ts';
import type { Database } from '../db/database.ts';
import type { Feed } from '../feed/feed.ts';
import type { Accounts } from '../ledger/accounts.ts';
import type { Accept } from '../payments/command.ts';
import type { Dispatch } from '../payments/dispatch.ts';
import type { Resolve } from '../payments/resolve.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Passwords } from '../users/passwords.ts';
import type { Sessions } from '../users/sessions.ts';
import type { Tokens } from '../users/tokens.ts';
import type { WebhookDesk } from '../webhooks/desk.ts';
import type { ResolveName } from '../webhooks/guard.ts';
import type { Auth } from './auth.ts';
import type { Exports } from './export.ts';
import type { Limits } from './limits.ts';

export interface HealthReport {
  readonly status: 'ok' | 'degraded' | 'stopping';
  readonly version: string;
  readonly dependencies: Readonly<
    Record<string, { readonly status: 'ok' | 'away'; readonly detail?: string }>
  >;
  /** Since the first submit of the oldest unknown outcome; null: none, or nobody can tell. */
  readonly oldest_unknown_seconds?: number | null;
  /** Circuit breaker by bank; of several workers the one that stands worst. */
  readonly breakers?: Readonly<Record<string, BreakerPulse>>;
}

/** What the API is given from outside. */
export interface ApiDeps {
  readonly config: Config;
  readonly log: Logger;
  readonly clock: Clock;
  readonly database: Database;
  readonly coordination: Coordination;
  readonly accept: Accept;
  readonly callbacks: Callbacks;
  /** Says that payments are due. */
  readonly announce: Dispatch['announce'];
  /** Ends an unfinished payment by an operator's word. */
  readonly resolve: Resolve['resolve'];
  /** Seconds after which a payment is welcome again; null where it is now. */
  readonly pressure: () => number | null;
  readonly health: () => Promise<HealthReport>;
  /** Asked where a webhook's name leads. */
  readonly resolveName: ResolveName;
}

/** What every route is given. */
export interface ApiContext extends ApiDeps {
  readonly tokens: Tokens;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
  readonly accounts: Accounts;
  readonly auth: Auth;
  readonly limits: Limits;
  readonly exports: Exports;
  readonly webhooks: WebhookDesk;
  readonly feed: Feed;
}

export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export type Route = (api: Api, context: ApiContext) => void;
