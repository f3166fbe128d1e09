import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type ErrorCode, errorEntry, errors, errorType } from './errors.ts';

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
const codes = Object.keys(errors) as ErrorCode[];

test('the catalogue and docs/errors.md list the same codes, in the same order, with one status', () => {
  const documented = Array.from(page.matchAll(/^### (\w+)\n\n\*\*(\d{3})\*\* (.+)$/gm));
  assert.deepEqual(
    documented.map(([, code, status, title]) => [code, Number(status), title]),
    codes.map((code) => [code, errorEntry(code).status, `${errorEntry(code).title}.`]),
  );
});

test('a type leads to its explanation', () => {
  for (const code of codes) {
    if (errorEntry(code).type !== undefined) continue;
    assert.equal(errorType(code), `https://tollgate.dev/errors#${code}`);
  }
});
