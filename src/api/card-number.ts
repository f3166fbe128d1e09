/**
 * Looks for what may be a card number in free text, so that none is ever stored. Found: 13 to 19
 * digits with a right check digit (Luhn), in one piece or grouped as on a card, by spaces, dots or
 * dashes of any width, and in digits of any script that NFKC folds into ours.
 *
 * A first digit of 0 or 1 is let through: no card network for the public uses them, while every
 * timestamp in milliseconds or microseconds starts with 1 and one in ten passes the check.
 */
const candidates = [
  /(?<!\d)[2-9]\d{12,18}(?!\d)/g,
  /(?<![\w-])[2-9]\d{3}([\s.\-\u2010-\u2015])\d{4}\1\d{4}\1\d{1,7}(?![\w-])/g,
  /(?<![\w-])3\d{3}([\s.\-\u2010-\u2015])\d{6}\1\d{4,5}(?![\w-])/g,
];

const digitsMin = 13;

export function containsCardNumber(text: string): boolean {
  // Most texts are too short for one, and need not be looked at closely.
  if (text.length < digitsMin) return false;
  const folded = text.normalize('NFKC');
  return candidates.some((form) =>
    Array.from(folded.matchAll(form)).some(([found]) => passesLuhn(found.replace(/\D/g, ''))),
  );
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number(digits.charAt(digits.length - 1 - place));
    const doubled = place % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
