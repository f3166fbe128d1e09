import type { IncomingMessage } from 'node:http';
import { newUuid } from '../ids.ts';

/** Sane: cannot break a log line, a header or a URN. Anything else is replaced, not refused. */
const saneForm = /^[A-Za-z0-9._:-]{1,128}$/;

/** The client's X-Request-ID, or one of ours (UUIDv7, so that log searches have a time order). */
export function requestId(raw: IncomingMessage): string {
  const given = raw.headers['x-request-id'];
  return typeof given === 'string' && saneForm.test(given) ? given : newUuid();
}
