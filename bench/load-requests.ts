import type { RequestPlan } from './load-job.ts';

/** Writes the requests of a plan; everything but the key is put together beforehand. */
export function openRequests(plan: RequestPlan): () => string {
  const length = plan.body === null ? '' : `content-length: ${Buffer.byteLength(plan.body)}\r\n`;
  const type = plan.body === null ? '' : 'content-type: application/json\r\n';
  const heads = plan.tokens.map(
    (token) =>
      `${plan.method} ${plan.path} HTTP/1.1\r\nhost: 127.0.0.1\r\n` +
      `authorization: Bearer ${token}\r\n${type}${length}idempotency-key: ${plan.keyPrefix}-`,
  );
  const tail = `\r\n\r\n${plan.body ?? ''}`;
  let count = 0;
  return () => {
    count += 1;
    return `${heads[count % heads.length]}${count.toString(36)}${tail}`;
  };
}
