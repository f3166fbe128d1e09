import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { systemClock } from '../clock.ts';
import { type Config, environment, readConfig } from '../config.ts';
import { findEmbeddedServer } from '../db/embedded.ts';
import { StartRefused } from '../refused.ts';
import { makeDataFolder } from '../runtime/data-folder.ts';
import { poll } from '../runtime/poll.ts';
import { sendSignal, waitForEnd } from '../runtime/processes.ts';
import { demoUsers } from '../users/seed.ts';
import { stopDeadlineMs, stopLeftovers } from './down.ts';
import { bankUrl, readHealth } from './health.ts';
import { apiUrl, InstanceHeld, isGateway, readInstance } from './instance.ts';

/**
 * `tollgate up`: starts the gateway in the background (it starts the rest) and waits until it is
 * healthy. Where it cannot start, says why in the gateway's own sentence. Ctrl-C ends the start,
 * and what it has started; what ran before goes on.
 */
export async function run(args: readonly string[]): Promise<number> {
  parseArgs({ args: [...args], options: {} });
  const config = readConfig(environment());
  const began = systemClock.monotonic();
  const signals = hearSignals();
  const gateway = readInstance(config) === null ? spawnGateway(config) : null;
  const outcome = await Promise.race([bringUp(config, gateway), signals.first]);
  if (typeof outcome !== 'boolean') {
    if (gateway !== null) await abandon(config, gateway, signals.second);
    return exitCodeOf[outcome];
  }
  const seconds = ((systemClock.monotonic() - began) / 1000).toFixed(1);
  const pid = readInstance(config)?.pid ?? 'ended';
  process.stdout.write(
    outcome
      ? `Tollgate is up (process ${pid}, ${seconds} s).\n`
      : `Tollgate was already running (process ${pid}).\n`,
  );
  process.stdout.write(describe(config));
  return 0;
}

/** @returns whether it is this gateway that runs now. @throws StartRefused */
async function bringUp(config: Config, gateway: ChildProcess | null): Promise<boolean> {
  const isNew = gateway !== null && (await hasStarted(config, gateway));
  await awaitHealth(config);
  return isNew;
}

type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** As a shell tells it of a program that a signal ended. */
const exitCodeOf: Readonly<Record<StopSignal, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

function hearSignals(): { readonly first: Promise<StopSignal>; readonly second: Promise<void> } {
  const first = Promise.withResolvers<StopSignal>();
  const second = Promise.withResolvers<void>();
  let heard = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(name, () => {
      heard += 1;
      if (heard === 1) first.resolve(name);
      else second.resolve();
    });
  return { first: first.promise, second: second.promise };
}

/**
 * In order, however far it has come: a gateway that was told to stop while it starts does so when
 * it has started. Whoever signals again does not wait for that; killed, it would leave a database
 * that nobody knows yet.
 */
async function abandon(
  config: Config,
  { pid }: ChildProcess,
  isImpatient: Promise<void>,
): Promise<void> {
  if (pid === undefined) return;
  process.stderr.write('Stopping what was starting ...\n');
  sendSignal(pid, 'SIGTERM');
  const ended = waitForEnd([pid], startDeadlineMs + stopDeadlineMs(config));
  if ((await Promise.race([ended, isImpatient])) !== true) {
    process.stderr.write(`The gateway (process ${pid}) still stops, by itself.\n`);
    return;
  }
  // Somebody else was quicker, and ours had ended before: what runs is his.
  if (readInstance(config) === null) await stopLeftovers(config);
}

/** A crash with much to recover takes minutes; a hung start must not take for ever. */
const startDeadlineMs = 330_000;

type Start =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly sentence: string }
  | { readonly kind: 'ended'; readonly how: string };

/** @returns false where somebody else was quicker. @throws StartRefused */
async function hasStarted(config: Config, gateway: ChildProcess): Promise<boolean> {
  const start = await awaitStart(gateway);
  if (start.kind === 'ready') {
    gateway.disconnect();
    gateway.unref();
    return true;
  }
  const holder = readInstance(config);
  if (holder !== null && isGateway(holder)) return false;
  throw new StartRefused(
    start.kind === 'refused'
      ? start.sentence
      : `The gateway did not start (${start.how}). ${lastLines(logPathOf(config))}`,
  );
}

const logPathOf = (config: Config): string => join(config.dataDir, 'logs', 'gateway.log');

const entry = fileURLToPath(new URL('../../bin/tollgate.js', import.meta.url));

function spawnGateway(config: Config): ChildProcess {
  makeDataFolder(config.dataDir);
  const log = openSync(logPathOf(config), 'a', 0o600);
  // The channel tells us "ready" or why not; node itself, not npm, so that signals reach it.
  const child = spawn(process.execPath, [entry, 'gateway'], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  return child;
}

function awaitStart(child: ChildProcess): Promise<Start> {
  return new Promise((resolve) => {
    let refusal: Start | null = null;
    child.on('message', (message) => {
      const told = readMessage(message);
      if (told?.kind === 'ready') resolve(told);
      else refusal = told ?? refusal;
    });
    child.once('error', (error) => resolve({ kind: 'ended', how: error.message }));
    child.once('exit', (code, signal) =>
      resolve(refusal ?? { kind: 'ended', how: signal ?? `exit code ${code}` }),
    );
  });
}

function readMessage(message: unknown): Start | null {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return null;
  if (message.kind === 'ready') return { kind: 'ready' };
  const sentence = 'sentence' in message ? String(message.sentence) : '';
  return message.kind === 'refused' ? { kind: 'refused', sentence } : null;
}

async function awaitHealth(config: Config): Promise<void> {
  const healthy = await poll(
    async () => {
      const holder = readInstance(config);
      if (holder === null) return 'ended' as const;
      if (!isGateway(holder)) throw new InstanceHeld(config, holder);
      const health = await readHealth(holder.about['url'] ?? apiUrl(config));
      return health?.isOk === true ? ('ok' as const) : null;
    },
    { everyMs: 100, deadlineMs: startDeadlineMs },
  );
  if (healthy === 'ok') return;
  throw new StartRefused(
    healthy === 'ended'
      ? 'The gateway that was starting has ended: "tollgate logs" shows why.'
      : `The gateway runs but is not healthy after ${startDeadlineMs / 1000} s: "tollgate status" shows which part is not.`,
  );
}

function lastLines(path: string): string {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(-5);
  return `The end of ${path}:\n${lines.join('\n')}`;
}

function describe(config: Config): string {
  const server = config.DATABASE === 'embedded' ? findEmbeddedServer(config.dataDir) : null;
  const [demo] = demoUsers;
  const url = readInstance(config)?.about['url'] ?? apiUrl(config);
  const lines = [
    `  API         ${url} (try it out: ${url}/docs)`,
    `  Bank        ${bankUrl(config)}${config.BANK_URL === '' ? ' (simulated)' : ''}`,
    `  Database    ${server === null ? 'external' : `127.0.0.1:${server.port}`}`,
    `  Data, logs  ${config.dataDir}`,
    ...(config.ENVIRONMENT === 'development' && demo !== undefined
      ? [`  Demo login  ${demo.email} / ${demo.password}`]
      : []),
  ];
  return `${lines.join('\n')}\n\nNext: make demo, make status, make logs, make down (all: make help).\n`;
}
