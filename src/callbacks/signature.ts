import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Whether `signature` is the lower-case hex HMAC-SHA256 of exactly these bytes. Whatever else came
 * in the header (nothing, two of them joined, upper case, another length) is a no, in a time that
 * tells nothing of the right one.
 */
export function isSigned(
  secret: string,
  body: Uint8Array,
  signature: string | readonly string[] | undefined,
): boolean {
  const expected = Buffer.from(createHmac('sha256', secret).update(body).digest('hex'), 'latin1');
  const given = Buffer.from(typeof signature === 'string' ? signature : '', 'latin1');
  // The length of a digest is no secret; timingSafeEqual throws on two lengths.
  return given.length === expected.length && timingSafeEqual(given, expected);
}
