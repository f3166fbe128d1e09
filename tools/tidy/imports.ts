import { posix } from 'node:path';
import { type Node, type SourceFile, SyntaxKind } from 'typescript/unstable/ast';
import { type Fault, isTest, nodesOf, placeOf, type Rule, type Tree } from './tree.ts';

const tools = ['runtime', 'telemetry'];
const features = [
  'ledger',
  'audit-log',
  'users',
  'feed',
  'webhooks',
  'payments',
  'callbacks',
  'failed-tasks',
  'reconciliation',
];
const ports = ['queue/queue.ts', 'bank/bank.ts', 'coordination/coordination.ts'];

/**
 * Imports point one way: api → {callbacks, failed-tasks, reconciliation} → payments → {ledger,
 * audit-log, webhooks, users} → db, and any of them to the interface file of a port. A folder may
 * import its own files, the value files at the top of src/, and what its line here names.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  '': [],
  telemetry: [],
  runtime: ['telemetry'],
  db: tools,
  queue: tools,
  bank: tools,
  coordination: tools,
  ledger: ['db/database.ts'],
  'audit-log': ['db/database.ts'],
  users: [...tools, 'ledger', 'audit-log', 'db/database.ts', 'coordination/coordination.ts'],
  webhooks: [...tools, 'audit-log', 'db/database.ts', 'coordination/coordination.ts'],
  feed: [...tools, 'db/database.ts', 'coordination/coordination.ts'],
  workers: [...tools, 'db/database.ts'],
  payments: [...tools, 'ledger', 'audit-log', 'users', 'webhooks', 'db/database.ts', ...ports],
  callbacks: [...tools, 'ledger', 'payments', 'db/database.ts', ...ports],
  'failed-tasks': [...tools, 'ledger', 'audit-log', 'payments', 'db/database.ts', ...ports],
  reconciliation: [...tools, 'ledger', 'audit-log', 'payments', 'db/database.ts', ...ports],
  api: [...tools, ...features, 'db/database.ts', ...ports],
};

/** They put the parts together, so they see all of them. */
const composers = ['app', 'health', 'journey', 'main', 'policy', 'ports']
  .map((name) => `src/${name}.ts`)
  .concat('src/cli/');

/** The books rest on next to nothing: other files at the top of src/ are not for them. */
const ledgerValues = /^(assert|cache|clock|ids|money)\.ts$/;

/** Value files at the top of src/ that not everybody may see, and who may. */
const restricted: Readonly<Record<string, readonly string[]>> = {
  'src/app.ts': ['src/main.ts', 'src/cli/'],
  'src/main.ts': [],
  'src/config-table.ts': ['src/config.ts', 'src/config-contradictions.ts'],
  'src/config-contradictions.ts': ['src/config.ts'],
  'src/config.ts': [...composers, 'src/api/', 'src/users/seed.ts'],
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly place: string;
}

export const importDirection: Rule = (tree) =>
  importsOf(tree).flatMap((each) => {
    const fault = judge(each.from, each.to);
    return fault === null ? [] : [`${each.place} imports ${each.to}: ${fault}`];
  });

function judge(from: string, to: string): string | null {
  if (from.startsWith('simulator/') && to.startsWith('src/'))
    return "the simulator is somebody else's system";
  if (from.startsWith('sdk/') && !to.startsWith('sdk/') && !isTest(from))
    return 'the SDK is for programs that have nothing else of ours';
  // What it shows is what a client of ours does, so it is one.
  if (from.startsWith('src/cli/demo/') && to.startsWith('sdk/src/')) return null;
  if (from.startsWith('src/') && !to.startsWith('src/'))
    return isTest(from) && /^(test|tools)\//.test(to) ? null : 'src/ stands on its own';
  if (!from.startsWith('src/') || isTest(from)) return null;
  if (isTest(to)) return 'only tests import tests';
  const known = restricted[to];
  if (known !== undefined && !startsWithAny(from, known)) return 'only who starts it may';
  if (startsWithAny(from, composers)) return null;
  return mayFolderImport(folderOf(from), to);
}

function mayFolderImport(folder: string, to: string): string | null {
  const target = to.slice('src/'.length);
  if (folderOf(to) === folder) return null;
  if (folderOf(to) === '' && (folder !== 'ledger' || ledgerValues.test(target))) return null;
  const allowed = mayImport[folder];
  if (allowed === undefined) return `src/${folder}/ has no line in the table of tools/tidy`;
  const fits = allowed.some((each) => target === each || target.startsWith(`${each}/`));
  if (fits) return null;
  const names = allowed.length === 0 ? 'value files only' : allowed.join(', ');
  return `${folder}/ may import ${names}`;
}

/** One sentence for each ring, starting at its first file by name. */
export const importCycles: Rule = (tree) => {
  const targets = new Map<string, string[]>();
  for (const { from, to } of importsOf(tree)) targets.set(from, [...(targets.get(from) ?? []), to]);
  const faults = new Set<Fault>();
  const done = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) faults.add(describeRing(trail.slice(start)));
    if (start >= 0 || done.has(path)) return;
    for (const next of targets.get(path) ?? []) walk(next, [...trail, path]);
    done.add(path);
  };
  for (const path of [...targets.keys()].toSorted()) walk(path, []);
  return [...faults];
};

function describeRing(ring: readonly string[]): Fault {
  const first = ring.indexOf([...ring].toSorted()[0] ?? '');
  const turned = [...ring.slice(first), ...ring.slice(0, first)];
  return `${turned.join(' → ')} → ${turned[0]} is a cycle`;
}

/** Relative imports, also of types, also `import()`. */
function importsOf(tree: Tree): Import[] {
  const found: Import[] = [];
  for (const [from, source] of tree.sources) {
    for (const { text, node } of specifiersOf(source)) {
      if (!text.startsWith('.')) continue;
      const to = posix.normalize(posix.join(posix.dirname(from), text));
      found.push({ from, to, place: placeOf(from, source, node) });
    }
  }
  return found;
}

function* specifiersOf(source: SourceFile): Generator<{ text: string; node: Node }> {
  for (const node of nodesOf(source)) {
    if (node.kind !== SyntaxKind.StringLiteral) continue;
    const { kind } = node.parent;
    const isImport =
      kind === SyntaxKind.ImportDeclaration ||
      kind === SyntaxKind.ExportDeclaration ||
      (kind === SyntaxKind.CallExpression && node.parent.getText().startsWith('import('));
    if (isImport) yield { text: node.getText().slice(1, -1), node: node.parent };
  }
}

/** `payments` of src/payments/accept.ts, and '' of src/money.ts. */
function folderOf(path: string): string {
  const parts = path.split('/');
  return parts.length > 2 ? (parts[1] ?? '') : '';
}

function startsWithAny(path: string, starts: readonly string[]): boolean {
  return starts.some((start) => (start.endsWith('/') ? path.startsWith(start) : path === start));
}
