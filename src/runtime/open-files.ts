import { readFileSync } from 'node:fs';

/** Files and sockets that this process may have open; Infinity where the system does not say. */
export function openFilesMax(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
  } catch {
    // No /proc: macOS.
    return Number.POSITIVE_INFINITY;
  }
}
