import { randomUUID } from 'node:crypto';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import {
  fastify,
  type InjectOptions,
  type LightMyRequestResponse,
  type RouteOptions,
} from 'fastify';
import { pino } from 'pino';
import type { Access } from '../../src/api/access.ts';
import type { Route } from '../../src/api/context.ts';
import { routes } from '../../src/api/routes.ts';
import { type ApiDeps, openContext, openServer } from '../../src/api/server.ts';
import { present } from '../../src/assert.ts';
import { openCallbacks } from '../../src/callbacks/receive.ts';
import { type Clock, systemClock } from '../../src/clock.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { openMemoryCoordination } from '../../src/coordination/memory.ts';
import type { Database } from '../../src/db/database.ts';
import { openDatabase } from '../../src/db/external.ts';
import type { AccountId, PaymentId, UserId } from '../../src/ids.ts';
import { selectAccounts } from '../../src/ledger/accounts-store.ts';
import type { Accept } from '../../src/payments/command.ts';
import { createKey } from '../../src/users/api-keys.ts';
import { insertUserWithAccount } from '../../src/users/register.ts';
import type { Role } from '../../src/users/roles.ts';
import type { Scope } from '../../src/users/scopes.ts';
import { openTokens } from '../../src/users/tokens.ts';
import { openTestDatabase } from './postgres.ts';

/** Somebody with a USD account and a token. */
export interface Person {
  readonly id: UserId;
  readonly email: string;
  readonly accountId: AccountId;
  readonly token: string;
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A whole API over a real database; the accept behind it, and what fails, are the test's to choose.
 */
export interface TestApi {
  readonly config: Config;
  readonly database: Database;
  readonly send: (person: Person | null, call: Call) => Promise<LightMyRequestResponse>;
  readonly inject: (options: InjectOptions) => Promise<LightMyRequestResponse>;
  readonly listen: () => Promise<string>;
  readonly person: (role?: Role) => Promise<Person>;
  /** The same person, who sends a key with these scopes where they would send their token. */
  readonly keyOf: (person: Person, scopes: readonly Scope[]) => Promise<Person>;
  /** Both clocks of the API go on so far; the database's does not. */
  readonly advance: (ms: number) => void;
  /** The same database behind an API with other settings. */
  readonly beside: (
    settings: Readonly<Record<string, string>>,
    extra?: readonly Route[],
  ) => Promise<TestApi>;
  /** What `accept`, `resolve`, `health` and `pressure` do from now on. */
  readonly use: (
    parts: Partial<Pick<ApiDeps, 'accept' | 'resolve' | 'health' | 'pressure'>>,
  ) => void;
  /** Payments that a callback made due at once. */
  readonly announced: readonly PaymentId[];
  /** Every statement rejects with this, until null. */
  readonly failDatabase: (error: Error | null) => void;
  readonly logLines: Record<string, unknown>[];
  /** Statuses answered so far, by route: `GET /api/v1/users/:id/balance`. */
  readonly answered: ReadonlyMap<string, ReadonlySet<number>>;
  readonly close: () => Promise<void>;
}

/** `extra` are routes of the test's own, behind the guard that ours stand behind. */
export async function openTestApi(
  settings: Record<string, string> = {},
  extra: readonly Route[] = [],
): Promise<TestApi> {
  const { appUrl, drop } = await openTestDatabase();
  const log = pino({ level: 'silent' });
  const database = await openDatabase({ url: appUrl, connectionsMax: 4, groupConnections: 2, log });
  const api = await openApiOver({ database, settings, extra, answered: new Map() });
  const close = async (): Promise<void> => {
    await api.close();
    await database.close();
    await drop();
  };
  return { ...api, close };
}

const quiet: Record<string, string> = {
  PASSWORD_BCRYPT_COST: '4',
  RATE_LIMIT_ENABLED: 'false',
  PORT: '1',
};

interface OverOptions {
  readonly database: Database;
  readonly settings: Readonly<Record<string, string>>;
  readonly extra: readonly Route[];
  readonly answered: Map<string, Set<number>>;
}

async function openApiOver(options: OverOptions): Promise<TestApi> {
  const { database, settings, extra, answered } = options;
  const config: Config = { ...readConfig({ ...quiet, ...settings }), PORT: 0 };
  const failing = openFailing(database);
  const logLines: Record<string, unknown>[] = [];
  const { clock, advance } = openMovableClock();
  const parts: Pick<ApiDeps, 'accept' | 'resolve' | 'health' | 'pressure'> = {
    resolve: async () => [],
    accept: refuseAll,
    health: allIsWell,
    pressure: () => null,
  };
  const log = pino({ level: 'info' }, { write: (line: string) => logLines.push(JSON.parse(line)) });
  const announced: PaymentId[] = [];
  const announce = (ids: readonly PaymentId[]): void => void announced.push(...ids);
  const deps: ApiDeps = {
    config,
    clock,
    log,
    database: failing.database,
    callbacks: callbacksOver(failing.database, { config, announce, log }),
    announce,
    resolve: (words) => parts.resolve(words),
    coordination: openMemoryCoordination(systemClock),
    accept: (command) => parts.accept(command),
    health: () => parts.health(),
    resolveName: async () => [],
    pressure: () => parts.pressure(),
  };
  const server = await openServer(deps, [...routes, ...extra]);
  const inject = async (asked: InjectOptions): Promise<LightMyRequestResponse> => {
    const response = await server.inject(asked);
    const route = routeOf(asked);
    answered.set(route, (answered.get(route) ?? new Set()).add(response.statusCode));
    return response;
  };
  return {
    config,
    database,
    announced,
    inject,
    listen: server.listen,
    logLines,
    answered,
    send: (person, call) => inject(injectOptions(person, call)),
    ...peopleOf(database, { config, clock }),
    advance,
    beside: (others, more = extra) =>
      openApiOver({ ...options, settings: { ...settings, ...others }, extra: more }),
    use: (others) => void Object.assign(parts, others),
    failDatabase: failing.fail,
    close: server.close,
  };
}

/** Answers as the database does, or rejects with what the test wants. */
function openFailing(database: Database): {
  readonly database: Database;
  readonly fail: TestApi['failDatabase'];
} {
  let failure: Error | null = null;
  const failing = <T>(work: () => Promise<T>): Promise<T> =>
    failure === null ? work() : Promise.reject(failure);
  return {
    database: {
      ...database,
      group: (steps) => failing(() => database.group(steps)),
      query: (statement, values) => failing(() => database.query(statement, values)),
      transaction: (work) => failing(() => database.transaction(work)),
      keyed: {
        query: (statement, values) => failing(() => database.keyed.query(statement, values)),
      },
    },
    fail: (error) => {
      failure = error;
    },
  };
}

function openMovableClock(): { readonly clock: Clock; readonly advance: (ms: number) => void } {
  let aheadMs = 0;
  return {
    clock: {
      now: () => systemClock.now() + aheadMs,
      monotonic: () => systemClock.monotonic() + aheadMs,
    },
    advance: (ms) => {
      aheadMs += ms;
    },
  };
}

function callbacksOver(
  database: Database,
  { config, announce, log }: Pick<ApiDeps, 'config' | 'announce' | 'log'>,
): ApiDeps['callbacks'] {
  return openCallbacks({
    database,
    // As insertTestPayment has it.
    bank: { name: 'test', inquires: true },
    secret: config.BANK_WEBHOOK_SECRET,
    leaseMs: config.PAYMENT_LEASE_SECONDS * 1000,
    announce,
    resolve: async () => [],
    log,
  });
}

function peopleOf(
  database: Database,
  { config, clock }: Pick<ApiDeps, 'config' | 'clock'>,
): Pick<TestApi, 'person' | 'keyOf'> {
  const tokens = openTokens({ secret: config.JWT_SECRET_KEY, expireMinutes: 30, clock });
  return {
    person: async (role = 'user') => {
      const row = await database.transaction((tx) => insertUserWithAccount(tx, nobody(role)));
      const user = present(row, 'a random e-mail is free');
      const [account] = await selectAccounts(database, user.id);
      const accountId = present(account, 'a user has an account').id;
      return { id: user.id, email: user.email, accountId, token: tokens.issue(user) };
    },
    keyOf: async (person, scopes) => {
      const owner = { userId: person.id, role: 'admin', environment: 'development' } as const;
      const wish = { name: 'a key', scopes, expiresAt: null };
      const made = await createKey(database, owner, wish, { actor: 'system', requestId: 'test' });
      if (made.kind !== 'created') throw new Error(`no key was made: ${made.kind}`);
      return { ...person, token: made.secret };
    },
  };
}

function injectOptions(person: Person | null, call: Call): InjectOptions {
  const authorization = person === null ? {} : { authorization: `Bearer ${person.token}` };
  const content = call.body === undefined ? {} : { 'content-type': 'application/json' };
  return {
    method: call.method,
    url: call.url,
    headers: { ...authorization, ...content, ...call.headers },
    ...(call.body === undefined
      ? {}
      : { payload: typeof call.body === 'string' ? call.body : JSON.stringify(call.body) }),
  };
}

function nobody(role: Role) {
  return {
    email: `${randomUUID()}@example.com`,
    fullName: 'Some Body',
    // No bcrypt hash: nobody signs in with it, and hundreds of people cost no time.
    passwordHash: '-',
    role,
    webhookUrl: null,
  };
}

const refuseAll: Accept = async () => ({ kind: 'account_busy' });

const allIsWell: ApiDeps['health'] = async () => ({
  status: 'ok',
  version: '0.0.0',
  dependencies: { database: { status: 'ok' } },
});

/** What each route declares: `GET /api/v1/users/:id/balance` → … HEAD goes with its GET. */
function declarations<T>(read: (route: RouteOptions) => T): ReadonlyMap<string, T> {
  const declared = new Map<string, T>();
  const api = fastify().withTypeProvider<TypeBoxTypeProvider>();
  api.addHook('onRoute', (route) => {
    if (route.method !== 'HEAD') declared.set(`${String(route.method)} ${route.url}`, read(route));
  });
  // Proven by what registration does: it keeps these and calls none of them.
  const context = openContext({ config: readConfig({}), clock: systemClock } as ApiDeps);
  for (const route of routes) route(api, context);
  return declared;
}

export function declaredStatuses(): ReadonlyMap<string, readonly number[]> {
  return declarations(({ schema }) => Object.keys(schema?.response ?? {}).map(Number));
}

export function declaredAccess(): ReadonlyMap<string, Access | undefined> {
  return declarations(({ config }) => config?.access);
}

const known = Array.from(declaredStatuses().keys(), (route) => route.split(' ')[1] ?? '');

/** `GET /api/v1/users/:id/balance`, as the declarations name it. */
export function routeOf({ method, url }: Pick<InjectOptions, 'method' | 'url'>): string {
  const path = (typeof url === 'string' ? url : '').split('?')[0] ?? '';
  const fits = (pattern: string): boolean =>
    new RegExp(`^${pattern.replaceAll(/:\w+/g, '[^/]+')}$`).test(path);
  const exact = known.find((pattern) => pattern === path);
  return `${String(method)} ${exact ?? known.find(fits) ?? path}`;
}
