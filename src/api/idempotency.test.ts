import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseIdempotencyKey } from './idempotency.ts';

function messageWith(...keys: readonly string[]): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  if (keys.length > 0) message.headers['idempotency-key'] = keys.join(', ');
  message.rawHeaders = keys.flatMap((key) => ['Idempotency-Key', key]);
  return message;
}

const parse = (...keys: readonly string[]) => parseIdempotencyKey(messageWith(...keys));

test('a key and the same key in quotes are one', () => {
  const visible = fc.array(fc.integer({ min: 0x21, max: 0x7e }), { minLength: 1, maxLength: 255 });
  fc.assert(
    fc.property(visible, (codes) => {
      const key = String.fromCharCode(...codes);
      const quoted = `"${key.replace(/["\\]/g, '\\$&')}"`;
      assert.deepEqual(parse(quoted), { kind: 'key', key });
      if (!key.startsWith('"')) assert.deepEqual(parse(key), { kind: 'key', key });
    }),
  );
});

test('whatever is sent, the key has 1 to 255 visible ASCII characters or there is none', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => {
      const parsed = parse(text);
      if (parsed.kind === 'key') assert.match(parsed.key, /^[\x21-\x7e]{1,255}$/);
    }),
  );
});

test('no header is missing, an empty one is invalid', () => {
  assert.equal(parse().kind, 'missing');
  assert.equal(parse('').kind, 'invalid');
  assert.equal(parse('""').kind, 'invalid');
});

test('what only looks quoted is refused, not guessed at', () => {
  for (const text of ['"', '"a', '"a"b', '"a"b"', '"a\\"', '"a\\n"', '"a";v=1', '"a b"', '"ä"'])
    assert.equal(parse(text).kind, 'invalid', text);
});

test('255 characters fit and 256 do not', () => {
  assert.equal(parse('x'.repeat(255)).kind, 'key');
  assert.equal(parse('x'.repeat(256)).kind, 'invalid');
  assert.equal(parse(`"${'x'.repeat(255)}"`).kind, 'key');
});

test('two headers are refused, a comma inside one is not', () => {
  assert.equal(parse('a', 'b').kind, 'invalid');
  assert.equal(parse('a', 'a').kind, 'invalid');
  assert.deepEqual(parse('a,b'), { kind: 'key', key: 'a,b' });
});
