import { cut, fitTable, wrap } from './layout.ts';

/** Where the story is written, and what that place can show. */
export interface Terminal {
  readonly write: (text: string) => void;
  /** A line may be written over. */
  readonly isInteractive: boolean;
  readonly hasColours: boolean;
  /** In columns. */
  readonly width: number;
}

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
  const paint = terminal.hasColours ? paintAnsi : (_style: Style, text: string): string => text;
  const room = Math.max(40, Math.min(terminal.width, 100)) - 1;
  let isProgress = false;
  let isBlank = false;

  const clearProgress = (): void => {
    if (isProgress) terminal.write(clearLine);
    isProgress = false;
  };
  const line = (text = ''): void => {
    clearProgress();
    terminal.write(`${text}\n`);
    isBlank = text === '';
  };
  /** One empty line between things, however they follow each other. */
  const space = (): void => {
    if (!isBlank) line();
  };
  const paragraph = (words: string, indent: string, style: Style): void => {
    for (const each of wrap(words, room - indent.length)) line(indent + paint(style, each));
  };
  const field = ([name, value]: Field, nameWidth: number): void => {
    const start = `${inner}${paint('dim', name.padEnd(nameWidth))}  `;
    const [first = '', ...rest] = wrap(value, room - inner.length - nameWidth - 2);
    line(start + first);
    for (const each of rest) line(inner + ' '.repeat(nameWidth + 2) + each);
  };

  return {
    isInteractive: terminal.isInteractive,
    title: (words, where) => {
      space();
      line(`${margin}${paint('bold', words)}  ${paint('dim', where)}`);
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
      for (const each of fields) field(each, nameWidth);
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
    progress: (words) => {
      if (!terminal.isInteractive) return;
      isProgress = true;
      terminal.write(`${clearLine}${margin}${paint('cyan', cut(words, room - margin.length))}`);
    },
  };
}

const clearLine = '\r\u001b[2K';

type Style = 'plain' | 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan';

const marks = {
  done: { sign: '✓', style: 'green' },
  failed: { sign: '✗', style: 'red' },
  waiting: { sign: '…', style: 'yellow' },
} as const;

const codes: Readonly<Record<Style, string>> = {
  plain: '0',
  bold: '1',
  dim: '2',
  red: '31',
  green: '32',
  yellow: '33',
  cyan: '36',
};

function paintAnsi(style: Style, text: string): string {
  return style === 'plain' ? text : `\u001b[${codes[style]}m${text}\u001b[0m`;
}
