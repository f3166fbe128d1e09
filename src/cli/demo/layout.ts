import { formatTable } from '../table.ts';

/** Lines of whole words; one longer than `width` (an id, a key) stays whole, to be copied. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** One line, cut where the terminal would break it. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

const gap = 2;
/** Narrower than this a column tells nothing. */
const columnWidthMin = 4;

/** The lines of a table that fits into `width`: what is too much the widest column loses. */
export function fitTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const widths = header.map((name, at) =>
    Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  const total = (): number => widths.reduce((sum, each) => sum + each + gap, -gap);
  while (total() > width && Math.max(...widths) > columnWidthMin) {
    const widest = widths.indexOf(Math.max(...widths));
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  const fit = (row: readonly string[]): string[] =>
    row.map((cell, at) => cut(cell, widths[at] ?? 0));
  return formatTable(fit(header), rows.map(fit)).slice(0, -1).split('\n');
}
