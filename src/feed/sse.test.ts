import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openSseParser } from '../../test/support/event-stream.ts';
import { encodeMessage, encodePlace, encodeRetry } from './sse.ts';

/** Text with many of the characters that end lines, fields or ids. */
const nasty = fc.string({
  unit: fc.constantFrom('\n', '\r', ':', ' ', '\0', '\uFEFF', 'a', 'ä', '😀', 'data', 'id: 1'),
});
const word = fc.stringMatching(/^[\w.-]{1,20}$/);

test('whatever a message holds, a reader after the standard gets it, however it is cut', () => {
  const message = fc.record({ id: word, event: word, data: fc.oneof(nasty, fc.json()) });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 5 }), fc.infiniteStream(fc.nat(9)), (sent, cuts) => {
      const text = sent.map(encodeMessage).join('');
      const parser = openSseParser();
      const heard = [];
      for (let at = 0; at < text.length; ) {
        const size = 1 + (cuts.next().value ?? 0);
        heard.push(...parser.push(text.slice(at, at + size)));
        at += size;
      }
      const expected = sent.map(({ id, event, data }) => ({
        id,
        type: event,
        // The standard knows one end of a line.
        data: data.replaceAll(/\r\n|\r/g, '\n'),
      }));
      assert.deepEqual(heard, expected);
    }),
  );
});

test('an id or a type cannot break out of its line', () => {
  fc.assert(
    fc.property(nasty, nasty, nasty, (id, event, data) => {
      const heard = openSseParser().push(encodeMessage({ id, event, data }));
      assert.equal(heard.length, 1);
      assert.doesNotMatch(String(heard[0]?.id), /[\r\n\0]/);
    }),
  );
});

test('a place moves the id and is no event; a retry is a number of milliseconds', () => {
  const parser = openSseParser();
  assert.deepEqual(parser.push(encodePlace('1-22-0') + encodeRetry(1234.5)), []);
  assert.equal(parser.lastEventId(), '1-22-0');
  assert.equal(parser.retryMs(), 1235);
});
