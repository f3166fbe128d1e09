import { unusualExponents } from '../money.ts';
import type { AmountRange } from '../payments/history-list.ts';

/** As many as the currency with the most of them has. */
const decimalsMax = 4;
const exponents = Array.from({ length: decimalsMax + 1 }, (_, exponent) => exponent);
const int8Max = 2n ** 63n - 1n;

/** What parseBound takes; 15 digits are more than any payment has. */
export const boundPattern = String.raw`^(0|[1-9]\d{0,14})(\.\d{1,${decimalsMax}})?$`;

/**
 * A range of amounts in whichever currency a payment has: "10.005" and more is 11 JPY, 10.01 USD or
 * 10.005 KWD and more. Null where neither end was given; 'empty' where the one excludes the other.
 */
export function amountRange(
  min: string | undefined,
  max: string | undefined,
): AmountRange | null | 'empty' {
  if (min === undefined && max === undefined) return null;
  const [least, most] = [parseBound(min ?? '0'), max === undefined ? null : parseBound(max)];
  if (most !== null && least > most) return 'empty';
  return {
    min: exponents.map((exponent) => {
      const unit = unitOf(exponent);
      return bounded((least + unit - 1n) / unit);
    }),
    max: exponents.map((exponent) => (most === null ? int8Max : bounded(most / unitOf(exponent)))),
    exponents: unusualExponents,
  };
}

/** In ten-thousandths. */
function parseBound(text: string): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(decimalsMax, '0'));
}

const unitOf = (exponent: number): bigint => 10n ** BigInt(decimalsMax - exponent);

const bounded = (minor: bigint): bigint => (minor < int8Max ? minor : int8Max);
