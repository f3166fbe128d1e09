/**
 * Money is a bigint of minor units with an ISO 4217 currency. On the wire an amount is a decimal
 * string; a JSON number is accepted only where it is exact in that currency.
 */

/**
 * ISO 4217 currencies whose minor unit is not the hundredth. Both tables are the list of 2026,
 * funds codes included; what has no minor unit at all (gold, special drawing rights, tests) is no
 * money to pay with.
 */
const exponentByCurrency: Readonly<Record<string, number>> = {
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  ISK: 0,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  PYG: 0,
  RWF: 0,
  UGX: 0,
  UYI: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
  BHD: 3,
  IQD: 3,
  JOD: 3,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  TND: 3,
  CLF: 4,
  UYW: 4,
};

const hundredths = new Set(
  (
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD ' +
    'CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP ' +
    'GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK ' +
    'LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO ' +
    'NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS ' +
    'SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST ' +
    'XAD XCD XCG YER ZAR ZMW ZWG'
  ).split(' '),
);

declare const currencyKind: unique symbol;
export type Currency = string & { readonly [currencyKind]: true };

/** 10^15 − 1 minor units: thousands of such payments still fit an account's 64-bit balance. */
export const amountMinorMax = 999_999_999_999_999n;

export function parseCurrency(text: string): Currency | null {
  // Proven by the two tables.
  return hundredths.has(text) || Object.hasOwn(exponentByCurrency, text)
    ? (text as Currency)
    : null;
}

/** The currencies whose decimals are not two, with how many they are. */
export const unusualExponents: ReadonlyMap<Currency, number> = new Map(
  // Proven by the table: its keys are currencies.
  Object.entries(exponentByCurrency).map(([name, exponent]) => [name as Currency, exponent]),
);

/** Digits after the decimal point, ISO 4217. */
export function currencyExponent(currency: Currency): number {
  return exponentByCurrency[currency] ?? 2;
}

export type AmountRefusal = 'not_a_decimal' | 'too_many_decimals' | 'not_positive' | 'too_large';
export type ParsedAmount = { readonly minor: bigint } | { readonly refused: AmountRefusal };

const decimalForm = /^(0|[1-9]\d{0,17})(?:\.(\d{1,9}))?$/;

/**
 * A client's amount in minor units. `100`, `100.0` and `"100.00"` are the same in USD. A number
 * counts by its shortest form: an exponent or more than 15 digits means that it may have been
 * rounded before we saw it, so it is refused.
 */
export function parseAmount(value: string | number, currency: Currency): ParsedAmount {
  const text = typeof value === 'number' ? String(value) : value;
  const digits = text.replace(/\D/g, '').length;
  if (typeof value === 'number' && digits > 15) return { refused: 'not_a_decimal' };
  const match = decimalForm.exec(text);
  if (match === null) return { refused: 'not_a_decimal' };
  const exponent = currencyExponent(currency);
  const fraction = match[2] ?? '';
  if (fraction.length > exponent) return { refused: 'too_many_decimals' };
  const minor = BigInt((match[1] ?? '') + fraction.padEnd(exponent, '0'));
  if (minor <= 0n) return { refused: 'not_positive' };
  if (minor > amountMinorMax) return { refused: 'too_large' };
  return { minor };
}

/** The decimal string of an amount or a balance, with all its decimals: `"-0.05"`, `"100.00"`. */
export function formatAmount(minor: bigint, currency: Currency): string {
  const exponent = currencyExponent(currency);
  const sign = minor < 0n ? '-' : '';
  const digits = (minor < 0n ? -minor : minor).toString().padStart(exponent + 1, '0');
  if (exponent === 0) return sign + digits;
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}
