import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseMetadata } from './metadata.ts';

test('equal metadata is equal text, whatever its order and its spelling', () => {
  const spelled = [
    '{"b":1.0,"a":{"y":[1,2],"x":"\\u00e4"}}',
    '{ "a": {"x":"ä", "y":[1.0,2e0]}, "b": 1 }',
  ];
  const [one, two] = spelled.map((text) => parseMetadata(JSON.parse(text)));
  assert.deepEqual(one, two);
  assert.deepEqual(one, { kind: 'canonical', text: '{"a":{"x":"ä","y":[1,2]},"b":1}' });
});

test('canonical text parses back to what was sent', () => {
  const json = fc.jsonValue({ maxDepth: 3, noUnicodeString: false });
  fc.assert(
    fc.property(fc.dictionary(fc.string(), json), (metadata) => {
      const sent = JSON.parse(JSON.stringify(metadata));
      const parsed = parseMetadata(sent);
      if (parsed.kind === 'canonical') assert.deepEqual(JSON.parse(parsed.text), sent);
    }),
  );
});

test('five levels fit and six do not', () => {
  assert.equal(parseMetadata({ a: { b: { c: { d: {} } } } }).kind, 'canonical');
  assert.equal(parseMetadata({ a: [[[{}]]] }).kind, 'canonical');
  assert.equal(parseMetadata({ a: { b: { c: { d: { e: {} } } } } }).kind, 'invalid');
});

test('4096 bytes fit and 4097 do not', () => {
  const sized = (bytes: number) => parseMetadata({ a: 'x'.repeat(bytes - '{"a":""}'.length) });
  assert.equal(sized(4096).kind, 'canonical');
  assert.equal(sized(4097).kind, 'invalid');
});

test('a number that is too large for JSON is refused', () => {
  assert.equal(parseMetadata(JSON.parse('{"a":[1e999]}')).kind, 'invalid');
});

test('a card number is refused as text, as number and as key', () => {
  for (const metadata of [{ a: '4111111111111111' }, { a: [4111111111111111] }])
    assert.equal(parseMetadata(metadata).kind, 'card_number');
  assert.equal(parseMetadata({ 4111111111111111: 1 }).kind, 'card_number');
});

test('a card number is found in a text, a number and a name, at any depth', () => {
  for (const metadata of [
    { pan: '4111 1111 1111 1111' },
    { pan: 4111111111111111 },
    { a: [{ b: 'my\t4111\t1111\t1111\t1111' }] },
    { '4111111111111111': 1 },
    { a: { '4111.1111.1111.1111': null } },
    { note: '4111\u00a01111\u00a01111\u00a01111' },
  ])
    assert.equal(parseMetadata(metadata).kind, 'card_number', JSON.stringify(metadata));
});
