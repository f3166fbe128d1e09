import { type PaymentId, parseId } from '../../ids.ts';
import { type Hint, hintPaymentsMax } from '../queue.ts';

/**
 * A message carries ids only: whatever else it said could be old by the time it is read. Workers of
 * two releases may share a queue, so it says which form it has; one that a worker does not know is
 * parked like any other that it cannot read, and `due_at` brings its payments back.
 */
const schemaVersion = 1;

/**
 * Any text, so that the client library hands the body over as bytes and not as it understood it.
 */
export const contentType = 'application/vnd.tollgate.hint+json';

export function encodeHint(hint: Hint): Buffer {
  return Buffer.from(JSON.stringify({ schema: schemaVersion, payment_ids: hint.paymentIds }));
}

/**
 * The hint, or null for anything that we did not write. An id named twice counts once. One id that
 * is not a UUID spoils the message: whoever wrote it is not us, and the rest proves nothing either.
 */
export function decodeHint(raw: string): Hint | null {
  const read = parseJson(raw);
  if (typeof read !== 'object' || read === null) return null;
  if (!('schema' in read && 'payment_ids' in read)) return null;
  if (read.schema !== schemaVersion || !Array.isArray(read.payment_ids)) return null;
  const written: readonly unknown[] = read.payment_ids;
  if (written.length === 0 || written.length > hintPaymentsMax) return null;
  const ids = new Set<PaymentId>();
  for (const text of written) {
    const id = typeof text === 'string' ? parseId<'payment'>(text) : null;
    if (id === null) return null;
    ids.add(id);
  }
  return { paymentIds: [...ids] };
}

/**
 * More than our largest message; a foreign one may have 128 MB, and is kept to be looked at only.
 */
const rawLengthMax = 16_384;

/** What a body says, as text: the client library parses what calls itself text or JSON. */
export function rawText(body: unknown): string {
  if (Buffer.isBuffer(body)) return body.toString('utf8', 0, rawLengthMax);
  const text = typeof body === 'string' ? body : (JSON.stringify(body) ?? '');
  return text.slice(0, rawLengthMax);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
