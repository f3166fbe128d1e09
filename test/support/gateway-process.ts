import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environment } from '../../src/config.ts';
import { sendSignal } from '../../src/runtime/processes.ts';
import type { WorkerRole } from '../../src/workers/store.ts';
import type { Home, LogLine, Settings } from './gateway-home.ts';
import { parseLogLines } from './log-lines.ts';

/** One real process of ours, which a test may signal, kill and start again. */
export interface GatewayProcess {
  readonly name: string;
  readonly role: WorkerRole;
  readonly pid: () => number;
  /** The log lines of all its lives. */
  readonly log: () => readonly LogLine[];
  /** How it ended: by itself, by a kill point, by a signal. */
  readonly ended: () => Promise<Ended>;
  readonly kill9: () => Promise<void>;
  /** SIGTERM, and waits for the orderly end. */
  readonly stop: () => Promise<Ended>;
  /** A process that hangs, and its waking. */
  readonly signal: (name: 'SIGSTOP' | 'SIGCONT') => void;
  /** Another life on the same settings; `env` is for that life only. */
  readonly restart: (env?: Settings) => Promise<void>;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ProcessPlan {
  readonly home: Home;
  /** Names its log file. */
  readonly name: string;
  readonly role: WorkerRole;
  readonly env: Settings;
  /** `ulimit -n`, the hard one too: Node.js raises the soft one to it. */
  readonly openFilesMax?: number;
}

/** Resolves when it is ready. */
export async function startProcess(plan: ProcessPlan, env: Settings = {}): Promise<GatewayProcess> {
  const logFile = logFileOf(plan);
  let life = await startLife(plan, env);
  return {
    name: plan.name,
    role: plan.role,
    pid: () => pidOf(life.child),
    log: () => parseLogLines(logFile),
    ended: () => life.ended,
    kill9: async () => {
      life.child.kill('SIGKILL');
      await life.ended;
    },
    stop: () => {
      life.child.kill('SIGTERM');
      return life.ended;
    },
    signal: (name) => sendSignal(pidOf(life.child), name),
    restart: async (changes = {}) => {
      await life.ended;
      life = await startLife(plan, changes);
    },
  };
}

/** A start that is expected to fail. @returns how it ended and what it said, log lines left out */
export async function refuseProcess(plan: ProcessPlan): Promise<{ ended: Ended; said: string }> {
  const { child, ended } = spawnProcess(plan, {});
  child.disconnect();
  const how = await ended;
  const lines = readFileSync(logFileOf(plan), 'utf8').split('\n');
  return { ended: how, said: lines.filter((line) => !line.startsWith('{')).join('\n') };
}

interface Life {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

async function startLife(plan: ProcessPlan, env: Settings): Promise<Life> {
  const life = spawnProcess(plan, env);
  const message: unknown = await Promise.race([
    once(life.child, 'message').then(([first]: unknown[]) => first),
    life.ended.then(() => null),
  ]);
  const isReady =
    typeof message === 'object' &&
    message !== null &&
    'kind' in message &&
    message.kind === 'ready';
  if (!isReady) {
    const told = readFileSync(logFileOf(plan), 'utf8').split('\n').slice(-20).join('\n');
    throw new Error(`${plan.name} did not start:\n${told}`);
  }
  life.child.disconnect();
  return life;
}

function spawnProcess(plan: ProcessPlan, env: Settings): Life {
  const program = fileURLToPath(new URL('../../bin/tollgate.js', import.meta.url));
  const output = openSync(logFileOf(plan), 'a');
  const { PATH, HOME, NODE_V8_COVERAGE } = environment();
  const inherited = Object.entries({ PATH, HOME, NODE_V8_COVERAGE }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  // In its data folder: a developer's .env is not read, and the process is found there.
  const role = plan.role === 'all' ? 'gateway' : plan.role;
  const { file, args } = limited(plan, [process.execPath, program, role]);
  const child = spawn(file, args, {
    cwd: plan.home.dataDir,
    env: { ...Object.fromEntries(inherited), ...plan.env, ...env },
    stdio: ['ignore', output, output, 'ipc'],
  });
  closeSync(output);
  const ended = new Promise<Ended>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  return { child, ended };
}

/** Only a shell can set it before the program starts. */
function limited({ openFilesMax }: ProcessPlan, [file, ...args]: readonly [string, ...string[]]) {
  if (openFilesMax === undefined) return { file, args };
  const script = `ulimit -n ${openFilesMax}; exec "$@"`;
  return { file: '/bin/sh', args: ['-c', script, 'sh', file, ...args] };
}

const logFileOf = ({ home, name }: ProcessPlan): string => join(home.dataDir, `${name}.log`);

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('the process has no pid');
  return child.pid;
}
