import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { documentFile, generateTypes, typesFile } from './generate.ts';

test('the types are those of docs/openapi.json', async () => {
  const fresh = await generateTypes(readFileSync(documentFile, 'utf8'));
  assert.ok(fresh === readFileSync(typesFile, 'utf8'), 'run `npm run openapi`');
});

test('every operation that wants an Idempotency-Key has one made', async () => {
  const { keyedPaths } = await import('./src/openapi.ts');
  assert(keyedPaths.has('/api/v1/deposits'));
  assert(keyedPaths.has('/api/v1/withdrawals'));
  assert(!keyedPaths.has('/api/v1/auth/login'));
});
