import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseInstant } from './instant.ts';

const good: readonly (readonly [string, string])[] = [
  ['2026-01-31', '2026-01-31T00:00:00.000Z'],
  ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59.000Z'],
  ['2026-01-31t12:00:00.123456z', '2026-01-31T12:00:00.123Z'],
  ['2026-01-31T12:00:00+02:00', '2026-01-31T10:00:00.000Z'],
  ['2026-01-31T12:00:00 02:00', '2026-01-31T10:00:00.000Z'],
  ['2026-01-31T12:00:00-05:30', '2026-01-31T17:30:00.000Z'],
];
for (const [text, iso] of good) {
  test(`${text} is ${iso}`, () => assert.equal(parseInstant(text)?.toISOString(), iso));
}

const bad = [
  ...['', 'now', '1769860800', '2026-1-1', '2026-02-30', '2026-02-29', '2026-13-01', '2026-00-10'],
  ...[
    '2026-01-31T12:00:00',
    '2026-01-31T24:00:00Z',
    '2026-01-31T12:00:60Z',
    '2026-01-31 12:00:00Z',
  ],
  ...['2026-01-31T12:00Z', '2026-01-31T12:00:00.Z', '1969-12-31', '0000-01-01', '+12026-01-31'],
  ...['9999-12-31T23:59:59-23:59', '2026-01-31T12:00:00+24:00', '2026-01-31\n'],
];
for (const text of bad) {
  test(`${JSON.stringify(text)} is no moment`, () => assert.equal(parseInstant(text), null));
}

test('what an answer shows is understood as it was meant', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date(0), max: new Date('9999-12-30'), noInvalidDate: true }),
      (at) => assert.equal(parseInstant(at.toISOString())?.getTime(), at.getTime()),
    ),
  );
});
