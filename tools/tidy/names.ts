import type { Rule, Tree } from './tree.ts';

/** They say what a thing is made of, not what it is for, and so they take in everything. */
const banned = new Set(
  'utils util helpers helper common misc types models services controllers managers index'.split(
    ' ',
  ),
);

export const bannedNames: Rule = (tree) =>
  [...tree.files.keys()].flatMap((path) => {
    if (!/\.(ts|tsx|js)$/.test(path)) return [];
    const parts = path.split('/').map((part) => part.replace(/(\.test)?\.[a-z]+$/, ''));
    return parts
      .filter((part) => banned.has(part))
      .map((part) => `${path}: ${part} is a banned name; name it by its reason`);
  });

/** A file that only hands on what others export hides where things are. */
export const reExports: Rule = (tree) =>
  [...tree.sources.keys()].flatMap((path) => {
    const code = (tree.files.get(path) ?? '').replace(/\/\*[^]*?\*\/|\/\/.*/g, '').trim();
    const statements = code.split(';').map((statement) => statement.trim());
    const handsOn = statements.filter((statement) => statement !== '');
    const isAll = handsOn.length > 0 && handsOn.every((each) => /^export\b.*\bfrom\b/s.test(each));
    return isAll ? [`${path} only re-exports; import from the files themselves`] : [];
  });

/** The words of a setting that chooses an implementation, and the folder that holds them. */
export interface PortChoice {
  readonly setting: string;
  readonly folder: string;
  readonly words: readonly string[];
}

/** Config word = union member = file name. */
export function portFaults(tree: Tree, choices: readonly PortChoice[]): string[] {
  return choices.flatMap(({ setting, folder, words }) =>
    words
      .filter((word) => !tree.files.has(`src/${folder}/${word}.ts`))
      .map((word) => `${setting}=${word} has no src/${folder}/${word}.ts`),
  );
}

interface Port {
  readonly folder: string;
  /** Files that hold an implementation, tested beside them. */
  readonly implementations: readonly string[];
}

/** One suite for each port, and every implementation passes it. */
export function conformanceFaults(tree: Tree, ports: readonly Port[]): string[] {
  return ports.flatMap(({ folder, implementations }) => {
    const suite = tree.files.get(`src/${folder}/conformance.ts`);
    if (suite === undefined) return [`src/${folder}/ has no conformance.ts`];
    const name = /export (?:async )?function (exercise\w+)/.exec(suite)?.[1];
    if (name === undefined) return [`src/${folder}/conformance.ts exports no exercise…()`];
    return implementations
      .map((file) => `src/${folder}/${file}`)
      .filter((path) => !(tree.files.get(`${path}.test.ts`) ?? '').includes(`${name}(`))
      .map((path) => `${path}.test.ts does not call ${name}()`);
  });
}
