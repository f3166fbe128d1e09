import { request } from 'node:http';
import { setTimeout as rest } from 'node:timers/promises';
import { unreachable } from '../src/assert.ts';
import type { Connection } from './load-connection.ts';
import type { Pace } from './load-job.ts';

/** Decides when the next request leaves. */
export interface Drive {
  readonly start: () => void;
  readonly onAnswer: (connection: Connection, status: number) => void;
  readonly onBroken: () => void;
  /** Resolves when nothing is under way any more. */
  readonly stop: () => Promise<void>;
}

export interface PaceOptions {
  readonly connections: readonly Connection[];
  readonly send: (connection: Connection, startedAt: number) => void;
  readonly counts: { dropped: number };
}

export function openPace(pace: Pace, options: PaceOptions): Drive {
  switch (pace.kind) {
    case 'closed':
      return openClosed(options, null);
    case 'settled':
      return openClosed(options, pace);
    case 'open':
      return openArrivals(options, pace.perSecond);
    case 'burst':
      return openBursts(options, pace.restMs);
    default:
      return unreachable(pace);
  }
}

/**
 * How often the bank is asked how far it is: a fiftieth of a second's payments go out at a time.
 */
const gateEveryMs = 20;

interface Gate {
  readonly unsettledMax: number;
  readonly bankPort: number;
}

function openClosed({ connections, send }: PaceOptions, gate: Gate | null): Drive {
  const idle: Connection[] = [];
  const flight = openFlight();
  let unsettled = 0;
  let executedBefore: number | null = null;
  let watching: Promise<void> = Promise.resolve();

  const next = (connection: Connection): void => {
    if (flight.isStopping() || (gate !== null && unsettled >= gate.unsettledMax)) {
      idle.push(connection);
      return;
    }
    unsettled += 1;
    flight.begin();
    send(connection, performance.now());
  };
  const watchGate = async ({ bankPort }: Gate): Promise<void> => {
    while (!flight.isStopping()) {
      const executed = await askExecuted(bankPort);
      unsettled -= executed - (executedBefore ?? executed);
      executedBefore = executed;
      for (const connection of idle.splice(0)) next(connection);
      await rest(gateEveryMs);
    }
  };

  return {
    start: () => {
      if (gate === null) for (const connection of connections) next(connection);
      else {
        idle.push(...connections);
        watching = watchGate(gate);
        // Not caught: without the bank's count nothing can be paced, the process ends and its
        // parent says so.
      }
    },
    onAnswer: (connection, status) => {
      flight.end();
      // Refused: no payment exists that could still settle.
      if (status !== 202) unsettled -= 1;
      next(connection);
    },
    onBroken: flight.end,
    stop: async () => {
      await flight.stop();
      await watching;
    },
  };
}

/** Arrivals that wait for a connection; beyond it they are dropped and counted. */
const waitingMax = 100_000;
/** A timer is a millisecond late at best; the last stretch is spent looking at the clock. */
const spinMs = 1.5;

function openArrivals({ connections, send, counts }: PaceOptions, perSecond: number): Drive {
  const idle = [...connections];
  const waiting: number[] = [];
  const flight = openFlight();
  const gapMs = 1000 / perSecond;
  let dueAt = performance.now();

  const depart = (startedAt: number): void => {
    const connection = idle.pop();
    if (connection !== undefined) {
      flight.begin();
      send(connection, startedAt);
    } else if (waiting.length < waitingMax) waiting.push(startedAt);
    else counts.dropped += 1;
  };
  const tick = (): void => {
    if (flight.isStopping()) return;
    while (dueAt <= performance.now()) {
      depart(dueAt);
      // Exponential gaps: arrivals that know nothing of each other.
      dueAt += -Math.log(1 - Math.random()) * gapMs;
    }
    const restMs = dueAt - performance.now() - spinMs;
    if (restMs > 1) setTimeout(tick, Math.floor(restMs));
    else setImmediate(tick);
  };

  return {
    start: tick,
    onAnswer: (connection) => {
      flight.end();
      idle.push(connection);
      const startedAt = waiting.shift();
      if (startedAt !== undefined && !flight.isStopping()) depart(startedAt);
    },
    onBroken: flight.end,
    stop: flight.stop,
  };
}

function openBursts({ connections, send }: PaceOptions, restMs: number): Drive {
  const flight = openFlight();
  const burst = (): void => {
    if (flight.isStopping()) return;
    const startedAt = performance.now();
    for (const connection of connections) {
      flight.begin();
      send(connection, startedAt);
    }
  };
  const ended = (): void => {
    flight.end();
    if (flight.isEmpty()) setTimeout(burst, restMs);
  };
  return { start: burst, onAnswer: ended, onBroken: ended, stop: flight.stop };
}

/** Counts what is under way, so that a stop can wait for it. */
function openFlight(): {
  begin: () => void;
  end: () => void;
  isEmpty: () => boolean;
  isStopping: () => boolean;
  stop: () => Promise<void>;
} {
  let underWay = 0;
  let stopped: (() => void) | null = null;
  return {
    begin: () => {
      underWay += 1;
    },
    end: () => {
      underWay -= 1;
      if (underWay === 0) stopped?.();
    },
    isEmpty: () => underWay === 0,
    isStopping: () => stopped !== null,
    stop: () =>
      new Promise((resolve) => {
        stopped = resolve;
        if (underWay === 0) resolve();
      }),
  };
}

/** Payments that the simulated bank has executed since its books were opened. */
function askExecuted(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', path: '/v1/stats' }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => {
        const stats: unknown = JSON.parse(text);
        const isRead = typeof stats === 'object' && stats !== null && 'executed' in stats;
        if (isRead) resolve(Number(stats.executed));
        else reject(new Error(`the bank's totals are ${text}`));
      });
    });
    asked.once('error', reject);
    asked.end();
  });
}
