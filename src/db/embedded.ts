import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDataFolder } from '../runtime/data-folder.ts';
import { poll } from '../runtime/poll.ts';
import { isPortFree, takeFreePort } from '../runtime/ports.ts';
import type { Logger } from '../telemetry/log.ts';
import { giveToServer, prepareFolder, type ServerFolder } from './server/folder.ts';
import { findLauncher, type Launcher, programEnvironment } from './server/launcher.ts';
import {
  clearRemains,
  findSurvivor,
  isServer,
  readPostmasterFile,
  startDeadlineMs,
  stopPostmaster,
} from './server/postmaster.ts';
import { EmbeddedServerRefused } from './server/refused.ts';
import { prepareRoles, provesItself } from './server/roles.ts';
import { serverSettings } from './server/settings.ts';

/**
 * DATABASE=embedded: a real PostgreSQL server below DATA_DIR, from the binaries that npm brings.
 *
 * In:   a data folder, new, whole, or left behind by a crash.
 * Out:  one healthy server on it, with database `tollgate`, owner `tollgate`, role `tollgate_app`.
 * If we die here: a half-made cluster has another name and is made again; a server that outlives us
 *       is adopted by the next start; a killed one's orphans are ended first, then it recovers.
 */
export interface EmbeddedServer {
  readonly port: number;
  readonly pid: number;
  /** It was already running: whoever started it died and left it. */
  readonly adopted: boolean;
  readonly url: (role: 'app' | 'owner', database?: string) => string;
  /** Resolves when the server has ended. */
  readonly stop: () => Promise<void>;
}

export interface EmbeddedServerOptions {
  /** Absolute. */
  readonly dataDir: string;
  /** 0 takes the one of last time, or a free one. */
  readonly port: number;
  readonly log: Logger;
  /** Beside, or instead of, `serverSettings`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** @throws EmbeddedServerRefused */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  makeDataFolder(options.dataDir);
  const launcher = findLauncher(options.dataDir);
  const folder = prepareFolder(options.dataDir, launcher);
  const adopted = await adopt(folder, options);
  if (adopted !== null) return adopted;
  giveToServer(folder.data, launcher);
  const { pid, port } = await launch(folder, launcher, options);
  const server = describe(folder, { pid, port, adopted: false });
  await prepareRoles(server.url('owner', 'postgres'), folder.credentials.app);
  options.log.info({ port, serverPid: pid }, 'postgres started');
  return server;
}

/** The server of this data folder, if it is running; for commands that work beside the gateway. */
export function findEmbeddedServer(dataDir: string): EmbeddedServer | null {
  const running = readPostmasterFile(join(dataDir, 'postgres'));
  if (running === null) return null;
  const folder = prepareFolder(dataDir, findLauncher(dataDir));
  const isReady = running.status === 'ready' && isServer(running.pid, folder.data);
  return isReady ? describe(folder, { ...running, adopted: true }) : null;
}

async function adopt(
  folder: ServerFolder,
  options: EmbeddedServerOptions,
): Promise<EmbeddedServer | null> {
  const survivor = await findSurvivor(folder.data);
  if (survivor === null) return null;
  const server = describe(folder, { ...survivor, adopted: true });
  const isWanted = options.port === 0 || options.port === survivor.port;
  if (isWanted && (await provesItself(server.url('owner', 'postgres'), folder.data))) {
    await prepareRoles(server.url('owner', 'postgres'), folder.credentials.app);
    options.log.info({ port: server.port, serverPid: server.pid }, 'postgres was running: adopted');
    return server;
  }
  options.log.warn({ port: server.port, serverPid: server.pid }, 'postgres restarts');
  await stopPostmaster(survivor.pid, folder.data);
  // It may have been dying while we looked, and left what a killed one leaves.
  await clearRemains(folder.data);
  return null;
}

function describe(
  folder: ServerFolder,
  running: { readonly pid: number; readonly port: number; readonly adopted: boolean },
): EmbeddedServer {
  const { pid, port, adopted } = running;
  const { owner, app } = folder.credentials;
  return {
    pid,
    port,
    adopted,
    url: (role, database = 'tollgate') => {
      const login = role === 'owner' ? `tollgate:${owner}` : `tollgate_app:${app}`;
      return `postgres://${login}@127.0.0.1:${port}/${database}`;
    },
    stop: () => stopPostmaster(pid, folder.data),
  };
}

/** A free port can be taken by somebody else between the look and the start: then the next one. */
const portTriesMax = 5;

async function launch(
  folder: ServerFolder,
  launcher: Launcher,
  options: EmbeddedServerOptions,
): Promise<{ pid: number; port: number }> {
  for (let tries = 1; ; tries++) {
    const port = await choosePort(folder, options.port);
    const started = await launchOn(port, folder, launcher, options.settings ?? {});
    if ('pid' in started) {
      writeFileSync(folder.portFile, `${port}\n`, { mode: 0o600 });
      return { pid: started.pid, port };
    }
    const isPortTaken = started.fault.includes('could not create any TCP/IP sockets');
    if (isPortTaken && options.port !== 0) throw portRefused(port);
    if (!isPortTaken || tries === portTriesMax) {
      throw new EmbeddedServerRefused(
        `PostgreSQL does not start on ${folder.data}: ${started.fault} (the whole story is in ${folder.log}).`,
      );
    }
  }
}

async function choosePort(folder: ServerFolder, wanted: number): Promise<number> {
  if (wanted !== 0) {
    if (await isPortFree(wanted)) return wanted;
    throw portRefused(wanted);
  }
  const last = rememberedPort(folder.portFile);
  return last !== null && (await isPortFree(last)) ? last : takeFreePort();
}

const portRefused = (port: number): EmbeddedServerRefused =>
  new EmbeddedServerRefused(
    `Port ${port} is in use: set DATABASE_PORT to a free one, or to 0 to have one chosen.`,
  );

function rememberedPort(path: string): number | null {
  try {
    const port = Number(readFileSync(path, 'utf8'));
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : null;
  } catch {
    return null;
  }
}

async function launchOn(
  port: number,
  folder: ServerFolder,
  launcher: Launcher,
  settings: Readonly<Record<string, string>>,
): Promise<{ readonly pid: number } | { readonly fault: string }> {
  const [command, ...args] = launcher.command('postgres');
  const log = openSync(folder.log, 'a', 0o600);
  const logStart = fstatSync(log).size;
  const given = Object.entries({ ...serverSettings, ...settings });
  const child = spawn(
    command,
    [
      ...args,
      '-D',
      folder.data,
      '-p',
      `${port}`,
      ...given.flatMap(([k, v]) => ['-c', `${k}=${v}`]),
    ],
    // In a group of its own: Ctrl-C in a terminal is for the gateway, which then stops the server.
    { detached: true, stdio: ['ignore', log, log], env: programEnvironment, ...launcher.runAs },
  );
  closeSync(log);
  const end = await awaitReady(child, folder.data);
  child.unref();
  if (end === 'ready' && child.pid !== undefined) return { pid: child.pid };
  return { fault: end === 'ready' ? 'it has no pid' : (lastFatal(folder.log, logStart) ?? end) };
}

/** @returns `ready`, or what happened instead. */
async function awaitReady(child: ChildProcess, data: string): Promise<string> {
  let failure: string | null = null;
  child.once('error', (error) => {
    failure = error.message;
  });
  child.once('exit', (code, signal) => {
    failure = `it ended with ${signal ?? `exit code ${code}`}`;
  });
  const ready = (): string | null => {
    if (failure !== null) return failure;
    const file = readPostmasterFile(data);
    // A killed server's file still says "ready", with the old pid.
    return file?.pid === child.pid && file?.status === 'ready' ? 'ready' : null;
  };
  const seen = await poll(ready, { everyMs: 5, deadlineMs: startDeadlineMs });
  if (seen !== null) return seen;
  child.kill('SIGQUIT');
  return `it was not ready within ${startDeadlineMs / 1000} s`;
}

function lastFatal(path: string, from: number): string | null {
  const lines = readFileSync(path).subarray(from).toString('utf8').split('\n');
  const fatal = lines.findLast((line) => /(FATAL|PANIC):/.test(line));
  return (
    fatal?.replace(/^.*?(FATAL|PANIC):\s*/, '') ?? lines.findLast((line) => line !== '') ?? null
  );
}
