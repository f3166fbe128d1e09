import { wrap } from './layout.ts';

/** Where the story is written, and what that place can show. */
export interface Terminal {
  readonly write: (text: string) => void;
  /** A line may be written over. */
  readonly isInteractive: boolean;
  readonly hasColours: boolean;
  /** In columns. */
  readonly width: number;
}

export type Style = 'plain' | 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan';

/** Writes lines, and knows what the last one was. */
export interface Pen {
  /** The columns that a line may have. */
  readonly room: number;
  readonly paint: (style: Style, text: string) => string;
  readonly line: (text?: string) => void;
  /** One empty line between things, however they follow each other. */
  readonly space: () => void;
  readonly paragraph: (words: string, indent: string, style: Style) => void;
  /** A line that the next one replaces; nothing where lines cannot be written over. */
  readonly overwrite: (text: string) => void;
}

export function openPen(terminal: Terminal): Pen {
  const paint = terminal.hasColours ? paintAnsi : (_style: Style, text: string): string => text;
  // The last column stays empty: some terminals break the line when it is filled.
  const room = Math.max(40, Math.min(terminal.width, 100)) - 1;
  let isPassing = false;
  let isBlank = false;

  const line = (text = ''): void => {
    terminal.write(`${isPassing ? clearLine : ''}${text}\n`);
    isPassing = false;
    isBlank = text === '';
  };
  return {
    room,
    paint,
    line,
    space: () => {
      if (!isBlank) line();
    },
    paragraph: (words, indent, style) => {
      for (const each of wrap(words, room - indent.length)) line(indent + paint(style, each));
    },
    overwrite: (text) => {
      if (!terminal.isInteractive) return;
      terminal.write(clearLine + text);
      isPassing = true;
    },
  };
}

const clearLine = '\r\u001b[2K';

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
