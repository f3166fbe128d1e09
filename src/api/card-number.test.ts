import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containsCardNumber } from './card-number.ts';

/** Published test numbers of the card networks. */
const cards = [
  '4111111111111111',
  '4222222222222',
  '5555555555554444',
  '2223003122003222',
  '378282246310005',
  '30569309025904',
  '6011111111111117',
  '6304000000000000000',
];

test('a card number is found wherever it stands', () => {
  for (const card of cards) {
    for (const text of [card, `card ${card}.`, `pan=${card};cvv=1`, `{"a":"${card}"}`, `x${card}y`])
      assert.ok(containsCardNumber(text), text);
  }
});

test('a card number is found grouped as on the card', () => {
  for (const text of ['4111 1111 1111 1111', 'my 4111-1111-1111-1111!', '3782 822463 10005'])
    assert.ok(containsCardNumber(text), text);
});

test('a card number is found however its groups are parted, and in other digits', () => {
  const parted = [' ', '-', '.', '\u00a0', '\u202f', '\u2009', '\u2011', '\u2013', '\t', '\n'];
  for (const between of parted) {
    const text = `card ${['4111', '1111', '1111', '1111'].join(between)}, thanks`;
    assert.ok(containsCardNumber(text), JSON.stringify(text));
  }
  assert.ok(containsCardNumber('４１１１１１１１１１１１１１１１'));
});

test('what only resembles one is let through', () => {
  const innocent = [
    '4111111111111112',
    'invoice 411111111111',
    '41111111111111111111111',
    // 13-digit and 16-digit timestamps, of which one in ten passes the check digit.
    ...Array.from({ length: 50 }, (_, at) => `${1_767_323_045_000 + at}`),
    ...Array.from({ length: 50 }, (_, at) => `${1_767_323_045_000_000 + at}`),
    '8e03978e-4111-1111-1111-111111111111',
    '+49 170 1234567',
    '2026-01-02 03:04:05',
    '2026.1111.1111.111',
    'a sum of 4111.11 and 1111.11 and 1111.11',
  ];
  for (const text of innocent) assert.ok(!containsCardNumber(text), text);
});

test('a long text takes no time', () => {
  const startedAt = performance.now();
  for (const text of ['4'.repeat(60_000), '4111 '.repeat(12_000), '4-'.repeat(30_000)])
    containsCardNumber(text);
  assert.ok(performance.now() - startedAt < 500);
});
