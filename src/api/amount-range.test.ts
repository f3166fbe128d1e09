import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { currencyExponent, formatAmount, parseCurrency } from '../money.ts';
import { amountRange, boundPattern } from './amount-range.ts';

const currencies = ['JPY', 'USD', 'KWD', 'CLF'].map((name) => {
  const currency = parseCurrency(name);
  assert.ok(currency !== null);
  return currency;
});

/** Ten-thousandths of an amount: what both sides are in, exactly. */
const inUnits = (text: string): bigint => {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(4, '0'));
};

const bound = fc
  .tuple(fc.bigInt(0n, 10n ** 15n - 1n), fc.option(fc.stringMatching(/^\d{1,4}$/), { nil: null }))
  .map(([whole, fraction]) => `${whole}${fraction === null ? '' : `.${fraction}`}`);

test('an amount is in the range exactly where its decimals are, in every currency', () => {
  fc.assert(
    fc.property(
      ...[bound, bound, fc.constantFrom(...currencies), fc.bigInt(0n, 10n ** 15n - 1n)],
      (one, other, currency, minor) => {
        const [min, max] = inUnits(one) <= inUnits(other) ? [one, other] : [other, one];
        assert.match(min, new RegExp(boundPattern));
        const range = amountRange(min, max);
        assert.ok(range !== null && range !== 'empty');
        const at = range.exponents.get(currency) ?? 2;
        assert.equal(at, currencyExponent(currency));
        const amount = inUnits(formatAmount(minor, currency));
        assert.equal(minor >= (range.min[at] ?? 0n), amount >= inUnits(min));
        assert.equal(minor <= (range.max[at] ?? 0n), amount <= inUnits(max));
      },
    ),
  );
});

test('an end that is not given lets everything through; ends that exclude each other are empty', () => {
  assert.equal(amountRange(undefined, undefined), null);
  assert.equal(amountRange('2', '1.9999'), 'empty');
  const open = amountRange('1', undefined);
  assert.ok(open !== null && open !== 'empty');
  assert.deepEqual(open.min, [1n, 10n, 100n, 1000n, 10_000n]);
  assert.ok(open.max.every((max) => max === 2n ** 63n - 1n));
  const huge = amountRange('999999999999999.9999', '999999999999999.9999');
  assert.ok(huge !== null && huge !== 'empty');
  assert.ok([...huge.min, ...huge.max].every((minor) => minor < 2n ** 63n));
});
