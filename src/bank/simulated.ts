import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import { StartRefused } from '../refused.ts';
import { poll } from '../runtime/poll.ts';
import { isProgramIn, sendSignal, startMark, waitForEnd } from '../runtime/processes.ts';
import type { Logger } from '../telemetry/log.ts';

/**
 * The simulated bank beside an embedded gateway: a process of its own that outlives a crash of
 * ours, as a real bank would. The next start adopts it where it is what we want, else replaces it.
 */
export interface SimulatorProcess {
  readonly url: string;
  readonly pid: number;
  /** It was already running: whoever started it died and left it. */
  readonly adopted: boolean;
  /** Resolves when it has ended. */
  readonly stop: () => Promise<void>;
}

export interface SimulatorOptions {
  /** Absolute. */
  readonly dataDir: string;
  readonly port: number;
  /**
   * BANK_SIMULATOR_*, LOG_* and BANK_WEBHOOK_SECRET, with which it signs; nothing else of our
   * environment reaches it.
   */
  readonly env: Readonly<Record<string, string>>;
  readonly log: Logger;
}

/** The simulated bank cannot be started; the message is one clear sentence for its operator. */
export class SimulatorRefused extends StartRefused {
  override readonly name = 'SimulatorRefused';
}

const host = '127.0.0.1';
const program = fileURLToPath(new URL('../../simulator/main.ts', import.meta.url));
/** A start takes about 0.2 s; a busy machine ten times that. */
const startDeadlineMs = 10_000;
/** It only has to commit one group. */
const stopDeadlineMs = 5000;
/** The one in our way may be frozen, and somebody waits for the start. */
const replaceDeadlineMs = 1000;

const isItsOwn = /^(BANK_SIMULATOR|LOG)_|^BANK_WEBHOOK_SECRET$/;

/** @throws SimulatorRefused */
export async function startSimulator(options: SimulatorOptions): Promise<SimulatorProcess> {
  const place = preparePlace(options);
  const health = await askHealth(place.url);
  const survivor = findSurvivor(place, health);
  if (survivor !== null) {
    const isWanted = health !== null && health.pid === survivor && hasSettings(health, place.env);
    if (isWanted) {
      options.log.info({ url: place.url, simulatorPid: survivor }, 'simulated bank adopted');
      return describe(place, { pid: survivor, adopted: true });
    }
    options.log.info({ simulatorPid: survivor, answers: health !== null }, 'old bank stopped');
    await end(place, {
      pid: survivor,
      mark: startMark(survivor),
      deadlineMs: replaceDeadlineMs,
    });
  }
  const pid = await launch(place);
  options.log.info({ url: place.url, simulatorPid: pid }, 'simulated bank started');
  return describe(place, { pid, adopted: false });
}

interface Place {
  readonly url: string;
  /** The process works here: that is how we know it for ours. */
  readonly folder: string;
  readonly logFile: string;
  readonly pidFile: string;
  readonly env: Readonly<Record<string, string>>;
}

function preparePlace({ dataDir, port, env }: SimulatorOptions): Place {
  for (const name of ['bank', 'logs', 'run']) {
    mkdirSync(join(dataDir, name), { recursive: true, mode: 0o700 });
  }
  // Books are nobody else's to read, those of an older release neither.
  chmodSync(join(dataDir, 'bank'), 0o700);
  const folder = realpathSync(join(dataDir, 'bank'));
  const passed = Object.entries(env).filter(([name]) => isItsOwn.test(name));
  return {
    url: `http://${host}:${port}`,
    folder,
    logFile: join(dataDir, 'logs', 'simulator.log'),
    pidFile: join(dataDir, 'run', 'simulator.pid'),
    env: {
      ...Object.fromEntries(passed),
      BANK_SIMULATOR_HOST: host,
      BANK_SIMULATOR_PORT: String(port),
      BANK_SIMULATOR_DATA: join(folder, 'bank.sqlite'),
    },
  };
}

/**
 * A simulated bank of this data folder, by its pid file or by its own word, proven by where it
 * works.
 */
function findSurvivor(place: Place, health: Health | null): number | null {
  const isOwn = health !== null && health.dataFile === place.env['BANK_SIMULATOR_DATA'];
  const own = isOwn ? health.pid : null;
  const noted = Number.parseInt(readText(place.pidFile), 10);
  const candidates = [own, noted].filter((pid) => pid !== null);
  return candidates.find((pid) => isProgramIn(pid, 'node', place.folder)) ?? null;
}

function hasSettings(health: Health, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([name, value]) => {
    const actual = health.settings.get(name);
    if (name === 'BANK_WEBHOOK_SECRET') return actual === fingerprint(value);
    return actual === value || Number(actual) === Number(value);
  });
}

/** What a bank tells of its secret. */
function fingerprint(secret: string): string {
  return `sha256:${createHash('sha256').update(secret).digest('hex').slice(0, 12)}`;
}

async function launch(place: Place): Promise<number> {
  const output = openSync(place.logFile, 'a', 0o600);
  const silentUpTo = statSync(place.logFile).size;
  // Detached: a signal to our group, or our death, does not reach it. The folder is named for `ps`.
  const child = spawn(process.execPath, [program, place.folder], {
    cwd: place.folder,
    env: place.env,
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  child.unref();
  const { pid } = child;
  if (pid === undefined)
    throw new SimulatorRefused('The simulated bank cannot be started: no process.');
  const mark = startMark(pid);
  writeFileSync(place.pidFile, `${pid}\n`, { mode: 0o600 });
  const started = await poll(() => hasStarted(child, place), {
    everyMs: 20,
    deadlineMs: startDeadlineMs,
  });
  if (started === 'healthy') return pid;
  await end(place, { pid, mark, deadlineMs: replaceDeadlineMs });
  const words = readText(place.logFile, silentUpTo).split('\n');
  // What it refuses it says in plain sentences; its log lines are JSON.
  const refusal = words.filter((line) => line !== '' && !line.startsWith('{')).join(' ');
  throw new SimulatorRefused(
    refusal === ''
      ? `The simulated bank did not start on port ${place.env['BANK_SIMULATOR_PORT']} (BANK_SIMULATOR_PORT): see ${place.logFile}.`
      : refusal,
  );
}

async function hasStarted(child: ChildProcess, place: Place): Promise<'healthy' | 'ended' | null> {
  if (child.exitCode !== null || child.signalCode !== null) return 'ended';
  const health = await askHealth(place.url);
  return health !== null && health.pid === child.pid ? 'healthy' : null;
}

function describe(
  place: Place,
  { pid, adopted }: { pid: number; adopted: boolean },
): SimulatorProcess {
  writeFileSync(place.pidFile, `${pid}\n`);
  const mark = startMark(pid);
  return {
    url: place.url,
    pid,
    adopted,
    stop: () => end(place, { pid, mark, deadlineMs: stopDeadlineMs }),
  };
}

interface Target {
  readonly pid: number;
  /** Of the process that we know for ours: a pid that has ended may be somebody else's by now. */
  readonly mark: string | null;
  readonly deadlineMs: number;
}

async function end(place: Place, { pid, mark, deadlineMs }: Target): Promise<void> {
  const isOurs = (): boolean => mark !== null && startMark(pid) === mark;
  if (isOurs()) {
    sendSignal(pid, 'SIGTERM');
    await waitForEnd([pid], deadlineMs);
  }
  if (isOurs()) {
    // Frozen or hanging. What it has answered is on disk, so this loses nothing.
    sendSignal(pid, 'SIGKILL');
    await waitForEnd([pid], stopDeadlineMs);
  }
  rmSync(place.pidFile, { force: true });
}

interface Health {
  readonly pid: number;
  readonly dataFile: string;
  readonly settings: ReadonlyMap<string, unknown>;
}

/** Null: nobody answers there, or somebody who is no simulated bank. */
async function askHealth(url: string): Promise<Health | null> {
  try {
    const response = await request(`${url}/health`, {
      signal: AbortSignal.timeout(1000),
      reset: true,
    });
    const body: unknown = await response.body.json();
    if (typeof body !== 'object' || body === null) return null;
    if (!('pid' in body && 'data_file' in body && 'settings' in body)) return null;
    if (typeof body.pid !== 'number' || typeof body.data_file !== 'string') return null;
    const settings = new Map<string, unknown>(Object.entries(body.settings ?? {}));
    return { pid: body.pid, dataFile: body.data_file, settings };
  } catch {
    // Refused, hung up, or not JSON: all the same, not our bank.
    return null;
  }
}

function readText(path: string, from = 0): string {
  try {
    return readFileSync(path).subarray(from).toString('utf8');
  } catch {
    return '';
  }
}
