import { type Node, SyntaxKind } from 'typescript/unstable/ast';
import { type Exemption, isExempt, isTest, nodesOf, placeOf, type Rule } from './tree.ts';

/** Expressions that belong to one place, each with the places where it may stand and why. */
interface Ban {
  readonly what: RegExp;
  readonly kinds: readonly SyntaxKind[];
  readonly why: string;
  readonly only?: (path: string) => boolean;
  readonly exempt: readonly Exemption[];
}

const { CallExpression, NewExpression, PropertyAccessExpression, Identifier } = SyntaxKind;

const outsideTheGateway: readonly Exemption[] = [
  { path: 'test/', reason: 'measures and starts real processes' },
  { path: 'bench/', reason: 'measures' },
  { path: 'tools/', reason: 'runs outside the gateway' },
];

const bans: readonly Ban[] = [
  {
    what: /^(Date\.now|performance\.now|process\.hrtime(\.bigint)?)$/,
    kinds: [PropertyAccessExpression],
    why: 'time comes in by argument (clock.ts)',
    // A test may measure how long something took; what it tests gets a clock.
    only: (path) => !isTest(path),
    exempt: [
      { path: 'src/clock.ts', reason: 'the clock' },
      { path: 'simulator/clock.ts', reason: "the simulator's own clock" },
      { path: 'sdk/src/surroundings.ts', reason: "the client's own clock" },
      ...outsideTheGateway,
    ],
  },
  {
    what: /^new Date(\(\))?$/,
    kinds: [NewExpression],
    why: 'time comes in by argument (clock.ts)',
    only: (path) => !isTest(path),
    exempt: [
      { path: 'src/clock.ts', reason: 'the clock' },
      { path: 'simulator/clock.ts', reason: "the simulator's own clock" },
      { path: 'sdk/src/surroundings.ts', reason: "the client's own clock" },
      ...outsideTheGateway,
    ],
  },
  {
    what: /^process\.env$/,
    kinds: [PropertyAccessExpression],
    why: 'only config.ts reads the environment',
    exempt: [
      { path: 'src/config.ts', reason: 'the settings' },
      { path: 'simulator/settings.ts', reason: "the simulator's own settings" },
      ...outsideTheGateway,
    ],
  },
  {
    what: /^Math\.random$/,
    kinds: [PropertyAccessExpression],
    why: 'randomness comes in by argument',
    exempt: [
      { path: 'src/runtime/loop.ts', reason: 'the default that spreads waits after errors' },
      { path: 'src/coordination/redis.ts', reason: 'the default that spreads reconnections' },
      { path: 'src/journey.ts', reason: 'passes it to those who need it' },
      { path: 'sdk/src/surroundings.ts', reason: "the client's own dice" },
      { path: 'bench/', reason: 'arrival times of an open loop' },
    ],
  },
  {
    // A count or a number of milliseconds may become a number; an amount may not.
    what: /^(parseFloat|Number\.parseFloat|Number\(.*(amount|minor|balance|held|available|sum).*)$/is,
    kinds: [Identifier, PropertyAccessExpression, CallExpression],
    why: 'money is a bigint; a float never touches it',
    only: (path) => /^src\/(payments|ledger)\/|^src\/money\.ts$/.test(path),
    exempt: [],
  },
  {
    what: /^(globalThis\.)?(setTimeout|setInterval|sleep|delay)\(/,
    kinds: [CallExpression],
    why: 'a test waits for a condition (test/support/wait.ts) or moves a clock',
    only: isTest,
    exempt: [
      { path: 'test/support/wait.ts', reason: 'the one timer' },
      {
        path: 'test/distributed/redis-under-load.test.ts',
        reason: 'the fault itself: a flush every two seconds, cleared at the end',
      },
      {
        path: 'test/support/webhook-receiver-program.ts',
        reason: 'the fault itself: a byte a second for ever, in a process of its own',
      },
    ],
  },
  {
    what: /^(test|describe|it|suite)\.(only|skip|todo)$|^(t|context)\.(skip|todo)$/,
    kinds: [PropertyAccessExpression],
    why: 'every test runs',
    exempt: [
      {
        path: 'test/distributed/wrong-clocks.test.ts',
        reason: 'needs a Debian package where nobody is root; it prints so',
      },
    ],
  },
];

export const bannedWords: Rule = (tree) =>
  [...tree.sources].flatMap(([path, source]) => {
    const here = bans.filter((ban) => !isExempt(path, ban.exempt) && (ban.only?.(path) ?? true));
    const faults = [...nodesOf(source)].flatMap((node) =>
      here
        .filter((ban) => ban.kinds.includes(node.kind) && ban.what.test(node.getText()))
        .map((ban) => `${placeOf(path, source, node)} ${firstWords(node)}: ${ban.why}`),
    );
    return [...new Set(faults)];
  });

/** `{ skip: true }` and its like as an argument of a test. */
export const leftOutTests: Rule = (tree) =>
  [...tree.sources].flatMap(([path, source]) =>
    [...nodesOf(source)].flatMap((node) => {
      const word = node.kind === CallExpression ? leavesOut(node) : null;
      return word === null ? [] : [`${placeOf(path, source, node)} ${word}: every test runs`];
    }),
  );

/** A file without a test passes, whatever it was meant to prove. */
export const emptyTests: Rule = (tree) =>
  [...tree.sources].flatMap(([path, source]) => {
    if (!path.endsWith('.test.ts')) return [];
    const calls = [...nodesOf(source)].filter((node) => node.kind === CallExpression);
    const isTested = calls.some((call) => /^(test|exercise\w+)\(/.test(call.getText()));
    return isTested ? [] : [`${path} holds no test`];
  });

function leavesOut(call: Node): string | null {
  if (!/^(test|describe|it|suite)\(/.test(call.getText())) return null;
  let found: string | null = null;
  call.forEachChild((argument) => {
    if (argument.kind !== SyntaxKind.ObjectLiteralExpression) return;
    argument.forEachChild((property) => {
      found ??= /^(only|skip|todo)\b/.exec(property.getText())?.[0] ?? null;
    });
  });
  return found;
}

function firstWords(node: Node): string {
  const text = node.getText().split('\n')[0] ?? '';
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

const sql: readonly RegExp[] = [
  /^\s*SELECT\s/,
  /^\s*select\s[^]*\bfrom\b/i,
  /^\s*(insert\s+into|delete\s+from|lock\s+table|alter\s+(table|role))\s/i,
  /^\s*update\s+\w+\s+(\w+\s+)?set\s/i,
  /^\s*with\s+(recursive\s+)?\w+(\s*\([^)]*\))?\s+as\s/i,
  /^\s*create\s+(table|index|role|database)\s/i,
  /^\s*truncate\s+(table\s+)?\w+;?$/i,
];

const mayHoldSql = (path: string): boolean =>
  !path.startsWith('src/') ||
  isTest(path) ||
  /(^|[/-])store\.ts$/.test(path) ||
  path.startsWith('src/db/') ||
  /^src\/ledger\/audit(-\w+)?\.ts$/.test(path);

const isSql = (text: string): boolean => sql.some((form) => form.test(text));

const textKinds: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.StringLiteral,
  SyntaxKind.NoSubstitutionTemplateLiteral,
  SyntaxKind.TemplateExpression,
]);

/** Plain SQL stands in store files, where its locks and row counts are read together. */
export const sqlPlaces: Rule = (tree) =>
  [...tree.sources].flatMap(([path, source]) => {
    if (mayHoldSql(path)) return [];
    return [...nodesOf(source)]
      .filter((node) => textKinds.has(node.kind) && isSql(node.getText().slice(1, -1)))
      .map((node) => `${placeOf(path, source, node)} holds SQL: it belongs in a store file`);
  });

const journey = /^src\/(payments\/(accept|dispatch|execute|recover|settle)|webhooks\/deliver)\.ts$/;

/** Whoever opens a stop of the journey reads first what it leaves behind when it dies. */
export const journeyHeaders: Rule = (tree) =>
  [...tree.files].flatMap(([path, text]) => {
    if (!journey.test(path)) return [];
    const head = /^\s*(?:import[^;]*;\s*)*\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? '';
    const missing = ['In:', 'Out:', 'If we die here:'].filter((word) => !head.includes(word));
    return missing.length === 0 ? [] : [`${path} opens without ${missing.join(' ')}`];
  });
