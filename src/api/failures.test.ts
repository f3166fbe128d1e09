import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from './failures.ts';

const fault = { schemaPath: '', message: 'as the validator says it' };

test('a fault says what would have been right', () => {
  const many = Array.from({ length: 50 }, (_, n) => `word-${n}`);
  const cases = [
    ['enum', '/status', { allowedValues: ['open', 'closed'] }, 'must be one of open, closed'],
    ['enum', '/currency', { allowedValues: many }, fault.message],
    ['type', '', { type: 'object' }, 'must be a JSON object'],
    ['type', '/limit', { type: 'integer' }, fault.message],
    ['required', '', { missingProperty: 'reason' }, 'is required'],
  ] as const;
  for (const [keyword, instancePath, params, detail] of cases) {
    const [said] = faultsOf([{ ...fault, keyword, instancePath, params }], 'body');
    assert.equal(said?.detail, detail);
  }
});
