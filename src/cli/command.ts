import { userInfo } from 'node:os';
import { actors, type DoneBy } from '../audit-log/append.ts';
import { formatTable } from './table.ts';

/** Characters in a cell of a table: an id fits, and most details. */
const cellMax = 60;

/** The exit codes of main.ts. */
export const exit = { done: 0, refused: 1, notUnderstood: 2 } as const;

/** Who sits at this machine, for the audit log. */
export function doneHere<Reason extends string | null>(
  reason: Reason,
): DoneBy & { readonly reason: Reason } {
  return { actor: actors.cli(systemUser()), requestId: null, reason };
}

/** A container may run as a number that has no name. */
function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}

export function refuse(sentence: string): number {
  process.stderr.write(`${sentence}\n`);
  return exit.refused;
}

export function misunderstood(usage: string): number {
  process.stderr.write(`${usage}\nSee "tollgate help".\n`);
  return exit.notUnderstood;
}

/** The bodies of the API, or a table of some of their fields. */
export function printList<Body extends object>(
  bodies: readonly Body[],
  columns: readonly (keyof Body & string)[],
  isJson: boolean,
): void {
  if (isJson) return printJson(bodies);
  const rows = bodies.map((body) => columns.map((column) => shorten(cellOf(body[column]))));
  process.stdout.write(formatTable(columns, rows));
}

/** The whole body, one field a line. */
export function printOne(body: object, isJson: boolean): void {
  if (isJson) return printJson(body);
  const entries = Object.entries(body);
  const width = Math.max(...entries.map(([name]) => name.length));
  for (const [name, value] of entries)
    process.stdout.write(`${name.padEnd(width)}  ${cellOf(value)}`.trimEnd().concat('\n'));
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // What others wrote must not steer the terminal.
  return text.replace(/[\p{Cc}\p{Cf}]/gu, ' ');
}

/** A table stays a table, whatever a bank has to say; `show` and --json have all of it. */
function shorten(cell: string): string {
  return cell.length > cellMax ? `${cell.slice(0, cellMax - 1)}…` : cell;
}

/** A whole number of 1 to `max`; null where it is none. */
export function readCount(text: string | undefined, fallback: number, max: number): number | null {
  if (text === undefined) return fallback;
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  return count >= 1 && count <= max ? count : null;
}

const textMax = 1_000;

/** What somebody must say; null where he says nothing, or too much. */
export function readText(text: string | undefined): string | null {
  const said = text?.trim() ?? '';
  return said === '' || said.length > textMax ? null : said;
}
