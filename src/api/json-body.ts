import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { hasDuplicateKeys } from './duplicate-keys.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its body is handed over as it came: a signature is over the bytes. */
    takesBytes?: true;
  }
}

/** The bytes are no JSON that we take. The reason is ours, never the parser's. */
export class BodyRefused extends Error {
  override readonly name = 'BodyRefused';
  readonly statusCode = 400;
  readonly reason: string;
  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

/**
 * JSON as RFC 8259 and I-JSON mean it: UTF-8 without a byte order mark, no key that would reach a
 * prototype, no NUL and no half of a surrogate pair (PostgreSQL stores neither, and RFC 8785 has no
 * form for the second). A key that is named twice is refused: who reads the first one reads another
 * request than who reads the last.
 */
export function acceptJsonBodies(server: FastifyInstance): void {
  const parseSafely = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser<Buffer>(
    'application/json',
    { parseAs: 'buffer' },
    (request, bytes, done) => {
      if (request.routeOptions.config.takesBytes === true) return done(null, bytes);
      if (!isUtf8(bytes)) return done(new BodyRefused('The body is not UTF-8.'));
      const text = bytes.toString('utf8');
      if (text.charCodeAt(0) === 0xfeff)
        return done(new BodyRefused('The body starts with a byte order mark.'));
      return parseSafely(request, text, (error, value: unknown) => {
        if (error !== null) return done(new BodyRefused('The body is not valid JSON.'));
        // Both can only come from a \u escape: without one there is nothing to look for.
        if (text.includes('\\u') && !hasSoundStrings(value))
          return done(new BodyRefused('A text contains U+0000 or half of a surrogate pair.'));
        if (hasDuplicateKeys(text))
          return done(new BodyRefused('An object of the body names a key twice.'));
        return done(null, value);
      });
    },
  );
}

/** Walks without recursion: 64 kB can nest 32,000 deep. */
function hasSoundStrings(root: unknown): boolean {
  const open: unknown[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === 'string' && !isSound(value)) return false;
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, member] of Object.entries(value)) {
      if (!isSound(key)) return false;
      open.push(member);
    }
  }
  return true;
}

function isSound(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
