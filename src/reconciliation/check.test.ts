import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkStatement } from './check.ts';
import { coverageAround } from './coverage.ts';
import type { Period, StatementPart } from './statement.ts';

const day = (number: number, time = '00:00:00'): Date =>
  new Date(`2026-01-${String(number).padStart(2, '0')}T${time}Z`);
const days = (from: number, to: number): Period => ({ from: day(from), to: day(to) });

async function* of(...parts: readonly StatementPart[]) {
  yield parts;
}

const period = (about: Period): StatementPart => ({ kind: 'period', period: about });
const created = (at: Date): StatementPart => ({ kind: 'created', at });

/** What it covers, or why it is refused. */
const periodOf = async (parts: readonly StatementPart[], given: Period | null, now: Date) => {
  const checked = await checkStatement(of(...parts), given, now);
  return checked.kind === 'sound' ? checked.period : (checked.faults[0]?.detail ?? '');
};

test('a statement of a day that is over covers the whole of it', async () => {
  assert.deepEqual(await periodOf([period(days(3, 4))], null, day(5)), days(3, 4));
  assert.deepEqual(await periodOf([], days(3, 4), day(5)), days(3, 4));
});

test('a statement of a day that is not over covers it up to when it was written', async () => {
  const noon = day(3, '12:00:00');
  const now = day(3, '13:00:00');
  assert.deepEqual(await periodOf([created(noon), period(days(3, 4))], null, now), {
    from: day(3),
    to: noon,
  });
});

test('a statement of a day that has not begun, or of none, is refused', async () => {
  const begun = await periodOf([period(days(8, 9))], null, day(5));
  const named = await periodOf([], null, day(5));
  assert.ok(typeof begun === 'string' && typeof named === 'string');
  assert.match(begun, /has not begun/);
  assert.match(named, /names no day/);
});

/** What is known besides the third day, and what that makes known without a gap. */
const coverages: readonly (readonly [string, readonly Period[], Period])[] = [
  ['nothing else', [], days(3, 4)],
  ['both neighbours', [days(4, 5), days(2, 3)], days(2, 5)],
  [
    'neighbours of neighbours, in any order',
    [days(5, 7), days(1, 2), days(4, 5), days(2, 3)],
    days(1, 7),
  ],
  ['what overlaps', [{ from: day(2), to: day(3, '08:00:00') }], { from: day(2), to: day(4) }],
  ['days beyond a gap', [days(1, 2), days(5, 6)], days(3, 4)],
];

for (const [what, others, covered] of coverages)
  test(`the time around a statement that is known without a gap: ${what}`, () => {
    assert.deepEqual(coverageAround(days(3, 4), others), covered);
  });
