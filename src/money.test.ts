import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  amountMinorMax,
  type Currency,
  currencyExponent,
  formatAmount,
  parseAmount,
  parseCurrency,
} from './money.ts';

function currency(code: string): Currency {
  const parsed = parseCurrency(code);
  assert.ok(parsed !== null, code);
  return parsed;
}

const usd = currency('USD');

/** One currency for each number of decimals that ISO 4217 knows. */
const ofEachExponent = ['JPY', 'USD', 'KWD', 'CLF'].map(currency);
const anyCurrency = fc.constantFrom(...ofEachExponent);
const anyAmount = fc.bigInt({ min: 1n, max: amountMinorMax });

const refusalOf = (value: string | number, of = usd): string => {
  const parsed = parseAmount(value, of);
  return 'refused' in parsed ? parsed.refused : `accepted ${parsed.minor}`;
};

describe('an amount', () => {
  test('is the same after formatting and parsing, in every number of decimals', () => {
    fc.assert(
      fc.property(anyAmount, anyCurrency, (minor, of) => {
        assert.deepEqual(parseAmount(formatAmount(minor, of), of), { minor });
      }),
    );
  });

  test('shows all decimals of its currency, also below zero', () => {
    const shown = (minor: bigint) => ofEachExponent.map((of) => formatAmount(minor, of));
    assert.deepEqual(shown(5n), ['5', '0.05', '0.005', '0.0005']);
    assert.deepEqual(shown(-5n), ['-5', '-0.05', '-0.005', '-0.0005']);
    assert.deepEqual(shown(0n), ['0', '0.00', '0.000', '0.0000']);
    assert.deepEqual(shown(-1_234_567n), ['-1234567', '-12345.67', '-1234.567', '-123.4567']);
  });

  test('is equal however many zeros end it, written as text or as a number', () => {
    for (const value of ['100', '100.0', '100.00', 100])
      assert.deepEqual(parseAmount(value, usd), { minor: 10_000n });
  });

  test('as a number means what its shortest form means', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 99_999_999_999_999n }), (minor) => {
        const number = JSON.parse(formatAmount(minor, usd)) as number;
        assert.deepEqual(parseAmount(number, usd), { minor });
      }),
    );
  });

  test('that is no plain decimal is refused', () => {
    for (const text of [
      ...['', ' ', ' 5', '5 ', '5\n', '1.', '.5', '1e3', '1E3', '+1', '-1', '-0', '-0.00'],
      ...['01', '00.1', '1,00', '1_000', '0x10', 'NaN', 'Infinity', '１', '1.2.3', '1.0000000000'],
      '9'.repeat(19),
    ])
      assert.equal(refusalOf(text), 'not_a_decimal', JSON.stringify(text));
  });

  test('as a number that may have been rounded is refused', () => {
    for (const number of [
      ...[1e21, 1e-7, -1, Number.NaN, Number.POSITIVE_INFINITY, 0.1 + 0.2],
      ...[2 ** 53, 1234567890123456, 12345678901234.56],
    ])
      assert.equal(refusalOf(number), 'not_a_decimal', String(number));
  });

  test('with more decimals than the currency has is refused, even where they are zeros', () => {
    assert.equal(refusalOf('1.005'), 'too_many_decimals');
    assert.equal(refusalOf('1.000'), 'too_many_decimals');
    assert.equal(refusalOf('1.0', currency('JPY')), 'too_many_decimals');
    assert.equal(refusalOf('1.0005', currency('KWD')), 'too_many_decimals');
  });

  test('of nothing is refused', () => {
    for (const value of ['0', '0.0', '0.00', 0, -0]) assert.equal(refusalOf(value), 'not_positive');
  });

  test('has a largest value, in minor units', () => {
    for (const of of ofEachExponent) {
      const largest = formatAmount(amountMinorMax, of);
      assert.deepEqual(parseAmount(largest, of), { minor: amountMinorMax });
      assert.equal(refusalOf(formatAmount(amountMinorMax + 1n, of), of), 'too_large');
    }
  });
});

describe('a currency', () => {
  test('is a code of ISO 4217 in upper case', () => {
    assert.deepEqual(ofEachExponent.map(currencyExponent), [0, 2, 3, 4]);
    for (const text of ['usd', 'USDT', 'XXX', '', ' USD', 'EURO'])
      assert.equal(parseCurrency(text), null, text);
  });

  test('has the decimals of ISO 4217, funds codes and the newest included', () => {
    const codes = ['UYI', 'XAD', 'XCG', 'VED', 'ZWG', 'CHE', 'MXV', 'IQD', 'LYD', 'UYW'];
    assert.deepEqual(codes.map(currency).map(currencyExponent), [0, 2, 2, 2, 2, 2, 2, 3, 3, 4]);
    // Replaced, or without a minor unit.
    for (const text of ['ANG', 'HRK', 'BGN', 'XAU', 'XDR', 'XTS'])
      assert.equal(parseCurrency(text), null, text);
  });

  test('is never taken from the names that every object has', () => {
    for (const text of ['constructor', 'toString', 'valueOf', '__proto__', 'hasOwnProperty'])
      assert.equal(parseCurrency(text), null, text);
  });
});
