import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Node, SourceFile } from 'typescript/unstable/ast';
import { createVirtualFileSystem } from 'typescript/unstable/fs';
import { API } from 'typescript/unstable/sync';

/**
 * The files that the rules read: those of the checkout, or a few lines that a test has made up. The
 * TypeScript compiler parses both, from memory, so that no rule is fooled by a comment or a string.
 */
export interface Tree {
  /** Text by path, relative to the root, with `/`. */
  readonly files: ReadonlyMap<string, string>;
  /** Parsed .ts files. */
  readonly sources: ReadonlyMap<string, SourceFile>;
}

/** A broken rule in one line: `settle.ts:41 function settlePayment is 73 lines (70 allowed)`. */
export type Fault = string;

export type Rule = (tree: Tree) => Fault[];

const root = resolve(import.meta.dirname, '../..');

/** Tracked files and new ones that are not ignored, as they are on disk now. */
export function readTree(): Tree {
  // A checkout that belongs to another user is read like one's own.
  const git = [
    '-c',
    'safe.directory=*',
    'ls-files',
    '--cached',
    '--others',
    '--exclude-standard',
    '-z',
  ];
  const paths = execFileSync('git', git, { cwd: root, encoding: 'utf8' }).split('\0');
  const present = paths.filter((path) => path !== '' && existsSync(resolve(root, path)));
  return treeOf(Object.fromEntries(present.map((path) => [path, read(path)])));
}

export function treeOf(texts: Readonly<Record<string, string>>): Tree {
  const files = new Map(Object.entries(texts));
  const scripts = [...files].filter(([path]) => path.endsWith('.ts') && !generated.has(path));
  const virtual = Object.fromEntries(scripts.map(([path, text]) => [`/tree/${path}`, text]));
  const api = new API({
    cwd: '/tree',
    fs: createVirtualFileSystem({ ...virtual, '/tree/tsconfig.json': parseOnly }),
  });
  const project = api.updateSnapshot({ openProjects: ['/tree/tsconfig.json'] }).getProjects()[0];
  const sources = new Map<string, SourceFile>();
  for (const [path] of scripts) {
    const source = project?.program.getSourceFile(`/tree/${path}`);
    if (source === undefined) throw new Error(`the compiler did not parse ${path}`);
    sources.set(path, source);
  }
  api.close();
  return { files, sources };
}

/** Nobody writes these and nobody reads them: no rule is about them. */
const generated: ReadonlySet<string> = new Set(['sdk/src/openapi.ts']);

const parseOnly = JSON.stringify({
  compilerOptions: { noLib: true, noResolve: true, types: [], allowImportingTsExtensions: true },
  include: ['**/*.ts', '**/.*/*.ts'],
});

function read(path: string): string {
  return readFileSync(resolve(root, path), 'utf8');
}

/** Every node below, depth first, itself excluded. */
export function* nodesOf(node: Node): Generator<Node> {
  const children: Node[] = [];
  node.forEachChild((child) => {
    children.push(child);
  });
  for (const child of children) {
    yield child;
    yield* nodesOf(child);
  }
}

/** `src/x.ts:41`, for the head of a fault. */
export function placeOf(path: string, source: SourceFile, node: Node): string {
  return `${path}:${lineOf(source, node.getStart(source))}`;
}

export function lineOf(source: SourceFile, position: number): number {
  return source.getLineAndCharacterOfPosition(position).line + 1;
}

/** A place where a rule does not hold, and why. A path that ends in `/` is a folder. */
export interface Exemption {
  readonly path: string;
  readonly reason: string;
}

export function isExempt(path: string, exemptions: readonly Exemption[]): boolean {
  return exemptions.some((exemption) =>
    exemption.path.endsWith('/') ? path.startsWith(exemption.path) : path === exemption.path,
  );
}

/** Code that runs only in tests. */
export function isTest(path: string): boolean {
  return path.endsWith('.test.ts') || path.endsWith('/conformance.ts') || path.startsWith('test/');
}
