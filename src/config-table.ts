import { choice, integer, list, number, type SettingsOf, text, toggle } from './settings.ts';

/**
 * Every setting, in the order in which `.env.example` prints them: its default, its range and what
 * breaks when it is wrong. Nothing else reads the environment.
 */
export const settings = {
  ENVIRONMENT: choice('development', ['development', 'production'], {
    about: 'production refuses default secrets and test switches.',
    danger:
      'development in front of the public lets anyone sign tokens with the known default secret.',
  }),
  HOST: text('127.0.0.1', {
    about: 'Address the API listens on.',
    danger: '0.0.0.0 opens it to the network.',
  }),
  PORT: integer(8000, { min: 1, max: 65_535, about: 'Port of the API.' }),
  CORS_ORIGINS: text('', { about: 'Origins whose pages may call us; empty: all in development.' }),
  API_CONNECTIONS_MAX: integer(10_000, {
    min: 1,
    max: 1e6,
    about:
      'Connections to the API at one time, and never more than half of the open files (ulimit -n).',
    danger:
      'Too many, and clients who only sit there leave no sockets for the bank and the database.',
  }),
  API_HEADERS_MAX_SECONDS: number(10, { min: 0.1, max: 600, about: 'Headers are here by then.' }),
  API_REQUEST_MAX_SECONDS: number(30, {
    min: 0.1,
    max: 3_600,
    about: 'A request is here by then.',
  }),
  API_SILENCE_MAX_SECONDS: number(60, {
    min: 0.1,
    max: 3_600,
    about: 'A request or an answer of which nothing came or went for so long loses its connection.',
    danger: 'Too long, and whoever never reads his answers keeps his connections.',
  }),
  API_CONNECTIONS_PER_ADDRESS_MAX: integer(2_000, {
    min: 1,
    max: 1e6,
    about: 'Connections from one address at one time; TRUSTED_PROXIES are not counted.',
    danger: 'Too many, and one address can take every connection there is.',
  }),
  DATA_DIR: text('.tollgate', {
    about:
      'Embedded mode keeps its database, its bank and its logs here; one folder is one instance.',
    danger: 'Deleting the folder deletes the books.',
  }),
  LOG_LEVEL: choice('info', ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
    about: 'debug writes a line per payment (7 µs each).',
  }),
  LOG_FORMAT: choice('auto', ['auto', 'json', 'pretty'], {
    about: 'auto: pretty in a terminal, else JSON.',
  }),

  DATABASE: choice('embedded', ['embedded', 'external'], {
    about: 'embedded starts its own PostgreSQL below DATA_DIR; external uses DATABASE_URL.',
  }),
  DATABASE_URL: text('', {
    about:
      'postgres://… of the application role; with DATABASE=external. Several hosts (one:5432,two:5432): the one that accepts writes.',
    secret: true,
  }),
  DATABASE_OWNER_URL: text('', {
    about: 'postgres://… of the role that owns the tables, for migrations; with DATABASE=external.',
    secret: true,
  }),
  DATABASE_PORT: integer(0, {
    min: 0,
    max: 65_535,
    about: 'Port of the embedded PostgreSQL; 0 takes a free one.',
  }),
  DATABASE_CONNECTIONS_MAX: integer(10, {
    min: 4,
    max: 200,
    about: 'Connections for single statements, beside those of the group commits.',
    danger: 'More than the server allows: connections are refused under load.',
  }),
  QUEUE: choice('embedded', ['embedded', 'rabbitmq'], {
    about: 'Carries the hints that a payment is due; embedded lives in the one gateway process.',
  }),
  AMQP_URL: text('', {
    about:
      'amqp://… or amqps://… of RabbitMQ (hosts of a cluster: comma separated); with QUEUE=rabbitmq.',
    secret: true,
  }),
  AMQP_PREFIX: text('tollgate', {
    minLength: 1,
    about:
      'Begins the name of every exchange and queue: gateways that share a broker differ in it.',
    danger: 'Two gateways with one prefix take hints from each other, and their payments wait.',
  }),
  COORDINATION: choice('memory', ['memory', 'redis'], {
    about: 'Request limits, account leases and key hints; several processes share them in redis.',
  }),
  REDIS_URL: text('', {
    about:
      'redis[s]://host:port/0, redis[s]+cluster://a,b,c or redis[s]+sentinel://a,b,c/mastername; with COORDINATION=redis.',
    secret: true,
  }),
  REDIS_PREFIX: text('tollgate', {
    about: 'Begins every key, so that a Redis can be shared.',
    danger: 'Two gateways with one prefix count their users together.',
  }),

  JWT_SECRET_KEY: text('development-only-jwt-secret-change-me', {
    secret: true,
    minLength: 32,
    about: 'Signs access tokens (HS256); 32 characters or more.',
    danger: 'Whoever knows it is any user.',
  }),
  JWT_ACCESS_TOKEN_EXPIRE_MINUTES: integer(30, {
    min: 1,
    max: 1440,
    about: 'Life of an access token.',
  }),
  REFRESH_TOKEN_EXPIRE_DAYS: integer(30, {
    min: 1,
    max: 365,
    about: 'Whoever does not come back for so long signs in again; each refresh starts it anew.',
    danger: 'A stolen token that is never used again by its owner counts for so long.',
  }),
  BANK_WEBHOOK_SECRET: text('development-only-bank-webhook-secret', {
    secret: true,
    minLength: 16,
    about: 'Verifies what the bank calls back with.',
    danger: 'Whoever knows it can make us ask the bank about a payment.',
  }),
  PASSWORD_BCRYPT_COST: integer(12, {
    min: 4,
    max: 15,
    about:
      'bcrypt cost: 12 takes about a quarter of a second; +1 doubles it. Production refuses less than 12.',
  }),
  RATE_LIMIT_ENABLED: toggle(true, { about: 'Off switches every request limit off.' }),
  RATE_LIMIT_GLOBAL_PER_MINUTE: integer(1000, {
    min: 0,
    max: 1e9,
    about: 'All requests of a user; 0 is no limit.',
  }),
  RATE_LIMIT_BALANCE_PER_MINUTE: integer(10, {
    min: 0,
    max: 1e9,
    about: 'Balance reads of a user; 0 is no limit.',
  }),
  RATE_LIMIT_TRANSACTIONS_PER_MINUTE: integer(20, {
    min: 0,
    max: 1e9,
    about: 'Lists of a user; 0 is no limit.',
  }),
  RATE_LIMIT_LOGIN_PER_MINUTE: integer(20, {
    min: 0,
    max: 1e9,
    about: 'Logins and registrations per address and per e-mail; 0 is no limit.',
    danger: '0 lets passwords be guessed at full speed.',
  }),
  RATE_LIMIT_CALLBACKS_PER_MINUTE: integer(6000, {
    min: 0,
    max: 1e9,
    about: 'Callbacks per address, signed or not; 0 is no limit.',
    danger: "Below the bank's rate it sends many of them again, and payments wait for their turn.",
  }),

  BANK_URL: text('', {
    about: 'http://… of the bank; empty starts the simulated bank beside the gateway.',
  }),
  BANK_SIMULATOR_PORT: integer(8001, { min: 1, max: 65_535, about: 'Port of the simulated bank.' }),
  BANK_SIMULATOR_MIN_DELAY: number(2, {
    min: 0,
    max: 3600,
    about: 'Seconds the simulated bank takes at least.',
  }),
  BANK_SIMULATOR_MAX_DELAY: number(10, { min: 0, max: 3600, about: 'Seconds it takes at most.' }),
  BANK_SIMULATOR_SUCCESS_RATE: number(0.9, {
    min: 0,
    max: 1,
    about: 'Share of submits that it approves.',
  }),
  BANK_SIMULATOR_SCENARIO: text('none', {
    about:
      'How it misbehaves: a scenario of docs/bank-contract.md, or rules as its control endpoint takes them.',
  }),
  BANK_SIMULATOR_CALLBACK_URL: text('', {
    about: 'Where it sends its callbacks; empty is this gateway, `none` is nowhere.',
  }),
  BANK_CALL_TIMEOUT_SECONDS: number(15, {
    min: 0.05,
    max: 600,
    about:
      'A call to the bank has ended by then; an answer that did not come is unknown, not failed.',
    danger: "Below the bank's usual time every payment becomes an inquiry.",
  }),
  BANK_IN_FLIGHT_MAX: integer(6500, {
    min: 1,
    max: 100_000,
    about: 'Calls to the bank at one time; each is a socket.',
    danger:
      'Above the limit of open files (ulimit -n) calls fail; the start lowers it and says so.',
  }),
  BANK_BREAKER_FAILURES: integer(5, {
    min: 0,
    max: 1e6,
    about:
      "Failures in a row that open the bank's circuit breaker, where half of the last 10 s failed too; 0: never.",
    danger: '0 keeps submitting to a bank that is down until every attempt is spent.',
  }),
  BANK_BREAKER_OPEN_SECONDS: number(60, {
    min: 0.1,
    max: 3600,
    about: 'How long an open breaker keeps payments from the bank before it is tried again.',
  }),
  BANK_RETRY_DELAYS_SECONDS: list([4, 16, 64], {
    min: 0.001,
    max: 86_400,
    lengthMax: 10,
    about: 'Seconds (± 20 %) before submit 2, 3 and 4 after the bank certainly did nothing.',
  }),
  BANK_INQUIRY_DELAYS_SECONDS: list([5, 30, 120, 600, 3600], {
    min: 0.001,
    max: 86_400,
    lengthMax: 10,
    about:
      'Seconds (± 20 %) before each inquiry into an unknown outcome; the last repeats to the deadline.',
  }),
  BANK_PROCESSING_TIME_MAX_SECONDS: number(60, {
    min: 0,
    max: 864_000,
    about: 'How long after a submit the bank may still execute it.',
    danger: 'Below the truth a payment is called failed while its money still moves.',
  }),
  BANK_DEDUPLICATION_WINDOW_HOURS: number(24, {
    min: 0,
    max: 87_600,
    about:
      'How long the bank recognises a repeated reference; 0: it never does, so one submit only.',
    danger: 'Above the truth a payment can be paid twice.',
  }),
  PAYMENT_LEASE_SECONDS: number(25, {
    min: 0.1,
    max: 3600,
    about: 'How long a worker owns a claimed payment; longer than BANK_CALL_TIMEOUT_SECONDS.',
  }),
  PAYMENT_DEADLINE_HOURS: number(72, {
    min: 0.0001,
    max: 8760,
    about: 'Hours from the first claim after which a still unknown outcome goes to review.',
  }),
  SWEEP_INTERVAL_SECONDS: number(0.5, {
    min: 0.01,
    max: 60,
    about: 'How often due payments are looked for; the precision of every delay above.',
  }),

  WEBHOOK_ENCRYPTION_KEY: text('development-only-webhook-encryption-key', {
    secret: true,
    minLength: 32,
    about: 'Seals the signing secrets of webhook endpoints in the database; 32 characters or more.',
    danger: 'Lost, no secret opens again: every endpoint needs a new one.',
  }),
  WEBHOOK_ENCRYPTION_KEY_PREVIOUS: text('', {
    secret: true,
    about: 'The key before it: what it sealed still opens. Empty: there is none.',
  }),
  WEBHOOK_TIMEOUT_SECONDS: number(15, {
    min: 0.1,
    max: 60,
    about: 'Of a whole delivery, from the look at the name to the last byte of the answer.',
  }),
  WEBHOOK_RETRY_DELAYS_SECONDS: list([5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400], {
    min: 0.001,
    max: 604_800,
    lengthMax: 20,
    about: 'Seconds (± 20 %) before attempt 2, 3, …; the default is ten attempts in 3.2 days.',
  }),
  WEBHOOK_DISABLE_AFTER_DAYS: number(5, {
    min: 0.00001,
    max: 365,
    about: 'An endpoint to which nothing could be delivered for so long is switched off.',
  }),
  WEBHOOK_IN_FLIGHT_MAX: integer(1000, {
    min: 1,
    max: 20_000,
    about: 'Deliveries under way in one worker; endpoints that fail share half of them.',
    danger: 'Each is a socket: above the limit of open files (ulimit -n) they fail.',
  }),
  WEBHOOK_ENDPOINT_IN_FLIGHT_MAX: integer(16, {
    min: 1,
    max: 1000,
    about: 'Of these, to one endpoint that answers well; one that fails has one at a time.',
  }),
  WEBHOOK_PORTS: list([443, 80], {
    min: 1,
    max: 65_535,
    lengthMax: 20,
    about: 'Ports that a webhook may be sent to.',
  }),
  WEBHOOK_ALLOW_HTTP: toggle(false, {
    about: 'Lets webhooks be sent to http:// addresses, not only https://.',
    danger: 'Whoever is on the way reads what they say.',
  }),
  WEBHOOK_ALLOW_LOOPBACK: toggle(false, {
    about:
      "Development and tests only: webhooks to this machine's own addresses, at any port. Refused in production.",
    danger: 'Any user can make the gateway send requests to what listens on this machine.',
  }),

  ACCEPT_WAITING_MAX: integer(10_000, {
    min: 1,
    max: 1e6,
    about: 'Accepts waiting for their group; beyond it POSTs get 503.',
  }),
  ACCEPT_DEADLINE_SECONDS: number(5, {
    min: 0.1,
    max: 60,
    about: 'An accept that cannot be decided by then gets 503.',
  }),
  METRICS_PORT: integer(0, {
    min: 0,
    max: 65_535,
    about: 'Port of /metrics for Prometheus, one per process; 0: none.',
  }),
  METRICS_HOST: text('127.0.0.1', {
    about: 'Address that /metrics listens on.',
    danger: 'It asks for no token: open it to your own monitoring only.',
  }),
  BACKLOG_MAX: integer(500_000, {
    min: 1,
    max: 1e9,
    about: 'Unfinished payments; beyond it POSTs get 503 until some have ended. Reads go on.',
  }),
  EVENT_RETENTION_DAYS: number(30, {
    min: 0.001,
    max: 3650,
    about:
      'How far the event feed goes back; events themselves are kept. An older cursor gets 410.',
  }),
  EVENT_STREAMS_MAX: integer(1_000, {
    min: 0,
    max: 100_000,
    about: 'Event streams of one process; beyond it they get 503.',
    danger: 'Each is a connection: near API_CONNECTIONS_MAX they leave none for payments.',
  }),
  EVENT_STREAMS_PER_USER_MAX: integer(10, {
    min: 0,
    max: 100_000,
    about: 'Event streams of one user in one process; beyond it they get 429.',
  }),
  EVENT_STREAM_STALL_MAX_SECONDS: number(30, {
    min: 1,
    max: 3_600,
    about: 'Whoever takes nothing of an event stream for so long is cut off, and may resume.',
  }),
  RECONCILIATION_STATEMENT_MAX_MB: integer(100, {
    min: 1,
    max: 10_000,
    about:
      "Size of a bank's statement; it is kept on disk (the system's folder for temporary files).",
  }),
  RECONCILIATION_CLOCK_MARGIN_SECONDS: number(300, {
    min: 0,
    max: 86_400,
    about: "How far the bank's clock and ours may be apart, at the ends of a statement's days.",
    danger: 'Below the truth, payments around midnight are called missing in the bank.',
  }),
  EVENT_LOOP_DELAY_MAX_MS: integer(500, {
    min: 10,
    max: 60_000,
    about: 'How late the event loop may come on average; beyond it POSTs get 503.',
  }),
  SHUTDOWN_GRACE_SECONDS: number(0, {
    min: 0,
    max: 300,
    about: 'A stop says "not ready" this long before it stops listening, for a balancer to notice.',
  }),
  SHUTDOWN_DEADLINE_SECONDS: number(20, {
    min: 1,
    max: 600,
    about: 'A stop waits this long for calls in flight; their leases cover the rest.',
  }),
  TRUSTED_PROXIES: text('', {
    about: 'Addresses or networks, comma separated, whose X-Forwarded-For counts.',
  }),
  KILL_POINT: text('', {
    about:
      'Tests only: `name:n` kills the process at the n-th hit of a named point. Refused in production.',
  }),
} as const;

export type Settings = SettingsOf<typeof settings>;
