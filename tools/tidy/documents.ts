import { posix } from 'node:path';
import type { Rule, Tree } from './tree.ts';

/** What belongs to one machine. Put together here, so that this file does not name what it bans. */
const before = '(^|[\\s"\'`(=:])';
const folders = ['work', 'root', 'Users'].join('|');
const machines: readonly RegExp[] = [
  new RegExp(`${before}/(${folders})/[\\w.-]`),
  new RegExp(`${before}/home/[a-z][\\w-]*/`),
  new RegExp(['\\bregistry', '[a-z0-9-]+', '[a-z]{2,}\\b'].join('\\.')),
  new RegExp(['"resolved"', ' "https?:'].join(':')),
];

/** The checkout works anywhere, so it names no folder of one machine and no download address. */
export const machinePaths: Rule = (tree) =>
  [...tree.files].flatMap(([path, text]) => {
    if (text.includes('\0')) return [];
    return text.split('\n').flatMap((line, index) => {
      const found = machines.map((form) => form.exec(line)?.[0].trim()).find(Boolean);
      return found === undefined ? [] : [`${path}:${index + 1} names ${found} of one machine`];
    });
  });

/** Every relative link in a page leads to a file, a folder or a heading that exists. */
export const brokenLinks: Rule = (tree) =>
  [...tree.files].flatMap(([path, text]) => {
    if (!path.endsWith('.md')) return [];
    return linesOutsideCode(text).flatMap(({ line, number }) =>
      [...line.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)]
        .map((match) => match[1] ?? '')
        .filter((target) => !leadsSomewhere(tree, path, target))
        .map((target) => `${path}:${number} links to ${target}, which does not exist`),
    );
  });

function leadsSomewhere(tree: Tree, from: string, link: string): boolean {
  if (/^[a-z][a-z+.-]*:/i.test(link)) return true;
  const [file = '', heading] = decodeURI(link).split('#');
  const target = file === '' ? from : posix.normalize(posix.join(posix.dirname(from), file));
  const page = tree.files.get(target);
  if (heading !== undefined && page !== undefined && target.endsWith('.md'))
    return headingsOf(page).has(heading);
  if (page !== undefined) return true;
  const folder = target.replace(/\/?$/, '/');
  return folder === './' || [...tree.files.keys()].some((path) => path.startsWith(folder));
}

/** As GitHub names them in links. */
function headingsOf(page: string): Set<string> {
  const names = new Set<string>();
  for (const { line } of linesOutsideCode(page)) {
    const words = /^#{1,6}\s+(.*)$/.exec(line)?.[1];
    if (words === undefined) continue;
    const name = words
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    let unique = name;
    for (let n = 1; names.has(unique); n++) unique = `${name}-${n}`;
    names.add(unique);
  }
  return names;
}

function linesOutsideCode(text: string): { line: string; number: number }[] {
  let isCode = false;
  return text.split('\n').flatMap((line, index) => {
    const isFence = /^\s*(```|~~~)/.test(line);
    if (isFence) isCode = !isCode;
    return isCode || isFence ? [] : [{ line: line.replaceAll(/`[^`]*`/g, ''), number: index + 1 }];
  });
}
