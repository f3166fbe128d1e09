import { median } from './measure.ts';

/** One line of the table and one entry of the JSON. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** `≥ 0.5`; null for what is told without a goal. */
  readonly goal: string | null;
  readonly met: boolean | null;
  /** Lowest and highest of the repeats. */
  readonly range: readonly [number, number];
}

export interface Goal {
  readonly is: 'at least' | 'at most';
  readonly bound: number;
}

export const atLeast = (bound: number): Goal => ({ is: 'at least', bound });
export const atMost = (bound: number): Goal => ({ is: 'at most', bound });

/** The median of the repeats against the goal. */
export function figure(
  name: string,
  unit: string,
  repeats: readonly number[],
  goal: Goal | null = null,
): Figure {
  const value = median(repeats);
  return {
    name,
    value,
    unit,
    goal: goal === null ? null : `${goal.is === 'at least' ? '≥' : '≤'} ${goal.bound}`,
    met: goal === null ? null : isMet(value, goal),
    range: [Math.min(...repeats), Math.max(...repeats)],
  };
}

function isMet(value: number, goal: Goal): boolean {
  return goal.is === 'at least' ? value >= goal.bound : value <= goal.bound;
}

export function table(figures: readonly Figure[]): string {
  const rows = figures.map((one) => [
    one.name,
    round(one.value),
    one.range[0] === one.range[1] ? '' : `${round(one.range[0])} … ${round(one.range[1])}`,
    one.unit,
    one.goal ?? '',
    one.met === null ? '' : one.met ? 'met' : 'FALLS SHORT',
  ]);
  return grid([['figure', 'median', 'range', 'unit', 'goal', ''], ...rows]);
}

function grid(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, at) => Math.max(widest[at] ?? 0, cell.length)),
    [],
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => (at === 1 ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
  const rule = '─'.repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  return [line(rows[0] ?? []), rule, ...rows.slice(1).map(line)].join('\n');
}

/** Three digits: the machine is not steady enough for more. */
export function round(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

/** The last line of `--json`. */
export function json(figures: readonly Figure[]): string {
  const shown = figures.map(({ name, value, unit, goal, met, range }) => ({
    ...{ name, value: Number(value.toPrecision(4)), unit, goal, met },
    range: range.map((bound) => Number(bound.toPrecision(4))),
  }));
  return JSON.stringify({ figures: shown });
}
