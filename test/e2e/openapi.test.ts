import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { OpenApiDocument, Operation } from '../../src/api/openapi-document.ts';
import { servedOpenApiText } from '../support/openapi.ts';

const text = servedOpenApiText();
// Proven by openapi.ts, which writes nothing else.
const document = JSON.parse(text) as OpenApiDocument;

test('docs/openapi.json is what the routes say: npm run openapi', () => {
  const kept = readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8');
  const [first] = differences(kept.split('\n'), text.split('\n'));
  assert.equal(first, undefined, 'docs/openapi.json is out of date: npm run openapi');
});

test('every operation is told in words', () => {
  const wordless = operations().flatMap(([name, { operationId, summary, description, tags }]) => {
    const isTold = /^[a-z]+[A-Za-z]*$/.test(operationId) && summary !== '' && description !== '';
    return isTold && tags.length === 1 ? [] : [name];
  });
  assert.deepEqual(
    wordless,
    [],
    'their schemas need operationId, tags, summary and description: see CONTRIBUTING.md',
  );
});

function operations(): (readonly [string, Operation])[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
    ),
  );
}

/** The first line in which they differ: a difference of ten thousand lines says less. */
function differences(kept: readonly string[], wanted: readonly string[]): string[] {
  const at = wanted.findIndex((line, index) => line !== kept[index]);
  if (at < 0) return kept.length === wanted.length ? [] : ['the length'];
  return [`line ${at + 1}: ${kept[at]} ≠ ${wanted[at]}`];
}
