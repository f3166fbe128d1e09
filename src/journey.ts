import type { BreakerSnapshot } from './bank/bank.ts';
import { openResilience } from './bank/resilience.ts';
import { type Callbacks, openCallbacks } from './callbacks/receive.ts';
import { reviewCallbacks } from './callbacks/review.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { openBell } from './feed/bell.ts';
import type { WorkerId } from './ids.ts';
import { openClearing } from './ledger/clearing.ts';
import { type Accepting, openAccept } from './payments/accept.ts';
import { type Dispatch, openDispatch } from './payments/dispatch.ts';
import { openExecute } from './payments/execute.ts';
import { openPace } from './payments/execute-pace.ts';
import { openResolve, type Resolve } from './payments/resolve.ts';
import { openSettle, type Settle } from './payments/settle.ts';
import { policyOf } from './policy.ts';
import type { Ports } from './ports.ts';
import { type KillPoints, openKillPoints } from './runtime/kill-point.ts';
import { startLoop } from './runtime/loop.ts';
import type { Service } from './runtime/service.ts';
import type { Logger } from './telemetry/log.ts';
import { openDeliver } from './webhooks/deliver.ts';
import { openWebhookDesk } from './webhooks/desk.ts';
import { openResolveName } from './webhooks/resolve-name.ts';
import { openSender } from './webhooks/send.ts';

export interface JourneyOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly clock: Clock;
  readonly ports: Ports;
  readonly worker: WorkerId;
  readonly services: Service[];
}

/** With a backlog a look walks over everything that is due; a deadline is hours away. */
const deadlinesEveryMs = 5_000;
/** Soon enough to notice that a breaker's time has come. */
const paceEveryMs = 250;
/** Messages handed out at one time: each is a group of up to 250 payments. */
const prefetch = 10;

/** The half that takes requests: accept → dispatch. */
export function openIntake(options: JourneyOptions): Accepting {
  const { config, clock, ports, services } = options;
  const reach = openKillPoints(config.KILL_POINT);
  const { announce } = dispatchOf(options, reach);
  const ring = openBell(ports.coordination);
  const accepting = openAccept({
    database: ports.database,
    clock,
    bank: ports.bank.name,
    waitingMax: config.ACCEPT_WAITING_MAX,
    deadlineMs: config.ACCEPT_DEADLINE_SECONDS * 1000,
    onAccepted: (ids) => {
      announce(ids);
      ring();
    },
    reach,
  });
  services.push({ name: 'accepts in flight', stop: accepting.drained });
  return accepting;
}

/** What settling needs of a process: the API and the command line have it as a worker does. */
export interface SettlingOptions extends Omit<JourneyOptions, 'ports' | 'services'> {
  readonly ports: Pick<Ports, 'database' | 'coordination'>;
}

/** One per process, so that all who settle in it share their groups. */
export function openSettling(options: SettlingOptions): Settle {
  const { config, log, clock, ports, worker } = options;
  return openSettle({
    database: ports.database,
    coordination: ports.coordination,
    clearing: openClearing(ports.database.keyed, clock.monotonic),
    policy: policyOf(config),
    worker,
    // In flight, as many that wait for their accounts, and words of others.
    waitingMax: 2 * config.BANK_IN_FLIGHT_MAX + 1_000,
    monotonic: clock.monotonic,
    random: Math.random,
    log,
    reach: openKillPoints(config.KILL_POINT),
    onSettled: openBell(ports.coordination),
  });
}

/** Ends unfinished payments by words that did not come from our own contact with the bank. */
export function openResolving(options: SettlingOptions, { settle }: Settle): Resolve {
  const { config, log, clock, ports } = options;
  return openResolve({
    database: ports.database,
    settle,
    monotonic: clock.monotonic,
    log,
    deadlineMs: config.PAYMENT_DEADLINE_HOURS * 3_600_000,
  });
}

/** How often callbacks are held against the end of their payment; nobody waits for it. */
const callbackReviewMs = 2_000;

/** What operators do: have payments looked at now, and end those that nobody knows about. */
export function openOperating(
  options: JourneyOptions,
  settle: Settle,
): Pick<Dispatch, 'announce'> & Resolve {
  const { announce } = dispatchOf(options, openKillPoints(options.config.KILL_POINT));
  return { announce, resolve: openResolving(options, settle).resolve };
}

/** What the bank tells us unasked: inbox → an inquiry that is due. */
export function openCallbackDesk(options: JourneyOptions, settle: Settle): Callbacks {
  const { config, log, ports, services } = options;
  const { name, capabilities } = ports.bank;
  const bank = { name, inquires: capabilities.inquires };
  const leaseMs = config.PAYMENT_LEASE_SECONDS * 1000;
  const { announce } = dispatchOf(options, openKillPoints(config.KILL_POINT));
  const common = { database: ports.database, bank, leaseMs, announce, log };
  const review = () => reviewCallbacks(common);
  const times = { idleMs: callbackReviewMs, errorMsMax: 60_000, log };
  services.push(startLoop('callback review', review, times));
  return openCallbacks({
    ...common,
    secret: config.BANK_WEBHOOK_SECRET,
    resolve: openResolving(options, settle).resolve,
  });
}

/** What the half that works tells of itself. */
export interface Work {
  readonly inFlight: () => number;
  readonly breakers: () => readonly BreakerSnapshot[];
}

/** The half that works: queue and sweeper → execute or recover → settle. */
export async function startWork(options: JourneyOptions, settle: Settle): Promise<Work> {
  const { config, log, clock, ports, services } = options;
  const { database, queue } = ports;
  const bank = openResilience(ports.bank, {
    failures: config.BANK_BREAKER_FAILURES,
    openMs: config.BANK_BREAKER_OPEN_SECONDS * 1000,
    callsMax: config.BANK_IN_FLIGHT_MAX,
    clock,
    log,
  });
  const reach = openKillPoints(config.KILL_POINT);
  const execute = openExecute({
    database,
    bank,
    settle: settle.settle,
    clock,
    log,
    reach,
    inFlightMax: config.BANK_IN_FLIGHT_MAX,
    callTimeoutMs: config.BANK_CALL_TIMEOUT_SECONDS * 1000,
    leaseMs: config.PAYMENT_LEASE_SECONDS * 1000,
    deadlineMs: config.PAYMENT_DEADLINE_HOURS * 3_600_000,
    handBack: queue.publish,
  });
  services.push({ name: 'calls in flight', stop: execute.stop });
  const { sweepOnce, reviewOnce, takeOver } = dispatchOf(options, reach);
  // One data folder has one gateway: see the instance lock of the command line. Before the first
  // message: what this process has claimed is no predecessor's.
  if (config.DATABASE === 'embedded') await takeOver(config.PAYMENT_LEASE_SECONDS * 1000);
  const pace = openPace({
    bank,
    database: database.keyed,
    execute,
    consume: () => queue.consume(execute.handle, { prefetch }),
    monotonic: clock.monotonic,
  });
  await pace.paceOnce();
  services.push({
    name: 'consumer',
    stop: async () => {
      const stopped = pace.stop();
      // At once: messages that wait for a place among the calls would keep the consumer until they
      // have had theirs. They go back to the queue, and 'calls in flight' waits for the calls.
      void execute.stop();
      await stopped;
    },
  });
  const idleMs = config.SWEEP_INTERVAL_SECONDS * 1000;
  const sweep = (): Promise<'again' | 'idle'> => sweepOnce(pace.sweepRowsMax());
  services.push(
    startLoop('sweeper', sweep, { idleMs, errorMsMax: 5_000, log }),
    startLoop('deadlines', reviewOnce, { idleMs: deadlinesEveryMs, errorMsMax: 30_000, log }),
    startLoop('pace', pace.paceOnce, { idleMs: paceEveryMs, errorMsMax: 1_000, log }),
  );
  return { inFlight: execute.inFlight, breakers: () => [bank.snapshot()] };
}

/** Soon enough for a first attempt "at once"; a look at an index that finds nothing. */
const webhooksEveryMs = 100;

/** What is due → whoever asked for it. */
export function startWebhooks(options: JourneyOptions): void {
  const { config, log, clock, ports, worker, services } = options;
  const { guard, seal } = openWebhookDesk(config, ports.database, openResolveName());
  const timeoutMs = config.WEBHOOK_TIMEOUT_SECONDS * 1000;
  const deliver = openDeliver({
    database: ports.database,
    sender: openSender({ guard, timeoutMs }),
    seal,
    clock,
    random: Math.random,
    log,
    worker,
    reach: openKillPoints(config.KILL_POINT),
    policy: {
      timeoutMs,
      delaysMs: config.WEBHOOK_RETRY_DELAYS_SECONDS.map((seconds) => seconds * 1000),
      inFlightMax: config.WEBHOOK_IN_FLIGHT_MAX,
      endpointInFlightMax: config.WEBHOOK_ENDPOINT_IN_FLIGHT_MAX,
      disableAfterMs: config.WEBHOOK_DISABLE_AFTER_DAYS * 86_400_000,
    },
  });
  services.push({ name: 'webhooks under way', stop: deliver.stop });
  const loop = startLoop('webhooks', deliver.deliverOnce, {
    idleMs: webhooksEveryMs,
    errorMsMax: 5_000,
    log,
  });
  deliver.onRoom(loop.wake);
  services.push(loop);
}

function dispatchOf({ log, ports }: JourneyOptions, reach: KillPoints): Dispatch {
  return openDispatch({ database: ports.database, queue: ports.queue, log, reach });
}
