import { randomFillSync } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { v7 } from 'uuid';

/** Sane: cannot break a log line, a header or a URN. Anything else is replaced, not refused. */
const saneForm = /^[A-Za-z0-9._:-]{1,128}$/;

/** The client's X-Request-ID, or one of ours (UUIDv7, so that log searches have a time order). */
export function requestId(raw: IncomingMessage): string {
  const given = raw.headers['x-request-id'];
  return typeof given === 'string' && saneForm.test(given) ? given : newRequestId();
}

const idBytes = 16;
const pool = new Uint8Array(1024 * idBytes);
let taken = pool.length;

/** Random bytes fetched for a thousand ids at once: one by one they are most of an id's 3 µs. */
export function newRequestId(): string {
  if (taken === pool.length) {
    randomFillSync(pool);
    taken = 0;
  }
  const random = pool.subarray(taken, taken + idBytes);
  taken += idBytes;
  return v7({ random });
}
