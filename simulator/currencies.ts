/** ISO 4217: how many digits of an amount stand behind its decimal point. Most have two. */
const digitsByCurrency: Readonly<Record<string, number>> = {
  ...digitsOf(0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'),
  ...digitsOf(3, 'BHD IQD JOD KWD LYD OMR TND'),
  ...digitsOf(4, 'CLF UYW'),
};

/** `-12345n` USD is `-123.45`. */
export function decimal(minor: bigint, currency: string): string {
  const fraction = digitsByCurrency[currency] ?? 2;
  const sign = minor < 0n ? '-' : '';
  const digits = (minor < 0n ? -minor : minor).toString().padStart(fraction + 1, '0');
  if (fraction === 0) return sign + digits;
  return `${sign}${digits.slice(0, -fraction)}.${digits.slice(-fraction)}`;
}

function digitsOf(digits: number, currencies: string): Readonly<Record<string, number>> {
  return Object.fromEntries(currencies.split(' ').map((currency) => [currency, digits]));
}
