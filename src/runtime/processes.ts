import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { poll } from './poll.ts';

/**
 * What the system says of other processes. A pid alone proves nothing: it is given to somebody else
 * after its process has ended, so whoever kills or trusts one checks what it is first.
 */

const hasProc = existsSync('/proc/self/stat');

/** Running; a zombie (ended, not yet collected by its parent) is not. */
export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  if (hasProc) {
    const state = statFields(pid)?.[0];
    return state !== undefined && state !== 'Z' && state !== 'X';
  }
  return hasPid(pid);
}

/** The pid is taken: by a process, or by a zombie that nobody has collected yet. */
export function hasPid(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** A mark that two processes with the same pid do not share; null when there is no such process. */
export function startMark(pid: number): string | null {
  if (!isAlive(pid)) return null;
  // Field 22 of /proc/PID/stat: clock ticks since boot. The fields here begin with the third.
  if (hasProc) return statFields(pid)?.[19] ?? null;
  return ps(pid, 'lstart');
}

/** Whether the process is the program of this name, working in this folder (a real path). */
export function isProgramIn(pid: number, program: string, folder: string): boolean {
  if (!isAlive(pid)) return false;
  if (!hasProc) return ps(pid, 'command')?.includes(folder) ?? false;
  return readLink(`/proc/${pid}/cwd`) === folder && programOf(pid) === program;
}

/** All processes of that program that work in that folder. */
export function programsIn(program: string, folder: string): number[] {
  if (!hasProc) return [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => isProgramIn(pid, program, folder));
}

/** @returns whether they have all ended by the deadline. */
export async function waitForEnd(pids: readonly number[], deadlineMs: number): Promise<boolean> {
  const ended = () => (pids.some(isAlive) ? null : true);
  return (await poll(ended, { everyMs: 10, deadlineMs })) ?? false;
}

/** @returns false where the process has ended, or is not ours to signal. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

function programOf(pid: number): string | null {
  // "npm ci" replaces a running program's file; the kernel then says so behind the path.
  const path = readLink(`/proc/${pid}/exe`)?.replace(/ \(deleted\)$/, '');
  return path === undefined ? null : basename(path);
}

/**
 * From the state on: the name before it stands in brackets and may itself hold spaces and brackets.
 */
function statFields(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/**
 * Only the system's own word counts: a look that failed for want of file descriptors would declare
 * every process dead, and the next one may kill a database that serves us.
 */
function isGone(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')
  );
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** macOS has no /proc. */
function ps(pid: number, column: 'lstart' | 'command'): string | null {
  try {
    return execFileSync('ps', ['-ww', '-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return null;
  }
}
