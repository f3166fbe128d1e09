import type { Period } from './statement.ts';

/**
 * The time about which the bank's statements speak without a gap, around one of them: days that
 * meet or overlap are one. A payment that began before midnight and ended after it can be on either
 * of two statements, so it is missed only once both are here.
 */
export function coverageAround(own: Period, others: readonly Period[]): Period {
  let { from, to } = own;
  const before = others.toSorted((one, other) => other.to.getTime() - one.to.getTime());
  for (const period of before) if (period.to >= from && period.from < from) from = period.from;
  const after = others.toSorted((one, other) => one.from.getTime() - other.from.getTime());
  for (const period of after) if (period.from <= to && period.to > to) to = period.to;
  return { from, to };
}
