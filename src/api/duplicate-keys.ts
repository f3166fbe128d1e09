/**
 * Whether an object of this JSON names a key twice. Parsers keep the first or the last one, so that
 * whoever stands between a client and us could read another amount than we do. The text is valid
 * JSON: a parser has read it before.
 */
export function hasDuplicateKeys(text: string): boolean {
  /** Keys of the objects that are open; null for an array. */
  const open: (Set<string> | null)[] = [];
  let keys: Set<string> | null = null;
  /** A text that follows is a key. */
  let isKeyNext = false;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case openBrace:
        keys = new Set();
        open.push(keys);
        isKeyNext = true;
        break;
      case openBracket:
        keys = null;
        open.push(keys);
        isKeyNext = false;
        break;
      case closeBrace:
      case closeBracket:
        open.pop();
        keys = open.at(-1) ?? null;
        isKeyNext = false;
        break;
      case comma:
        isKeyNext = keys !== null;
        break;
      case quote: {
        const end = endOfText(text, at);
        if (isKeyNext && keys !== null) {
          const key = plainText(text.slice(at, end + 1));
          if (keys.has(key)) return true;
          keys.add(key);
          isKeyNext = false;
        }
        at = end;
        break;
      }
      default:
    }
  }
  return false;
}

const quote = 0x22;
const comma = 0x2c;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Where the text that begins with the quote at `start` has its other one. */
function endOfText(text: string, start: number): number {
  let at = start + 1;
  while (text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1;
  return at;
}

/** `"\u0061"` and `"a"` are one key. */
function plainText(quoted: string): string {
  return quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
}
