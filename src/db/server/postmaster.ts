import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { poll } from '../../runtime/poll.ts';
import {
  hasPid,
  isProgramIn,
  programsIn,
  sendSignal,
  waitForEnd,
} from '../../runtime/processes.ts';
import { EmbeddedServerRefused } from './refused.ts';

/** What a running or dead server left in postmaster.pid. */
export interface PostmasterFile {
  readonly pid: number;
  readonly port: number;
  /** `starting`, `ready`, `stopping`; stale after a kill. */
  readonly status: string;
}

/** Recovery after a crash reads up to max_wal_size; a slow disk takes a minute or two for it. */
export const startDeadlineMs = 300_000;
/** A fast shutdown ends with a checkpoint of shared_buffers. */
const stopDeadlineMs = 60_000;

export function readPostmasterFile(data: string): PostmasterFile | null {
  let lines: string[];
  try {
    lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return null;
  }
  const [pid, port, status] = [lines[0], lines[3], lines[7]];
  return { pid: Number(pid), port: Number(port), status: status?.trim() ?? '' };
}

export const isServer = (pid: number, data: string): boolean => isProgramIn(pid, 'postgres', data);

/**
 * The server of this folder that outlived whoever started it, once it is ready; null when there is
 * none, and then nothing of it is left that could stop a new start.
 */
export async function findSurvivor(data: string): Promise<PostmasterFile | null> {
  const found = readPostmasterFile(data);
  if (found !== null && isServer(found.pid, data)) {
    const settled = await poll(() => settledState(found.pid, data), {
      everyMs: 20,
      deadlineMs: startDeadlineMs,
    });
    if (settled === null) await stopPostmaster(found.pid, data);
    else if (settled !== 'gone') return settled;
  }
  await clearRemains(data);
  return null;
}

function settledState(pid: number, data: string): PostmasterFile | 'gone' | null {
  if (!isServer(pid, data)) return 'gone';
  const file = readPostmasterFile(data);
  return file?.pid === pid && file.status === 'ready' ? file : null;
}

/**
 * After kill -9 of the postmaster its busy children live on and write, and a new server refuses to
 * start beside them. They left its process group, so they are known by their program and folder. A
 * pid file whose pid belongs to somebody else by now, or to a zombie, would stop the start too; one
 * whose pid is free stays, because it names the shared memory that PostgreSQL then checks itself.
 */
export async function clearRemains(data: string): Promise<void> {
  const orphans = programsIn('postgres', data);
  for (const pid of orphans) sendSignal(pid, 'SIGKILL');
  if (!(await waitForEnd(orphans, 10_000))) {
    throw new EmbeddedServerRefused(
      `Processes ${orphans.join(', ')} of a killed server still use ${data} and cannot be ended.`,
    );
  }
  const left = readPostmasterFile(data);
  if (left !== null && hasPid(left.pid)) rmSync(join(data, 'postmaster.pid'), { force: true });
}

/** Fast: open transactions are rolled back, a checkpoint is written. */
export async function stopPostmaster(pid: number, data: string): Promise<void> {
  for (const [signal, deadlineMs] of [
    ['SIGINT', stopDeadlineMs],
    // Leaves without a checkpoint: the next start recovers, nothing is lost.
    ['SIGQUIT', 10_000],
    ['SIGKILL', 5_000],
  ] as const) {
    if (!isServer(pid, data)) return;
    sendSignal(pid, signal);
    if (await waitForEnd([pid], deadlineMs)) return;
  }
}
