import { existsSync, readFileSync } from 'node:fs';

/** The JSON lines of a log file; what else was printed into it is left out. */
export function parseLogLines(path: string): readonly Readonly<Record<string, unknown>>[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.flatMap((line) => {
    const parsed = line.startsWith('{') ? parseObject(line) : null;
    return parsed === null ? [] : [parsed];
  });
}

/** A killed process may leave half a line behind. */
function parseObject(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value))
      : null;
  } catch {
    return null;
  }
}
