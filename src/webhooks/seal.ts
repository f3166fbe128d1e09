import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { present } from '../assert.ts';

/**
 * Signing secrets must be readable to sign, so they cannot be stored as digests; sealed, a dump or
 * a backup of the database gives none of them away. AES-256-GCM, bound to the row that it stands
 * in: a secret that somebody copies to another endpoint does not open.
 */
export interface Seal {
  /** Hex. */
  readonly close: (secret: Buffer, endpointId: string) => string;
  /** @throws where it was sealed with another key, for another endpoint, or was changed */
  readonly open: (sealed: string, endpointId: string) => Buffer;
}

export interface SealKeys {
  readonly key: string;
  /** What was sealed with it still opens; empty for none. */
  readonly previousKey: string;
}

const keyIdBytes = 4;
const nonceBytes = 12;
const tagBytes = 16;

export function openSeal({ key, previousKey }: SealKeys): Seal {
  const current = keyOf(key);
  const known = previousKey === '' ? [current] : [current, keyOf(previousKey)];
  return {
    close: (secret, endpointId) => {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', current.bytes, nonce);
      cipher.setAAD(Buffer.from(endpointId));
      const body = Buffer.concat([cipher.update(secret), cipher.final()]);
      return Buffer.concat([current.id, nonce, body, cipher.getAuthTag()]).toString('hex');
    },
    open: (sealed, endpointId) => {
      const bytes = Buffer.from(sealed, 'hex');
      const id = bytes.subarray(0, keyIdBytes);
      const found = known.find((one) => one.id.equals(id));
      const { bytes: opening } = present(
        found,
        'no WEBHOOK_ENCRYPTION_KEY of ours sealed this secret',
      );
      const nonce = bytes.subarray(keyIdBytes, keyIdBytes + nonceBytes);
      const decipher = createDecipheriv('aes-256-gcm', opening, nonce, { authTagLength: tagBytes });
      decipher.setAAD(Buffer.from(endpointId));
      decipher.setAuthTag(bytes.subarray(-tagBytes));
      const body = bytes.subarray(keyIdBytes + nonceBytes, -tagBytes);
      return Buffer.concat([decipher.update(body), decipher.final()]);
    },
  };
}

/** A setting is text of 32 characters or more: its digest has the length that the cipher wants. */
function keyOf(setting: string): { readonly bytes: Buffer; readonly id: Buffer } {
  const bytes = createHash('sha256').update(`webhook secrets ${setting}`).digest();
  const id = createHash('sha256').update(bytes).digest().subarray(0, keyIdBytes);
  return { bytes, id };
}
