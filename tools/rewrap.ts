import { readFileSync, writeFileSync } from 'node:fs';

/**
 * `node tools/rewrap.ts src/a.ts …`: fills the comment paragraphs that are wider than a line may be
 * and changes nothing else. Tables, lists and code in comments keep their lines.
 */
const widthMax = 100;

if (import.meta.main) process.argv.slice(2).forEach(rewrapFile);

function rewrapFile(path: string): void {
  const before = readFileSync(path, 'utf8');
  const after = rewrap(before);
  if (after !== before) writeFileSync(path, after);
}

export function rewrap(text: string): string {
  const done: string[] = [];
  let paragraph: string[] = [];
  let head = '';
  const flush = (): void => {
    const isWide = paragraph.some((line) => head.length + line.length > widthMax);
    done.push(...(isWide ? fill(paragraph, head) : paragraph.map((line) => head + line)));
    paragraph = [];
  };
  for (const line of text.split('\n').flatMap(opened)) {
    const [, lineHead = '', words = ''] = /^(\s*(?:\/\/|\*) )(\S.*)$/.exec(line) ?? [];
    const isProse = words !== '' && !/^([-*@|`\d]|biome-|In:|Out:|If we die)/.test(words);
    if (!isProse || lineHead !== head) flush();
    head = lineHead;
    if (isProse) paragraph.push(words);
    else done.push(line);
  }
  flush();
  return done.join('\n');
}

/** A one-line block comment that is too wide becomes one of several lines. */
function opened(line: string): string[] {
  const [, indent, words] = /^(\s*)\/\*\* (.*) \*\/$/.exec(line) ?? [];
  if (indent === undefined || words === undefined || Array.from(line).length <= widthMax)
    return [line];
  return [`${indent}/**`, `${indent} * ${words}`, `${indent} */`];
}

function fill(lines: readonly string[], head: string): string[] {
  const filled: string[] = [];
  let current = '';
  for (const word of lines.join(' ').split(' ')) {
    const longer = current === '' ? word : `${current} ${word}`;
    if (current !== '' && Array.from(head + longer).length > widthMax) {
      filled.push(head + current);
      current = word;
    } else current = longer;
  }
  return [...filled, head + current];
}
