import { createHash } from 'node:crypto';
import type { RedisClient } from './client.ts';

/** A script that the server knows by its hash, and is told again where it has forgotten it. */
export interface Script {
  readonly lua: string;
  readonly hash: string;
}

export function script(lua: string): Script {
  return { lua, hash: createHash('sha1').update(lua).digest('hex') };
}

/**
 * One round trip; two after a restart, a failover or SCRIPT FLUSH: then it may be overtaken by what
 * was asked after it.
 */
export async function runScript(
  client: RedisClient,
  { lua, hash }: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await client.evalsha(hash, keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return client.eval(lua, keys.length, ...keys, ...args);
  }
}

/** Redis answered something that the script cannot have said. */
export class ReplyNotUnderstood extends Error {
  override readonly name = 'ReplyNotUnderstood';
}

/** @throws ReplyNotUnderstood */
export function wholeNumber(value: unknown, max = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > max)
    throw new ReplyNotUnderstood('not a whole number in its range');
  return value;
}

/** @throws ReplyNotUnderstood */
export function listOf(value: unknown, length: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length !== length)
    throw new ReplyNotUnderstood(`not a list of ${length}`);
  return value;
}
