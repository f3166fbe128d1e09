import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hasDuplicateKeys } from './duplicate-keys.ts';

const twice = [
  '{"a":1,"a":1}',
  '{"a":1,"b":2,"a":3}',
  '{"amount":"1","\\u0061mount":"2"}',
  '[{"a":{"b":1,"b":2}}]',
  '{"a":[{}],"a":[]}',
  ' { "" : 1 , "" : 2 } ',
];
for (const text of twice) {
  test(`${text} names a key twice`, () => {
    assert.equal(hasDuplicateKeys(text), true);
  });
}

const once = [
  '{"a":{"a":{"a":"a"}}}',
  '[{"a":1},{"a":1}]',
  '{"a":["a","a",{"a":1}],"b":"a"}',
  '{"a":"\\"a\\":","b":"{\\"a\\":1,\\"a\\":2}"}',
  '{"a\\\\":1,"a":2}',
  '"a"',
  '[]',
];
for (const text of once) {
  test(`${text} does not`, () => {
    assert.equal(hasDuplicateKeys(text), false);
  });
}

test('no JSON that was written from a value names a key twice', () => {
  fc.assert(fc.property(fc.json(), (text) => !hasDuplicateKeys(text)));
});

test('a key put in once more anywhere is found', () => {
  const object = fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 });
  fc.assert(
    fc.property(object, (value) => {
      const [key = ''] = Object.keys(value);
      const text = JSON.stringify(value).replace(/\}$/, () => `,${JSON.stringify(key)}:null}`);
      return hasDuplicateKeys(text) && hasDuplicateKeys(`[[${text}]]`);
    }),
  );
});

test('64 kB are looked through in a few milliseconds, however they nest', () => {
  for (const text of [
    `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
    `["${'x'.repeat(64_000)}"]`,
  ]) {
    const startedAt = performance.now();
    assert.equal(hasDuplicateKeys(text), false);
    assert.ok(performance.now() - startedAt < 500);
  }
});
