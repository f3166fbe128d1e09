import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { describeCollection, describeEnvironment } from './postman-collection.ts';
import { type ApiDocument, placesOf } from './postman-request.ts';

const read = (name: string): string =>
  readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8');
// Proven by tools/openapi.ts, which writes it.
const document = JSON.parse(read('openapi.json')) as ApiDocument;
const collection = describeCollection(document);

test('the Postman collection and its environment are those of docs/openapi.json', () => {
  const isFresh = collection === read('postman/collection.json');
  assert.ok(isFresh, 'run `npm run openapi`');
  assert.ok(describeEnvironment() === read('postman/environment.json'), 'run `npm run openapi`');
});

test('every operation is in the collection, in one folder at least', () => {
  const names = new Set([...collection.matchAll(/"name": (".*")/g)].map((match) => match[1]));
  const missing = placesOf(document).filter(
    ({ operation }) => !names.has(JSON.stringify(operation.summary)),
  );
  assert.deepEqual(missing, []);
});
