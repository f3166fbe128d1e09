import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Closing } from './closing.ts';

/** A process of the benchmark's own: forked with a channel, ended with us. */
export interface Child {
  readonly pid: number;
  readonly process: ChildProcess;
  /** The next message that `read` recognises. Rejects where the process ends first. */
  readonly receive: <T>(read: (message: unknown) => T | null) => Promise<T>;
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
}

export interface ChildOptions {
  /** Beside this file, or a URL. */
  readonly program: string | URL;
  readonly name: string;
  readonly closing: Closing;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Options of node itself. */
  readonly nodeArgs?: readonly string[];
  readonly args?: readonly string[];
  readonly stdio?: ForkOptions['stdio'];
  /** How long an orderly end may take before it is forced. */
  readonly stopDeadlineMs?: number;
}

export function startChild(options: ChildOptions): Child {
  const { name, closing, stopDeadlineMs = 5_000 } = options;
  const program = new URL(options.program, import.meta.url);
  const child = fork(fileURLToPath(program), [...(options.args ?? [])], {
    execArgv: [...(options.nodeArgs ?? [])],
    env: { PATH: process.env['PATH'], ...options.env },
    cwd: options.cwd,
    stdio: options.stdio ?? ['ignore', 'inherit', 'inherit', 'ipc'],
    // Ctrl-C in a terminal is for us; we then end the others in order.
    detached: true,
  });
  let hasEnded = false;
  const ended = once(child, 'exit').then(() => {
    hasEnded = true;
  });
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    if (hasEnded) return;
    child.kill(signal);
    const force = setTimeout(() => child.kill('SIGKILL'), stopDeadlineMs);
    await ended;
    clearTimeout(force);
  };
  closing.add(name, () => stop());
  return {
    pid: child.pid ?? 0,
    process: child,
    receive: (read) => receive(child, name, read),
    stop,
  };
}

function receive<T>(
  child: ChildProcess,
  name: string,
  read: (message: unknown) => T | null,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      child.off('message', onMessage);
      child.off('exit', onExit);
    };
    const onMessage = (message: unknown): void => {
      const found = read(message);
      if (found === null) return;
      end();
      resolve(found);
    };
    const onExit = (code: number | null, signal: NodeJS.Signals | null): void => {
      end();
      reject(new Error(`${name} ended (${signal ?? `exit code ${code}`})`));
    };
    if (child.exitCode !== null || child.signalCode !== null)
      onExit(child.exitCode, child.signalCode);
    child.on('message', onMessage);
    child.on('exit', onExit);
  });
}

/** Most of ours say one thing when they are ready: the port that they took. */
export function readPort(message: unknown): number | null {
  if (typeof message !== 'object' || message === null || !('port' in message)) return null;
  return Number(message.port);
}
