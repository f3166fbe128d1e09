import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ: 100 on every Linux that Node.js runs on. */
const tickMs = 10;

/** All threads of one process, without its children. */
export function readProcessCpuMs(pid: number): number {
  const fields = statFields(pid);
  return fields === null ? 0 : (ticks(fields, 14) + ticks(fields, 15)) * tickMs;
}

/**
 * A process with all its children, also those that have ended in between: a PostgreSQL server is a
 * parent with a child per connection.
 */
export function readTreeCpuMs(pid: number): number {
  const parents = childrenByParent();
  const sum = (parent: number): number => {
    const fields = statFields(parent);
    if (fields === null) return 0;
    const own = [14, 15, 16, 17].reduce((total, at) => total + ticks(fields, at), 0);
    const children = parents.get(parent) ?? [];
    return children.reduce((total, child) => total + sum(child), own * tickMs);
  };
  return sum(pid);
}

/** Megabytes: now, and the most there ever were. */
export function readMemory(pid: number): { readonly nowMb: number; readonly peakMb: number } {
  const text = readFileSync(`/proc/${pid}/status`, 'latin1');
  const kilobytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
  return { nowMb: kilobytes('VmRSS') / 1024, peakMb: kilobytes('VmHWM') / 1024 };
}

function childrenByParent(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const fields = statFields(Number(name));
    if (fields === null) continue;
    const parent = ticks(fields, 4);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  return children;
}

/** Field n of /proc/PID/stat as proc(5) counts them. */
function ticks(fields: readonly string[], n: number): number {
  return Number(fields[n - 3] ?? 0);
}

/** From the third field on: the second, the name, may hold spaces and brackets. */
function statFields(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    // It has ended; its time is in its parent's fields 16 and 17.
    return null;
  }
}
