import { hash } from 'node:crypto';
import { assert } from '../../assert.ts';

/** How everything of ours is named on a server that others may share. */
export interface Keys {
  readonly bucket: (policy: string, subject: string) => string;
  readonly hint: (hintKey: string) => string;
  readonly lease: (name: string) => string;
  /** The last fencing number. */
  readonly fence: string;
  readonly channel: (name: string) => string;
}

/**
 * A Cluster places a key by what stands in its first braces. All buckets of one subject stand
 * together, and with them each hint whose key begins with that subject in braces (`{user}:key`);
 * all leases stand together, so that a group's names are one call: a few hundred calls a second, of
 * one node.
 */
export function openKeys(prefix: string): Keys {
  assert(/^[\w.:-]+$/.test(prefix), 'a prefix has no braces and no spaces');
  return {
    bucket: (policy, subject) => `${prefix}:{${tag(subject)}}:${policy}`,
    hint: (hintKey) => `${prefix}:hint:${hintKey}`,
    lease: (name) => `${prefix}:{lease}:${name}`,
    fence: `${prefix}:{lease}`,
    channel: (name) => `${prefix}:channel:${name}`,
  };
}

const plain = /^[\w.:/-]{1,64}$/;

/**
 * E-mail addresses are nobody's business on a shared server, and an overlong subject is only long.
 */
function tag(subject: string): string {
  return plain.test(subject) ? subject : hash('sha256', subject, 'base64url');
}

/** What decides the slot of a key, by the rule of Redis Cluster. */
export function slotTag(key: string): string {
  const start = key.indexOf('{');
  if (start === -1) return key;
  const end = key.indexOf('}', start + 1);
  return end <= start + 1 ? key : key.slice(start + 1, end);
}
