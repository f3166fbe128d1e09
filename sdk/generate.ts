import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import openapiTypeScript, { astToString } from 'openapi-typescript';

/**
 * `npm run openapi`: writes src/openapi.ts from docs/openapi.json. A test keeps the two equal.
 *
 * The document is condensed first: written out, its refusals and examples make 27,000 lines, and an
 * editor that has to read those answers late.
 */
export async function generateTypes(documentText: string): Promise<string> {
  // Proven by its own test: the document is valid OpenAPI 3.1.
  const document = JSON.parse(documentText) as ApiDocument;
  const condensed = JSON.stringify(condense(document));
  const types = astToString(
    await openapiTypeScript(condensed, { immutable: true, emptyObjectsUnknown: true }),
  );
  return `${head}\n${types}\n${writeKeyedPaths(document)}`;
}

interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly webhooks?: Readonly<Record<string, unknown>>;
  readonly components: {
    readonly parameters: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    readonly schemas: Readonly<Record<string, unknown>>;
  };
}

interface Operation {
  readonly parameters: readonly { readonly $ref?: string }[];
  readonly responses: Readonly<Record<string, unknown>>;
}

const keyParameter = '#/components/parameters/IdempotencyKey';

const head = `/**
 * What the gateway serves, as types. Written by \`npm run openapi\` from docs/openapi.json: change
 * nothing here.
 */
`;

function condense(document: ApiDocument): unknown {
  const { paths, components } = document;
  return withoutProse({
    ...document,
    paths: mapValues(paths, (methods) =>
      mapValues(methods, (operation) => ({
        ...operation,
        responses: condenseResponses(operation.responses),
      })),
    ),
    components: {
      parameters: mapValues(components.parameters, (parameter, name) =>
        // The client makes one where the caller has none.
        name === 'IdempotencyKey' ? { ...parameter, required: false } : parameter,
      ),
      schemas: {
        ...components.schemas,
        ProblemCode: { type: 'string', enum: problemCodes(document) },
      },
    },
  });
}

/** Every refusal is the one problem document; which codes there are, `ProblemCode` says. */
function condenseResponses(responses: Operation['responses']): unknown {
  const answers = Object.entries(responses).filter(([status]) => /^[23]/.test(status));
  const problem = { schema: { $ref: '#/components/schemas/Problem' } };
  return {
    ...Object.fromEntries(answers),
    default: { description: 'Refused.', content: { 'application/problem+json': problem } },
  };
}

/** The words of every `code` that the document names, wherever it stands. */
function problemCodes(value: unknown): string[] {
  const found = new Set<string>();
  const walk = (each: unknown): void => {
    if (typeof each !== 'object' || each === null) return;
    if ('request_id' in each && 'code' in each && typeof each.code === 'string')
      found.add(each.code);
    if ('code' in each && typeof each.code === 'object' && each.code !== null)
      if ('enum' in each.code && Array.isArray(each.code.enum))
        for (const code of each.code.enum) found.add(String(code));
    for (const part of Object.values(each)) walk(part);
  };
  walk(value);
  return [...found].toSorted((one, other) => (one < other ? -1 : 1));
}

/** Of what a type does not say, only the sentences about fields stay: editors show them. */
function withoutProse(value: unknown, isNames = false): unknown {
  if (Array.isArray(value)) return value.map((each) => withoutProse(each));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => isNames || !prose.has(name));
  return Object.fromEntries(
    kept.map(([name, each]) => [name, withoutProse(each, name === 'properties')]),
  );
}

const prose = new Set(['example', 'examples', 'headers', 'format', 'summary', 'x-access']);

/** Where the gateway wants an Idempotency-Key. */
function writeKeyedPaths({ paths }: ApiDocument): string {
  const keyed = Object.entries(paths)
    .filter(([, methods]) => methods['post']?.parameters.some(({ $ref }) => $ref === keyParameter))
    .map(([path]) => `  '${path}',\n`);
  return `/** A POST there moves money, so it has an Idempotency-Key. */
export const keyedPaths: ReadonlySet<string> = new Set([\n${keyed.join('')}]);\n`;
}

function mapValues<T, U>(
  record: Readonly<Record<string, T>>,
  change: (value: T, name: string) => U,
): Record<string, U> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, change(value, name)]),
  );
}

export const documentFile = new URL('../docs/openapi.json', import.meta.url);
export const typesFile = new URL('src/openapi.ts', import.meta.url);

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  writeFileSync(typesFile, await generateTypes(readFileSync(documentFile, 'utf8')));
