/**
 * Enough of somebody else's text to know whose it is, fit to be stored and shown: on one line,
 * bounded, and without what may be a secret. What we cannot read may hold anything, so all that
 * looks like a credential, a key or a card number goes; an id that looks like one of ours stays.
 */
export function excerptOf(text: string, lengthMax = 200): string {
  const shown = text
    // A few times what is shown: patterns run over a bounded text.
    .slice(0, lengthMax * 4)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(namedSecret, '$1[hidden]')
    .replace(longWord, (word) => (uuidForm.test(word) ? word : '[hidden]'))
    .replace(digitGroups, '[hidden]');
  return shown.length > lengthMax ? `${shown.slice(0, lengthMax - 1)}…` : shown;
}

/** `"password": "…"`, `token=…`, `Authorization: Bearer …`. */
const namedSecret =
  /((?:pass\w*|secret\w*|\w*token|\w*api[-_]?key|authorization|cvv|cvc|pin)"?\s*[:=]\s*"?)(?:(?:bearer|basic)\s+)?[^\s",;&}]+/gi;

/** Keys, tokens, digests: nobody's prose has words of 20 characters and more. */
const longWord = /[A-Za-z0-9+/=_.-]{20,}/g;
const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Twelve digits and more, also in groups: a card, an account. */
const digitGroups = /(?<![0-9a-f-])\d(?:[ -]?\d){11,}(?![0-9a-f-])/gi;
