import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { present } from '../assert.ts';
import { startMark } from './processes.ts';

/**
 * One process at a time may hold a name in a folder. The lock is a file with its holder's pid and
 * start time, so it ends with the process, however that ends, and a recycled pid fools nobody.
 *
 * The files are numbered, and the highest one counts. Taking a dead holder's lock makes the next
 * number (`link` fails where it exists, so one of two wins), and the highest is never removed: so
 * nobody can sweep away, as a dead one's, a lock that was taken a moment ago.
 */
export interface InstanceLock {
  readonly release: () => void;
}

export interface Holder {
  readonly pid: number;
  readonly mark: string;
  /** What the holder wanted to be known: its command, its address. */
  readonly about: Readonly<Record<string, string>>;
}

export type TakenLock = InstanceLock | { readonly heldBy: Holder };

export function takeInstanceLock(
  folder: string,
  name: string,
  about: Readonly<Record<string, string>>,
): TakenLock {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const mark = present(startMark(process.pid), 'this process is running');
  const own: Holder = { pid: process.pid, mark, about };
  for (;;) {
    const last = newest(folder, name);
    const heldBy = last === 0 ? null : readHolder(pathOf(folder, name, last));
    if (heldBy !== null && startMark(heldBy.pid) === heldBy.mark) return { heldBy };
    if (!create(pathOf(folder, name, last + 1), own)) continue;
    // Seen late: others may have taken, and left, higher numbers since we looked.
    if (newest(folder, name) !== last + 1) rmSync(pathOf(folder, name, last + 1), { force: true });
    else return hold(folder, name, last + 1);
  }
}

/** Who holds it now, or null. */
export function readInstanceLock(folder: string, name: string): Holder | null {
  const last = newest(folder, name);
  const holder = last === 0 ? null : readHolder(pathOf(folder, name, last));
  return holder !== null && startMark(holder.pid) === holder.mark ? holder : null;
}

function hold(folder: string, name: string, number: number): InstanceLock {
  for (const older of numbers(folder, name)) {
    if (older < number) rmSync(pathOf(folder, name, older), { force: true });
  }
  return {
    release: () => {
      const path = pathOf(folder, name, number);
      writeFileSync(`${path}.released`, '{}', { mode: 0o600 });
      renameSync(`${path}.released`, path);
    },
  };
}

/** @returns false where somebody else has this number. The file appears whole or not at all. */
function create(path: string, holder: Holder): boolean {
  const written = `${path}.${holder.pid}`;
  writeFileSync(written, JSON.stringify(holder), { mode: 0o600 });
  try {
    linkSync(written, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(written, { force: true });
  }
}

function readHolder(path: string): Holder | null {
  try {
    const read: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isHolder(read) ? read : null;
  } catch {
    return null;
  }
}

function isHolder(value: unknown): value is Holder {
  if (typeof value !== 'object' || value === null) return false;
  if (!('pid' in value && 'mark' in value && 'about' in value)) return false;
  const { pid, mark, about } = value;
  return typeof pid === 'number' && typeof mark === 'string' && typeof about === 'object';
}

const pathOf = (folder: string, name: string, number: number): string =>
  join(folder, `${name}.lock.${number}`);

function newest(folder: string, name: string): number {
  return Math.max(0, ...numbers(folder, name));
}

function numbers(folder: string, name: string): number[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  const prefix = `${name}.lock.`;
  return names
    .filter((file) => file.startsWith(prefix) && /^\d+$/.test(file.slice(prefix.length)))
    .map((file) => Number(file.slice(prefix.length)));
}
