import { createHmac, randomBytes } from 'node:crypto';

/** Standard Webhooks 1.0.0: what a receiver checks a message by. */
export interface Signed {
  /** The same over all retries: what the receiver tells repeats by. */
  readonly id: string;
  /** Unix seconds of this attempt. */
  readonly timestamp: number;
  /** The exact bytes that are sent. */
  readonly body: string;
}

const prefix = 'whsec_';
/** The specification wants 24 to 64. */
const secretBytes = 32;

export function newSigningSecret(): Buffer {
  return randomBytes(secretBytes);
}

/** As its owner is shown it, once. */
export function writeSecret(secret: Buffer): string {
  return prefix + secret.toString('base64');
}

/** `v1,…` of each secret: during a rotation the old and the new one sign. */
export function signatureOf(secrets: readonly Buffer[], message: Signed): string {
  const { id, timestamp, body } = message;
  const content = `${id}.${timestamp}.${body}`;
  return secrets
    .map((secret) => `v1,${createHmac('sha256', secret).update(content).digest('base64')}`)
    .join(' ');
}
