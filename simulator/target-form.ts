import type { CallbackTarget } from './callbacks.ts';

const retriesMax = 10;
const retryDelayMsMax = 3_600_000;

export type ParsedTarget = { readonly target: CallbackTarget } | { readonly fault: string };

/** What is not given stays as it is; `"url": null` silences the bank. */
export function parseTarget(given: unknown, old: CallbackTarget): ParsedTarget {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return { fault: 'the body is an object with url, secret or retry_delays_ms' };
  const fields = new Map<string, unknown>(Object.entries(given));
  const stranger = [...fields.keys()].find((name) => !fieldNames.includes(name));
  if (stranger !== undefined)
    return { fault: `${stranger} is no field; there are ${fieldNames.join(', ')}` };
  const url = fields.has('url') ? fields.get('url') : old.url;
  if (url !== null && (typeof url !== 'string' || !isCallbackUrl(url)))
    return { fault: 'url must be an http or https address, or null' };
  const secret = fields.get('secret') ?? old.secret;
  const isNeeded = url !== null || fields.has('secret');
  if (typeof secret !== 'string' || secret.length > 500 || (isNeeded && secret === ''))
    return { fault: 'secret must be a text of 1 to 500 characters' };
  const delays = fields.get('retry_delays_ms') ?? old.retryDelaysMs;
  if (!isDelays(delays))
    return { fault: `retry_delays_ms must be up to ${retriesMax} times, 0 to ${retryDelayMsMax}` };
  return { target: { url, secret, retryDelaysMs: delays } };
}

export function isCallbackUrl(text: string): boolean {
  return text.length <= 500 && /^https?:\/\//.test(text) && URL.canParse(text);
}

const fieldNames = ['url', 'secret', 'retry_delays_ms'];

function isDelays(value: unknown): value is readonly number[] {
  if (!Array.isArray(value) || value.length > retriesMax) return false;
  return value.every(
    (delay) => Number.isInteger(delay) && delay >= 0 && Number(delay) <= retryDelayMsMax,
  );
}
