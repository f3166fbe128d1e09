import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFinal, mayBecome, type PaymentStatus } from './states.ts';

const all: readonly PaymentStatus[] = [
  'PENDING',
  'PROCESSING',
  'SUCCESS',
  'FAILED',
  'PENDING_REVIEW',
];
const finals = all.filter(isFinal);

const followersOf = (from: PaymentStatus): PaymentStatus[] =>
  all.filter((to) => mayBecome(from, to));

test('SUCCESS and FAILED are final, and nothing follows them', () => {
  assert.deepEqual(finals, ['SUCCESS', 'FAILED']);
  for (const status of finals) assert.deepEqual(followersOf(status), []);
});

test('nothing returns to PENDING', () => {
  for (const status of all) assert.equal(mayBecome(status, 'PENDING'), false, status);
});

test('no status follows itself', () => {
  for (const status of all) assert.equal(mayBecome(status, status), false, status);
});

test('money never moves for a payment that nobody claimed', () => {
  assert.equal(mayBecome('PENDING', 'SUCCESS'), false);
  assert.equal(mayBecome('PENDING', 'PENDING_REVIEW'), false);
});

test('an outcome that is unknown at its deadline still ends either way', () => {
  assert.equal(mayBecome('PROCESSING', 'PENDING_REVIEW'), true);
  assert.deepEqual(followersOf('PENDING_REVIEW'), ['SUCCESS', 'FAILED']);
});

test('every status that is not final has a way to both ends', () => {
  const reachable = (from: PaymentStatus): Set<PaymentStatus> => {
    const seen = new Set<PaymentStatus>([from]);
    for (const status of seen) for (const next of followersOf(status)) seen.add(next);
    return seen;
  };
  for (const status of all.filter((each) => !isFinal(each)))
    for (const end of finals) assert.ok(reachable(status).has(end), `${status} → ${end}`);
});
