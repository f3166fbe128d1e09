import type { RedisClient } from './client.ts';
import type { Keys } from './keys.ts';
import { listOf, runScript, script, wholeNumber } from './script.ts';

export interface LeaseRequest {
  readonly names: readonly string[];
  readonly holder: string;
  readonly ttlMs: number;
}

/** All names of a group in one call. @returns the granted ones, each with its fencing number. */
export async function leaseByRedis(
  client: RedisClient,
  keys: Keys,
  { names, holder, ttlMs }: LeaseRequest,
): Promise<Map<string, number>> {
  const granted = new Map<string, number>();
  const all = [keys.fence, ...names.map(keys.lease)];
  const reply = listOf(
    await runScript(client, takeFree, all, [holder, Math.max(1, Math.ceil(ttlMs))]),
    names.length,
  );
  for (const [i, name] of names.entries()) {
    const fence = wholeNumber(reply[i]);
    if (fence > 0) granted.set(name, fence);
  }
  return granted;
}

/**
 * Gives back what this holder still holds, and nobody else's. Sent whole, not by its hash: where
 * the server had forgotten it, the second attempt would arrive after the lease that the caller
 * takes next.
 */
export async function releaseByRedis(
  client: RedisClient,
  keys: Keys,
  { names, holder }: Omit<LeaseRequest, 'ttlMs'>,
): Promise<void> {
  await client.eval(giveBack, names.length, ...names.map(keys.lease), holder);
}

/**
 * A fencing number is the time in microseconds, or the last one plus one where that is more: so it
 * goes on growing when the counter was flushed away or failed over. What is no such number is
 * ignored; the bound is 2^53, which would be the year 2255.
 */
const takeFree = script(`
local time = redis.call('TIME')
local fence = time[1] * 1000000 + time[2]
local last = tonumber(redis.call('GET', KEYS[1]) or '') or 0
if last >= fence and last < 9000000000000000 then fence = last + 1 end
local reply = {}
local granted = 0
for i = 2, #KEYS do
  if redis.call('SET', KEYS[i], ARGV[1], 'NX', 'PX', ARGV[2]) then
    reply[i - 1] = fence + granted
    granted = granted + 1
  else
    reply[i - 1] = 0
  end
end
if granted > 0 then
  redis.call('SET', KEYS[1], string.format('%.0f', fence + granted - 1))
end
return reply
`);

const giveBack = `
local given = 0
for i = 1, #KEYS do
  if redis.call('GET', KEYS[i]) == ARGV[1] then given = given + redis.call('DEL', KEYS[i]) end
end
return given
`;
