import type { IncomingMessage } from 'node:http';
import type { UserId } from '../ids.ts';

export type ParsedKey =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'invalid'; readonly reason: string };

const name = 'idempotency-key';
const visibleAscii = /^[\x21-\x7e]{1,255}$/;
/** RFC 8941 section 3.3.3: a backslash escapes a quote or a backslash and nothing else. */
const quotedForm = /^"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"$/;

/**
 * The key that the client sent, quoted as the draft has it
 * (draft-ietf-httpapi-idempotency-key-header) or bare as most send it: `"abc"` and `abc` are one
 * key.
 */
export function parseIdempotencyKey(raw: IncomingMessage): ParsedKey {
  const given = raw.headers[name];
  if (typeof given !== 'string') return { kind: 'missing' };
  // Node joins repeated headers with a comma; only then is it worth counting them.
  if (given.includes(',') && countHeaders(raw) > 1)
    return { kind: 'invalid', reason: 'was sent more than once' };
  if (given === '') return { kind: 'invalid', reason: 'is empty' };
  const key = given.startsWith('"') ? unquote(given) : given;
  if (key === null)
    return { kind: 'invalid', reason: 'starts like a quoted string and is not one' };
  if (!visibleAscii.test(key))
    return { kind: 'invalid', reason: 'must have 1 to 255 visible ASCII characters' };
  return { kind: 'key', key };
}

function unquote(text: string): string | null {
  return quotedForm.test(text) ? text.slice(1, -1).replace(/\\(["\\])/g, '$1') : null;
}

function countHeaders(raw: IncomingMessage): number {
  return raw.rawHeaders.filter((text, at) => at % 2 === 0 && text.toLowerCase() === name).length;
}

/**
 * Under which a key's payment is remembered: a key belongs to its user. The braces put it beside
 * the user's buckets where the store is spread over several nodes.
 */
export function hintKey(userId: UserId, key: string): string {
  return `{${userId}}:${key}`;
}
