import { hash, randomBytes } from 'node:crypto';

/**
 * 256 random bits in 43 characters. Nobody can guess or search through so many, so a plain SHA-256
 * is enough to store them by (a password's slow hash is for what people can remember), and looking
 * one up by its digest tells nothing by its timing: whoever asks cannot choose digests.
 */
export function newSecret(prefix: string): string {
  return prefix + randomBytes(32).toString('base64url');
}

/** 43 characters of base64url after the prefix. */
export function isSecret(text: string, prefix: string): boolean {
  return (
    text.length === prefix.length + 43 &&
    text.startsWith(prefix) &&
    /^[\w-]+$/.test(text.slice(prefix.length))
  );
}

/** 64 hex digits. In one call: a hash object costs twice as much as the hash. */
export function digestOf(secret: string): string {
  return hash('sha256', secret, 'hex');
}
