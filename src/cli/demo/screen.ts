import { cut, fitTable, wrap } from './layout.ts';
import { openPen, type Pen, type Terminal } from './pen.ts';

export type Field = readonly [name: string, value: string];

/** The voice of the demo: a margin, few colours, and each thing always in the same shape. */
export interface Screen {
  readonly isInteractive: boolean;
  readonly title: (words: string, where: string) => void;
  readonly chapter: (number: number, words: string) => void;
  readonly say: (words: string) => void;
  /** `→ POST /api/v1/deposits`, then what goes with it. */
  readonly request: (line: string, details: readonly string[]) => void;
  /** `← 202 Accepted`, then what matters of it. */
  readonly answer: (status: number, line: string, fields: readonly Field[]) => void;
  /** `✓ what happened`, each sentence on a line of its own. */
  readonly note: (mark: 'done' | 'failed' | 'waiting', ...sentences: readonly string[]) => void;
  readonly table: (
    name: string,
    header: readonly string[],
    rows: readonly (readonly string[])[],
  ) => void;
  /** A line that the next thing written replaces; nothing where lines cannot be written over. */
  readonly progress: (words: string) => void;
}

const margin = '   ';
const inner = '     ';

export function openScreen(terminal: Terminal): Screen {
  const pen = openPen(terminal);
  const { paint, line, space, paragraph, overwrite, room } = pen;

  return {
    isInteractive: terminal.isInteractive,
    title: (words, where) => {
      space();
      line(margin + paint('bold', words));
      line(margin + paint('dim', where));
    },
    chapter: (number, words) => {
      space();
      line(paint('bold', `${String(number).padStart(2)} ${words}`));
      space();
    },
    say: (words) => {
      space();
      paragraph(words, margin, 'plain');
      space();
    },
    request: (requestLine, details) => {
      space();
      line(`${margin}${paint('cyan', '→')} ${paint('bold', requestLine)}`);
      for (const each of details) paragraph(each, inner, 'dim');
    },
    answer: (status, statusLine, fields) => {
      const style = status < 400 ? 'green' : 'yellow';
      line(`${margin}${paint('cyan', '←')} ${paint(style, statusLine)}`);
      const nameWidth = Math.max(0, ...fields.map(([name]) => name.length));
      for (const each of fields) writeField(pen, each, nameWidth);
      space();
    },
    note: (mark, ...sentences) => {
      const { sign, style } = marks[mark];
      const lines = sentences.flatMap((words) => wrap(words, room - inner.length));
      const [first = '', ...rest] = lines;
      line(`${margin}${paint(style, sign)} ${first}`);
      for (const each of rest) line(inner + each);
    },
    table: (name, header, rows) => {
      const [names = '', rule = '', ...body] = fitTable(header, rows, room - margin.length);
      line(`${margin}${paint('bold', name)}`);
      line(`${margin}${paint('dim', names)}`);
      line(`${margin}${paint('dim', rule)}`);
      for (const each of body) line(margin + each);
      space();
    },
    progress: (words) => overwrite(`${margin}${paint('cyan', cut(words, room - margin.length))}`),
  };
}

/** A long value goes on below its own beginning. */
function writeField({ paint, line, room }: Pen, [name, value]: Field, nameWidth: number): void {
  const [first = '', ...rest] = wrap(value, room - inner.length - nameWidth - 2);
  line(`${inner}${paint('dim', name.padEnd(nameWidth))}  ${first}`);
  for (const each of rest) line(inner + ' '.repeat(nameWidth + 2) + each);
}

const marks = {
  done: { sign: '✓', style: 'green' },
  failed: { sign: '✗', style: 'red' },
  waiting: { sign: '…', style: 'yellow' },
} as const;
