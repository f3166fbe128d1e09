import { describeBucket } from '../bucket-state.ts';
import type { Admission, AdmissionRequest, Bucket, BucketState } from '../coordination.ts';
import type { RedisClient } from './client.ts';
import { type Keys, slotTag } from './keys.ts';
import { listOf, ReplyNotUnderstood, runScript, script, wholeNumber } from './script.ts';

/** A hint is a payment's id and little more; what is longer is not ours, and is not fetched. */
export const hintBytesMax = 1024;

/** One call of the script: keys of one slot. */
interface Part {
  readonly bucketKeys: string[];
  readonly buckets: Bucket[];
  /** Where each bucket stands in the request. */
  readonly places: number[];
  hintKey: string | null;
}

/**
 * All buckets of a request and its hint, in one round trip and one decision. In a Cluster that
 * holds for keys of one slot: buckets of different subjects are decided slot by slot, at the same
 * time, and a token spent beside a refusal stays spent.
 */
export async function admitByRedis(
  client: RedisClient,
  keys: Keys,
  request: AdmissionRequest,
): Promise<Admission> {
  const cost = request.cost ?? 1;
  const parts = client.isCluster ? bySlot(keys, request) : [whole(keys, request)];
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return decide(client, first, cost);
  const answers = await Promise.all(parts.map((part) => decide(client, part, cost)));
  return merge(parts, answers);
}

function whole(keys: Keys, { buckets, hintKey }: AdmissionRequest): Part {
  return {
    bucketKeys: buckets.map(({ policy, subject }) => keys.bucket(policy, subject)),
    buckets: [...buckets],
    places: [...buckets.keys()],
    hintKey: hintKey === undefined ? null : keys.hint(hintKey),
  };
}

function bySlot(keys: Keys, { buckets, hintKey }: AdmissionRequest): Part[] {
  const parts = new Map<string, Part>();
  const partOf = (key: string): Part => {
    const tag = slotTag(key);
    const part = parts.get(tag) ?? { bucketKeys: [], buckets: [], places: [], hintKey: null };
    parts.set(tag, part);
    return part;
  };
  for (const [place, bucket] of buckets.entries()) {
    const key = keys.bucket(bucket.policy, bucket.subject);
    const part = partOf(key);
    part.bucketKeys.push(key);
    part.buckets.push(bucket);
    part.places.push(place);
  }
  if (hintKey !== undefined) partOf(keys.hint(hintKey)).hintKey = keys.hint(hintKey);
  return [...parts.values()];
}

function merge(parts: readonly Part[], answers: readonly Admission[]): Admission {
  const buckets: BucketState[] = [];
  for (const [i, answer] of answers.entries()) {
    for (const [j, state] of answer.buckets.entries()) {
      const place = parts[i]?.places[j];
      if (place !== undefined) buckets[place] = state;
    }
  }
  return {
    admitted: answers.every(({ admitted }) => admitted),
    buckets,
    hint: answers.find(({ hint }) => hint !== null)?.hint ?? null,
  };
}

async function decide(client: RedisClient, part: Part, cost: number): Promise<Admission> {
  const { bucketKeys, buckets, hintKey } = part;
  const args: number[] = [cost, hintBytesMax];
  for (const { capacity, windowMs } of buckets) args.push(capacity, windowMs);
  const keys = hintKey === null ? bucketKeys : [...bucketKeys, hintKey];
  const reply = listOf(await runScript(client, take, keys, args), buckets.length + 2);
  const admitted = wholeNumber(reply[0], 1) === 1;
  const states = buckets.map((bucket, i) => {
    const missing = wholeNumber(reply[i + 1], bucket.capacity * bucket.windowMs);
    return describeBucket(bucket, missing, cost);
  });
  return { admitted, buckets: states, hint: hintOf(reply[buckets.length + 1]) };
}

function hintOf(value: unknown): string | null {
  if (value === null || typeof value === 'string') return value;
  throw new ReplyNotUnderstood('a hint that is not text');
}

/**
 * The arithmetic of memory-buckets.ts, on Redis' own clock. A bucket is the text `missing at`; what
 * is no such text is a full bucket, and a level from the future (the clock stepped back) counts
 * from now. Every number is a whole one below 2^53, which Lua's doubles hold exactly; `%.0f`
 * because its own way of writing numbers rounds after 14 digits. A refusal writes nothing: the
 * level is a straight line, so it can be read from any of its points. A bucket ends by itself when
 * it would be full.
 */
const take = script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local cost = tonumber(ARGV[1])
local buckets = (#ARGV - 2) / 2
local stored = redis.call('MGET', unpack(KEYS))
local reply = {1}
for i = 1, buckets do
  local capacity, window = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2])
  local missing = 0
  if stored[i] then
    local was, at = string.match(stored[i], '^(%d+) (%d+)$')
    if was then
      local elapsed = math.max(0, math.min(now - tonumber(at), window))
      missing = math.max(0, math.min(tonumber(was), capacity * window) - elapsed * capacity)
    end
  end
  if missing + cost * window > capacity * window then reply[1] = 0 end
  reply[i + 1] = missing
end
if reply[1] == 1 then
  for i = 1, buckets do
    local capacity, window = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2])
    local missing = reply[i + 1] + cost * window
    reply[i + 1] = missing
    redis.call('SET', KEYS[i], string.format('%.0f %.0f', missing, now),
      'PX', string.format('%.0f', math.ceil(missing / capacity)))
  end
end
local hint = stored[buckets + 1]
if hint and #hint > tonumber(ARGV[2]) then hint = false end
reply[buckets + 2] = hint or false
return reply
`);
