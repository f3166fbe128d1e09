import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { isAlive, sendSignal, waitForEnd } from '../../src/runtime/processes.ts';

/**
 * Whatever works below a folder belongs to the test that made the folder: the gateway, its
 * PostgreSQL with every backend, the simulated bank. They are found by the folder they work in,
 * because two of them outlive whoever started them, on purpose.
 */
export function processesBelow(folder: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => isAlive(pid) && worksBelow(pid, folder));
}

/** SIGKILL to all of them, in the order that `arrange` gives; again until nobody is left. */
export async function killBelow(
  folder: string,
  arrange: (pids: readonly number[]) => readonly number[] = (pids) => pids,
): Promise<void> {
  // A process may start another one between the look and the signal.
  for (let pids = processesBelow(folder); pids.length > 0; pids = processesBelow(folder)) {
    for (const pid of arrange(pids)) sendSignal(pid, 'SIGKILL');
    await waitForEnd(pids, 5_000);
  }
}

/**
 * Ends them when this process is gone, however it went: the watchdog waits for the end of a pipe
 * that only we hold. Its own group, so that Ctrl-C leaves it to do its work.
 */
export function watchBelow(folder: string): ChildProcess {
  const watchdog = spawn('/bin/sh', ['-c', watchScript, 'watchdog', folder], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.unref();
  // Proven by stdio above: a pipe is a socket, and it alone must not keep the test running.
  (watchdog.stdin as unknown as { unref(): void }).unref();
  return watchdog;
}

const watchScript = `
cat >/dev/null
for round in 1 2 3; do
  for process in /proc/[0-9]*; do
    place=$(readlink "$process/cwd" 2>/dev/null)
    case "$place/" in "$1"/*) kill -9 "\${process#/proc/}" 2>/dev/null ;; esac
  done
done`;

function worksBelow(pid: number, folder: string): boolean {
  try {
    return `${readlinkSync(`/proc/${pid}/cwd`)}/`.startsWith(`${folder}/`);
  } catch {
    return false;
  }
}
