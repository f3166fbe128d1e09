import { type Node, type SourceFile, SyntaxKind } from 'typescript/unstable/ast';
import { type Fault, lineOf, nodesOf, type Rule } from './tree.ts';

const fileLinesMax = 500;
const fileLinesWished = 300;
const functionLinesMax = 70;
const lineLengthMax = 100;

const functionKinds: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.FunctionExpression,
  SyntaxKind.ArrowFunction,
  SyntaxKind.MethodDeclaration,
  SyntaxKind.Constructor,
  SyntaxKind.GetAccessor,
  SyntaxKind.SetAccessor,
]);

/** Past this a reader holds more than one reason in mind; split by reason, not by half. */
export const fileLength: Rule = (tree) =>
  lengths(tree.sources.keys(), tree.files)
    .filter(([, lines]) => lines > fileLinesMax)
    .map(([path, lines]) => `${path} is ${lines} lines (${fileLinesMax} allowed)`);

/** Not a fault yet. */
export const longFiles: Rule = (tree) =>
  lengths(tree.sources.keys(), tree.files)
    .filter(([, lines]) => lines > fileLinesWished && lines <= fileLinesMax)
    .map(([path, lines]) => `${path} is ${lines} lines (${fileLinesWished} wished)`);

/**
 * A sentence, a pattern or an address in quotes is left whole: broken in two it cannot be searched
 * for.
 */
export const lineLength: Rule = (tree) =>
  [...tree.sources].flatMap(([path, source]) => {
    const texts = textLines(source);
    return (tree.files.get(path) ?? '').split('\n').flatMap((line, index) => {
      const length = Array.from(line).length;
      if (length <= lineLengthMax || texts.has(index + 1)) return [];
      return [`${path}:${index + 1} is ${length} characters wide (${lineLengthMax} allowed)`];
    });
  });

/** The lines on which a text, a template or a pattern stands. */
function textLines(source: SourceFile): Set<number> {
  const lines = new Set<number>();
  for (const node of nodesOf(source)) {
    if (!textKinds.has(node.kind) || node.end - node.pos < wholeLengthMin) continue;
    const last = lineOf(source, node.end);
    for (let line = lineOf(source, node.getStart(source)); line <= last; line++) lines.add(line);
  }
  return lines;
}

/** Shorter texts can move to a line of their own. */
const wholeLengthMin = 60;

const textKinds: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.StringLiteral,
  SyntaxKind.NoSubstitutionTemplateLiteral,
  SyntaxKind.TemplateExpression,
  SyntaxKind.RegularExpressionLiteral,
]);

/**
 * A test counts for itself and not for the suite around it; a function declared in another one
 * counts for itself as a method does in a class.
 */
export const functionLength: Rule = (tree) => {
  const faults: Fault[] = [];
  for (const [path, source] of tree.sources) {
    const linesOf = (node: Node): number =>
      lineOf(source, node.end) - lineOf(source, node.getStart(source)) + 1;
    for (const node of nodesOf(source)) {
      if (!functionKinds.has(node.kind)) continue;
      const total = linesOf(node);
      if (total <= functionLinesMax) continue;
      const own = total - partsOf(node).reduce((sum, part) => sum + linesOf(part), 0);
      if (own <= functionLinesMax) continue;
      const line = lineOf(source, node.getStart(source));
      const name = `function ${nameOf(node)}`;
      faults.push(`${path}:${line} ${name} is ${own} lines (${functionLinesMax} allowed)`);
    }
  }
  return faults;
};

function lengths(
  paths: Iterable<string>,
  files: ReadonlyMap<string, string>,
): readonly (readonly [string, number])[] {
  return [...paths].map((path) => [path, (files.get(path) ?? '').trimEnd().split('\n').length]);
}

/** The outermost tests, suites and declared functions below. */
function partsOf(node: Node): Node[] {
  const found: Node[] = [];
  node.forEachChild((child) => {
    const isPart = isTestCall(child) || child.kind === SyntaxKind.FunctionDeclaration;
    found.push(...(isPart ? [child] : partsOf(child)));
  });
  return found;
}

function isTestCall(node: Node): boolean {
  return node.kind === SyntaxKind.CallExpression && /^(test|describe)\(/.test(node.getText());
}

function nameOf(node: Node): string {
  const named = [node, node.parent].find((each) => 'name' in each && each.name !== undefined);
  // Proven by the line above: a declaration's name is a node.
  return named === undefined ? '(unnamed)' : (named as unknown as { name: Node }).name.getText();
}
